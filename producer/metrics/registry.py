"""Every metric by Kafka's name: its group, its tags, which statistic of which sensor it is, and what it means.

The names of groups "producer-metrics", "producer-topic-metrics", "producer-node-metrics" and "kafka-metrics-count" are
those of Apache Kafka 4.3; rows marked `is_ours` are additions.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from producer.metrics.stats import RecordingLevel


class MetricName(NamedTuple):
    """One metric of one producer, topic or node (`org.apache.kafka.common.MetricName`)."""

    group: str
    name: str
    tags: tuple[tuple[str, str], ...]
    """(name, value), client-id first."""

    def __str__(self) -> str:
        return f"{self.group}:{self.name}{{{','.join(f'{name}={value}' for name, value in self.tags)}}}"


class Group(Enum):
    """Where a metric belongs, and so which tags it has."""

    PRODUCER = "producer-metrics"
    TOPIC = "producer-topic-metrics"
    NODE = "producer-node-metrics"
    COUNT = "kafka-metrics-count"


class Stat(Enum):
    """What is read from a sensor."""

    RATE = "sum of values, per second"
    EVENT_RATE = "number of events, per second"
    AVG = "average"
    MAX = "maximum"
    TOTAL = "sum of values since the start"
    COUNT = "number of events since the start"
    P50 = "50th percentile"
    P95 = "95th percentile"
    P99 = "99th percentile"
    VALUE = "as it is now"

    @property
    def is_cumulative(self) -> bool:
        return self is Stat.TOTAL or self is Stat.COUNT


PERCENTS = {Stat.P50: 50, Stat.P95: 95, Stat.P99: 99}


class Metric(NamedTuple):
    """One row of the registry."""

    group: Group
    name: str
    sensor: str
    """The attribute that records it; for a VALUE, the name of the gauge."""
    stat: Stat
    meaning: str
    divisor: int = 1
    """What is recorded is so many times what is told."""
    level: RecordingLevel = RecordingLevel.INFO
    is_ours: bool = False


_P, _T, _N = Group.PRODUCER, Group.TOPIC, Group.NODE
_MS = 1_000
"""Recorded in microseconds, told in milliseconds."""
_SECOND = 1_000_000
_NS_PER_SECOND = 1_000_000_000
"""Nanoseconds per second, told as a share of the time."""


def _meter(group: Group, name: str, what: str, *, events: bool = False, sensor: str | None = None) -> list[Metric]:
    """Give the rate and the total of one sensor, as Kafka's Meter does; of its events, or of their values."""
    sensor = sensor or name.replace("-", "_")
    rate, total = (Stat.EVENT_RATE, Stat.COUNT) if events else (Stat.RATE, Stat.TOTAL)
    return [
        Metric(group, f"{name}-rate", sensor, rate, f"{what}, per second."),
        Metric(group, f"{name}-total", sensor, total, f"{what}, since the start."),
    ]


def _spread(group: Group, name: str, what: str, *, divisor: int = 1) -> list[Metric]:
    """Give the average and the maximum of one sensor."""
    sensor = name.replace("-", "_")
    return [
        Metric(group, f"{name}-avg", sensor, Stat.AVG, f"{what}: average.", divisor),
        Metric(group, f"{name}-max", sensor, Stat.MAX, f"{what}: maximum.", divisor),
    ]


def _percentiles(group: Group, name: str, what: str, level: RecordingLevel = RecordingLevel.INFO) -> list[Metric]:
    sensor = name.replace("-", "_")
    return [
        Metric(group, f"{name}-p{percent}", sensor, stat, f"{what}: {percent}th percentile.", _MS, level, is_ours=True)
        for stat, percent in PERCENTS.items()
    ]


def _ours(rows: list[Metric], level: RecordingLevel = RecordingLevel.INFO) -> list[Metric]:
    return [row._replace(is_ours=True, level=level) for row in rows]


def _spent(name: str, method: str) -> Metric:
    sensor = f"{name.replace('-', '_')}_time_ns"
    return Metric(_P, f"{name}-time-ns-total", sensor, Stat.TOTAL, f"Nanoseconds spent in {method}, since the start.")


_REQUEST_LATENCY = "Milliseconds from a Produce request to its answer"
_RECORD_LATENCY = (
    "Milliseconds from the first record of a batch to its acknowledgement, counted for each of its records"
)
_PLAIN = "none without TLS and SASL"

METRICS: tuple[Metric, ...] = (
    # -- batches and records, as they leave -------------------------------------------------------------------------
    *_spread(_P, "batch-size", "Bytes of a batch as sent, compressed"),
    Metric(_P, "compression-rate-avg", "compression_rate", Stat.AVG,
           "Compressed bytes of a batch's records over uncompressed ones: average."),
    *_spread(_P, "record-queue-time", "Milliseconds from a batch's first record until it left", divisor=_MS),
    *_spread(_P, "record-size", "Bytes of the largest record of a batch, encoded, before compression"),
    Metric(_P, "records-per-request-avg", "record_send", Stat.AVG, "Records of a Produce request: average."),
    *_meter(_P, "record-send", "Records sent, retries included"),
    *_meter(_P, "record-retry", "Records whose batch went back for another attempt"),
    *_meter(_P, "record-error", "Records given up, and records that `send` refused"),
    *_meter(_P, "batch-split", "Batches split because no broker took them", events=True),
    # -- answers ----------------------------------------------------------------------------------------------------
    *_spread(_P, "request-latency", _REQUEST_LATENCY, divisor=_MS),
    *_percentiles(_P, "request-latency", _REQUEST_LATENCY),
    *_ours(_spread(_P, "record-latency", _RECORD_LATENCY, divisor=_MS)),
    *_percentiles(_P, "record-latency", _RECORD_LATENCY),
    *_spread(_P, "produce-throttle-time", "Milliseconds for which an answer asks to send nothing (quotas)"),
    Metric(_P, "requests-in-flight", "requests_in_flight", Stat.VALUE, "Requests that wait for their answer."),
    Metric(_P, "metadata-age", "metadata_age", Stat.VALUE, "Seconds since the cluster last told its metadata.",
           _SECOND),
    # -- buffer.memory ----------------------------------------------------------------------------------------------
    Metric(_P, "bufferpool-wait-ratio", "bufferpool_wait_time_ns", Stat.RATE,
           "Share of the time that `send` waited for room in buffer.memory; several threads add up.", _NS_PER_SECOND),
    Metric(_P, "bufferpool-wait-time-ns-total", "bufferpool_wait_time_ns", Stat.TOTAL,
           "Nanoseconds that `send` waited for room in buffer.memory, since the start."),
    *_meter(_P, "buffer-exhausted", "Records refused because no room came within max.block.ms", events=True),
    Metric(_P, "waiting-threads", "waiting_threads", Stat.VALUE, "Calls of `send` that wait for room now."),
    Metric(_P, "buffer-total-bytes", "buffer_total_bytes", Stat.VALUE, "Bytes of buffer.memory."),
    Metric(_P, "buffer-available-bytes", "buffer_available_bytes", Stat.VALUE, "Bytes of it that are free."),
    # -- time that the application spends in the producer -------------------------------------------------------------
    _spent("flush", "flush()"),
    _spent("metadata-wait", "waits for a topic's metadata"),
    _spent("txn-init", "init_transactions()"),
    _spent("txn-begin", "begin_transaction()"),
    _spent("txn-send-offsets", "send_offsets_to_transaction()"),
    _spent("txn-commit", "commit_transaction()"),
    _spent("txn-abort", "abort_transaction()"),
    _spent("txn-prepare", "prepare_transaction()"),
    # -- connections ------------------------------------------------------------------------------------------------
    *_meter(_P, "connection-creation", "Connections that came up", events=True),
    *_meter(_P, "connection-close", "Connections that ended, or could not be had", events=True),
    Metric(_P, "connection-count", "connection_count", Stat.VALUE, "Connections, those being set up included."),
    *_meter(_P, "successful-authentication", f"Connections whose peers accepted each other ({_PLAIN})", events=True),
    Metric(_P, "successful-authentication-no-reauth-total", "successful_authentication", Stat.COUNT,
           "Those of them that are not authenticated anew later: all, since the start."),
    *_meter(_P, "failed-authentication", f"Connections where one peer refused the other ({_PLAIN})", events=True),
    *_meter(_P, "successful-reauthentication", "Connections authenticated anew (KIP-368)", events=True),
    *_meter(_P, "failed-reauthentication", "Connections that failed to authenticate anew (KIP-368)", events=True),
    *_spread(_P, "reauthentication-latency", "Milliseconds to authenticate anew", divisor=_MS),
    # -- traffic ----------------------------------------------------------------------------------------------------
    *_meter(_P, "network-io", "Reads and writes on all connections", events=True),
    *_meter(_P, "outgoing-byte", "Bytes sent to all brokers", sensor="request"),
    *_meter(_P, "incoming-byte", "Bytes received from all brokers"),
    Metric(_P, "request-rate", "request", Stat.EVENT_RATE, "Requests of any kind sent, per second."),
    Metric(_P, "request-total", "request", Stat.COUNT, "Requests of any kind sent, since the start."),
    Metric(_P, "request-size-avg", "request", Stat.AVG, "Bytes of a request: average."),
    Metric(_P, "request-size-max", "request", Stat.MAX, "Bytes of a request: maximum."),
    *_meter(_P, "response", "Answers received", events=True),
    # -- the thread of the sockets ----------------------------------------------------------------------------------
    *_meter(_P, "select", "Looks at the sockets", events=True),
    Metric(_P, "io-wait-time-ns-avg", "select", Stat.AVG, "Nanoseconds of waiting for the sockets in one look: average."),
    Metric(_P, "io-wait-time-ns-total", "select", Stat.TOTAL, "Nanoseconds of waiting for the sockets, since the start."),
    Metric(_P, "io-wait-ratio", "select", Stat.RATE, "Share of the time spent waiting for the sockets.", _NS_PER_SECOND),
    Metric(_P, "io-time-ns-avg", "io_time_ns", Stat.AVG, "Nanoseconds of work after one look: average."),
    Metric(_P, "io-time-ns-total", "io_time_ns", Stat.TOTAL, "Nanoseconds of work after looks, since the start."),
    Metric(_P, "io-ratio", "io_time_ns", Stat.RATE, "Share of the time spent at work after looks.", _NS_PER_SECOND),
    # -- each topic -------------------------------------------------------------------------------------------------
    *_meter(_T, "record-send", "Records of the topic sent, retries included"),
    *_meter(_T, "byte", "Bytes of the topic's batches sent, compressed"),
    *_meter(_T, "record-retry", "Records of the topic whose batch went back for another attempt"),
    *_meter(_T, "record-error", "Records of the topic given up"),
    Metric(_T, "compression-rate", "compression_rate", Stat.AVG,
           "Compressed bytes of the topic's records over uncompressed ones: average."),
    *_ours(_spread(_T, "record-latency", _RECORD_LATENCY, divisor=_MS), RecordingLevel.DEBUG),
    *_percentiles(_T, "record-latency", _RECORD_LATENCY, RecordingLevel.DEBUG),
    # -- each node --------------------------------------------------------------------------------------------------
    *_meter(_N, "outgoing-byte", "Bytes sent to the broker", sensor="request"),
    *_meter(_N, "incoming-byte", "Bytes received from the broker"),
    Metric(_N, "request-rate", "request", Stat.EVENT_RATE, "Requests of any kind sent to the broker, per second."),
    Metric(_N, "request-total", "request", Stat.COUNT, "Requests of any kind sent to the broker, since the start."),
    Metric(_N, "request-size-avg", "request", Stat.AVG, "Bytes of a request to the broker: average."),
    Metric(_N, "request-size-max", "request", Stat.MAX, "Bytes of a request to the broker: maximum."),
    *_meter(_N, "response", "Answers received from the broker", events=True),
    *_spread(_N, "request-latency", "Milliseconds from a Produce request to the broker until its answer", divisor=_MS),
    *_percentiles(_N, "request-latency", "Milliseconds from a Produce request to the broker until its answer",
                  RecordingLevel.DEBUG),
    # -- the metrics themselves -------------------------------------------------------------------------------------
    Metric(Group.COUNT, "count", "count", Stat.VALUE, "Metrics there are, this one included."),
)  # fmt: skip

TLS_CONNECTIONS = Metric(
    _P, "connections", "connections", Stat.VALUE, "TLS connections that agreed on this cipher and protocol."
)
"""Its tags come with the connections, so it stands apart from the others."""

TAGS = {
    Group.PRODUCER: ("client-id",),
    Group.TOPIC: ("client-id", "topic"),
    Group.NODE: ("client-id", "node-id"),
    Group.COUNT: ("client-id",),
}

LEFT_OUT = {
    "app-info": "its values (version, commit-id, start-time-ms) are facts about a Java library",
}
"""What a Java producer tells besides, and why this one does not."""
