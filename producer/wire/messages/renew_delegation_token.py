"""RenewDelegationToken: let a token live longer (KIP-48)."""

from typing import NamedTuple

from producer.wire.schema import Bytes, Int16, Int32, Int64


class RenewDelegationTokenRequest(NamedTuple):
    """Prolong this one's life."""

    hmac: Bytes = b""
    renew_period_ms: Int64 = 0


class RenewDelegationTokenResponse(NamedTuple):
    """How long it lives now, or an error."""

    error_code: Int16 = 0
    expiry_timestamp_ms: Int64 = 0
    throttle_time_ms: Int32 = 0
