"""PushTelemetry: a client's metrics, to a broker (KIP-714)."""

from typing import NamedTuple

from producer.wire.schema import ZERO_ID, Boolean, Bytes, Int8, Int16, Int32, Uuid


class PushTelemetryRequest(NamedTuple):
    """My metrics."""

    client_instance_id: Uuid = ZERO_ID
    subscription_id: Int32 = 0
    terminating: Boolean = False
    """The client closes; this is the last push."""
    compression_type: Int8 = 0
    """The number of a codec, as in record batches."""
    metrics: Bytes = b""
    """OpenTelemetry's MetricsData in Protocol Buffers, compressed."""


class PushTelemetryResponse(NamedTuple):
    """Whether they were taken."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
