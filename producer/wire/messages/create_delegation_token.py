"""CreateDelegationToken: a secret that stands for a principal, for those who shall act on its behalf (KIP-48, KIP-373)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import Bytes, Int16, Int32, Int64, String, since


class CreatableRenewers(NamedTuple):
    """One who may prolong the token's life."""

    principal_type: String = ""
    principal_name: String = ""


class CreateDelegationTokenRequest(NamedTuple):
    """Give me a token."""

    owner_principal_type: Annotated[String | None, since(3)] = ""
    """Whom it stands for; null for who asks."""
    owner_principal_name: Annotated[String | None, since(3)] = ""
    renewers: tuple[CreatableRenewers, ...] = ()
    max_lifetime_ms: Int64 = 0
    """-1 for the broker's own limit."""


class CreateDelegationTokenResponse(NamedTuple):
    """The token, or an error."""

    error_code: Int16 = 0
    principal_type: String = ""
    """Whom it stands for."""
    principal_name: String = ""
    token_requester_principal_type: Annotated[String, since(3)] = ""
    """Who asked for it."""
    token_requester_principal_name: Annotated[String, since(3)] = ""
    issue_timestamp_ms: Int64 = 0
    expiry_timestamp_ms: Int64 = 0
    max_timestamp_ms: Int64 = 0
    token_id: String = ""
    hmac: Bytes = b""
    throttle_time_ms: Int32 = 0
