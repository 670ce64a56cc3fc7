"""DescribeDelegationToken: which tokens there are, of which owners (KIP-48, KIP-373)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import Bytes, Int16, Int32, Int64, String, since


class DescribeDelegationTokenOwner(NamedTuple):
    """One of whose tokens one wants to know."""

    principal_type: String = ""
    principal_name: String = ""


class DescribeDelegationTokenRequest(NamedTuple):
    """Describe the tokens of these."""

    owners: tuple[DescribeDelegationTokenOwner, ...] | None = ()
    """Null for all that one may see."""


class DescribedDelegationTokenRenewer(NamedTuple):
    """One who may prolong a token's life."""

    principal_type: String = ""
    principal_name: String = ""


class DescribedDelegationToken(NamedTuple):
    """One token."""

    principal_type: String = ""
    principal_name: String = ""
    token_requester_principal_type: Annotated[String, since(3)] = ""
    token_requester_principal_name: Annotated[String, since(3)] = ""
    issue_timestamp: Int64 = 0
    expiry_timestamp: Int64 = 0
    max_timestamp: Int64 = 0
    token_id: String = ""
    hmac: Bytes = b""
    renewers: tuple[DescribedDelegationTokenRenewer, ...] = ()


class DescribeDelegationTokenResponse(NamedTuple):
    """The tokens, or an error."""

    error_code: Int16 = 0
    tokens: tuple[DescribedDelegationToken, ...] = ()
    throttle_time_ms: Int32 = 0
