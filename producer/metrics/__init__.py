"""Kafka's producer metrics: its names, its windows, recorded per batch and read at any time (`Producer.metrics`)."""

from producer.metrics.exporters import markdown_table, prometheus_text, summary
from producer.metrics.recorder import Measured, ProducerMetrics
from producer.metrics.registry import MetricName
from producer.metrics.stats import RecordingLevel, Window

__all__ = [
    "Measured",
    "MetricName",
    "ProducerMetrics",
    "RecordingLevel",
    "Window",
    "markdown_table",
    "prometheus_text",
    "summary",
]
