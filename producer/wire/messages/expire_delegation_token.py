"""ExpireDelegationToken: let a token's life end sooner, or now (KIP-48)."""

from typing import NamedTuple

from producer.wire.schema import Bytes, Int16, Int32, Int64


class ExpireDelegationTokenRequest(NamedTuple):
    """End this one."""

    hmac: Bytes = b""
    expiry_time_period_ms: Int64 = 0
    """Negative for at once."""


class ExpireDelegationTokenResponse(NamedTuple):
    """How long it lives now, or an error."""

    error_code: Int16 = 0
    expiry_timestamp_ms: Int64 = 0
    throttle_time_ms: Int32 = 0
