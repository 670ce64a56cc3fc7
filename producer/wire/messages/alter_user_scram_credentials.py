"""AlterUserScramCredentials: users get, change and lose SCRAM credentials (KIP-554)."""

from typing import NamedTuple

from producer.wire.schema import Bytes, Int8, Int16, Int32, String


class ScramCredentialDeletion(NamedTuple):
    """A credential that goes."""

    name: String = ""
    mechanism: Int8 = 0
    """1 SCRAM-SHA-256, 2 SCRAM-SHA-512."""


class ScramCredentialUpsertion(NamedTuple):
    """A credential that comes, or changes."""

    name: String = ""
    mechanism: Int8 = 0
    """1 SCRAM-SHA-256, 2 SCRAM-SHA-512."""
    iterations: Int32 = 0
    salt: Bytes = b""
    salted_password: Bytes = b""
    """The client has salted it: the broker never sees the password."""


class AlterUserScramCredentialsRequest(NamedTuple):
    """Change these."""

    deletions: tuple[ScramCredentialDeletion, ...] = ()
    upsertions: tuple[ScramCredentialUpsertion, ...] = ()


class AlterUserScramCredentialsResult(NamedTuple):
    """What became of one user."""

    user: String = ""
    error_code: Int16 = 0
    error_message: String | None = ""


class AlterUserScramCredentialsResponse(NamedTuple):
    """What became of each user."""

    throttle_time_ms: Int32 = 0
    results: tuple[AlterUserScramCredentialsResult, ...] = ()
