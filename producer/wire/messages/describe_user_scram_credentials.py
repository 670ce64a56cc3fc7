"""DescribeUserScramCredentials: which SCRAM mechanisms users can authenticate by (KIP-554)."""

from typing import NamedTuple

from producer.wire.schema import Int8, Int16, Int32, String


class UserName(NamedTuple):
    """A user."""

    name: String = ""


class DescribeUserScramCredentialsRequest(NamedTuple):
    """Describe these users."""

    users: tuple[UserName, ...] | None = ()
    """Null or empty for all."""


class CredentialInfo(NamedTuple):
    """One credential; what is secret in it is not told."""

    mechanism: Int8 = 0
    """1 SCRAM-SHA-256, 2 SCRAM-SHA-512."""
    iterations: Int32 = 0


class DescribeUserScramCredentialsResult(NamedTuple):
    """One user."""

    user: String = ""
    error_code: Int16 = 0
    error_message: String | None = ""
    credential_infos: tuple[CredentialInfo, ...] = ()


class DescribeUserScramCredentialsResponse(NamedTuple):
    """The users."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""
    results: tuple[DescribeUserScramCredentialsResult, ...] = ()
