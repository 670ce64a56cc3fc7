"""What becomes of measured metrics: Prometheus's text, a table for people, and the table in the documentation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from producer.metrics.registry import LEFT_OUT, METRICS, TAGS, TLS_CONNECTIONS, Group, Metric, MetricName
from producer.metrics.stats import RecordingLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIXES = {
    Group.PRODUCER.value: "kafka_producer_",
    Group.TOPIC.value: "kafka_producer_topic_",
    Group.NODE.value: "kafka_producer_node_",
    Group.COUNT.value: "kafka_metrics_",
}
_ROWS: dict[tuple[str, str], Metric] = {(one.group.value, one.name): one for one in (*METRICS, TLS_CONNECTIONS)}


# -- Prometheus --------------------------------------------------------------------------------------------------------


def prometheus_text(measured: Mapping[MetricName, float]) -> str:
    """Write metrics in Prometheus's text exposition format, version 0.0.4: for a file that is collected, or a handler.

    `batch-size-avg` of `producer-topic-metrics` becomes `kafka_producer_topic_batch_size_avg`; tags become labels.
    Totals are counters, everything else a gauge. Several producers' metrics may be merged into one mapping first.
    """
    families: dict[tuple[str, str], list[str]] = {}
    for name, value in measured.items():
        family = _PREFIXES[name.group] + _underscored(name.name)
        labels = ",".join(f'{_underscored(tag)}="{_escaped(text)}"' for tag, text in name.tags)
        families.setdefault((name.group, name.name), []).append(f"{family}{{{labels}}} {_number(value)}\n")
    parts = []
    for key, samples in families.items():
        row = _ROWS[key]
        family = samples[0].partition("{")[0]
        kind = "counter" if row.stat.is_cumulative else "gauge"
        parts += [f"# HELP {family} {_escaped(row.meaning, quotes=False)}\n", f"# TYPE {family} {kind}\n", *samples]
    return "".join(parts)


def _underscored(name: str) -> str:
    return name.replace("-", "_")


def _escaped(text: str, *, quotes: bool = True) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) else repr(value)


# -- for people --------------------------------------------------------------------------------------------------------

_SUMMARY: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "records",
        (
            ("sent", "record-send-total", ""),
            ("a second", "record-send-rate", ""),
            ("retried", "record-retry-total", ""),
            ("failed", "record-error-total", ""),
        ),
    ),
    (
        "batches",
        (
            ("bytes avg", "batch-size-avg", ""),
            ("max", "batch-size-max", ""),
            ("compression", "compression-rate-avg", ""),
            ("split", "batch-split-total", ""),
        ),
    ),
    (
        "queue time",
        (
            ("avg", "record-queue-time-avg", "ms"),
            ("max", "record-queue-time-max", "ms"),
            ("records a request", "records-per-request-avg", ""),
        ),
    ),
    (
        "request latency",
        (
            ("p50", "request-latency-p50", "ms"),
            ("p95", "request-latency-p95", "ms"),
            ("p99", "request-latency-p99", "ms"),
            ("max", "request-latency-max", "ms"),
        ),
    ),
    (
        "record latency",
        (
            ("p50", "record-latency-p50", "ms"),
            ("p95", "record-latency-p95", "ms"),
            ("p99", "record-latency-p99", "ms"),
            ("max", "record-latency-max", "ms"),
        ),
    ),
    (
        "throttled",
        (("avg", "produce-throttle-time-avg", "ms"), ("max", "produce-throttle-time-max", "ms")),
    ),
    (
        "buffer",
        (
            ("free", "buffer-available-bytes", ""),
            ("of", "buffer-total-bytes", ""),
            ("waiting", "waiting-threads", ""),
            ("of the time waited", "bufferpool-wait-ratio", "%"),
        ),
    ),
    (
        "network",
        (
            ("requests in flight", "requests-in-flight", ""),
            ("bytes out a second", "outgoing-byte-rate", ""),
            ("in", "incoming-byte-rate", ""),
        ),
    ),
    (
        "connections",
        (
            ("now", "connection-count", ""),
            ("made", "connection-creation-total", ""),
            ("ended", "connection-close-total", ""),
        ),
    ),
    (
        "I/O thread",
        (
            ("at work", "io-ratio", "%"),
            ("waiting", "io-wait-ratio", "%"),
            ("metadata age", "metadata-age", "s"),
        ),
    ),
)
"""Line -> (label, metric, unit): what fits on one screen and says what is going on."""

_TOPIC_CELLS = (
    ("sent", "record-send-total", ""),
    ("bytes", "byte-total", ""),
    ("retried", "record-retry-total", ""),
    ("failed", "record-error-total", ""),
)
_NODE_CELLS = (
    ("requests", "request-total", ""),
    ("bytes out", "outgoing-byte-total", ""),
    ("in", "incoming-byte-total", ""),
    ("latency avg", "request-latency-avg", "ms"),
)
LABEL_WIDTH = 16


def summary(measured: Mapping[MetricName, float]) -> list[str]:
    """Give the lines of a table that tells how one producer is doing: the producer, each topic, each broker."""
    own = {name.name: value for name, value in measured.items() if name.group == Group.PRODUCER.value}
    lines = [f"{label:<{LABEL_WIDTH}}{_cells(cells, own)}" for label, cells in _SUMMARY]
    for group, cells in ((Group.TOPIC, _TOPIC_CELLS), (Group.NODE, _NODE_CELLS)):
        for tag, values in _tagged(measured, group):
            label = f"topic {tag}" if group is Group.TOPIC else tag
            lines.append(f"{label:<{LABEL_WIDTH}}{_cells(cells, values)}")
    return lines


def _tagged(measured: Mapping[MetricName, float], group: Group) -> Iterator[tuple[str, dict[str, float]]]:
    """Give the metrics of each topic or node, by its name."""
    found: dict[str, dict[str, float]] = {}
    for name, value in measured.items():
        if name.group == group.value:
            found.setdefault(name.tags[-1][1], {})[name.name] = value
    yield from found.items()


def _cells(cells: tuple[tuple[str, str, str], ...], values: Mapping[str, float]) -> str:
    return "  ".join(f"{label} {_said(values[name], unit)}" for label, name, unit in cells)


def _said(value: float, unit: str) -> str:
    if math.isnan(value):
        return "-"
    if unit == "%":
        return f"{value:.1%}"
    if value == int(value):
        text = f"{int(value):,}"
    elif value >= 1_000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}" if value < 1 else f"{value:.1f}"
    return f"{text} {unit}" if unit else text


# -- for the documentation ---------------------------------------------------------------------------------------------


def markdown_table() -> str:
    """Write the registry as tables, one a group: docs/producer.md holds them, and a test compares."""
    parts = []
    for group in Group:
        tags = ", ".join(f"`{tag}`" for tag in TAGS[group])
        parts.append(f"### `{group.value}`\n\nTags: {tags}.\n\n| metric | meaning |\n|---|---|\n")
        parts += [f"| `{one.name}`{_mark(one)} | {one.meaning} |\n" for one in METRICS if one.group is group]
        if group is TLS_CONNECTIONS.group:
            parts.append(
                f"| `{TLS_CONNECTIONS.name}` | {TLS_CONNECTIONS.meaning} Tags besides: `cipher`, `protocol`. |\n"
            )
        parts.append("\n")
    parts += [f"Not told: `{name}`, for {why}.\n" for name, why in LEFT_OUT.items()]
    return "".join(parts)


def _mark(metric: Metric) -> str:
    """Tell what is not Kafka's, and what needs a level above INFO."""
    mark = " (ours)" if metric.is_ours else ""
    return f"{mark} at {metric.level.name}" if metric.level > RecordingLevel.INFO else mark
