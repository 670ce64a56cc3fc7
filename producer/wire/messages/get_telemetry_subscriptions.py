"""GetTelemetrySubscriptions: which of its metrics a client shall push to the brokers (KIP-714)."""

from typing import NamedTuple

from producer.wire.schema import ZERO_ID, Boolean, Int8, Int16, Int32, String, Uuid


class GetTelemetrySubscriptionsRequest(NamedTuple):
    """Ask what the brokers want to know."""

    client_instance_id: Uuid = ZERO_ID
    """Zero the first time: the broker gives one."""


class GetTelemetrySubscriptionsResponse(NamedTuple):
    """What the client shall push."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    client_instance_id: Uuid = ZERO_ID
    subscription_id: Int32 = 0
    accepted_compression_types: tuple[Int8, ...] = ()
    """Most wanted first; the numbers of record batches."""
    push_interval_ms: Int32 = 0
    telemetry_max_bytes: Int32 = 0
    delta_temporality: Boolean = False
    """Push the growth since the last time, not the sum."""
    requested_metrics: tuple[String, ...] = ()
    """Beginnings of names; one that is empty for all metrics, an empty list for none."""
