"""What others read: Prometheus's text, line by line, and the table for people."""

import math

import pytest

from producer.metrics import Measured, MetricName, ProducerMetrics, prometheus_text, summary
from producer.metrics.exporters import _said
from tests.unit.producer.scripted_cluster import ScriptedCluster


def measured_run() -> Measured:
    cluster = ScriptedCluster(brokers=2, partitions=2)
    for index in range(2):
        cluster.send(b"x" * 100, partition=index)
    cluster.advance(5_000)
    cluster.advance(20_000)
    cluster.answer()
    cluster.answer()
    return cluster.engine.metrics.measure(cluster.now_us)


def test_a_metric_becomes_a_family_with_help_type_and_a_sample_for_each_tag() -> None:
    text = prometheus_text(measured_run())

    assert (
        "# HELP kafka_producer_node_request_total Requests of any kind sent to the broker, since the start.\n"
        "# TYPE kafka_producer_node_request_total counter\n"
        'kafka_producer_node_request_total{client_id="p",node_id="node--1"} ' in text
    )
    assert 'kafka_producer_topic_record_send_total{client_id="p",topic="orders"} 2\n' in text
    assert "# TYPE kafka_producer_request_latency_p99 gauge\n" in text
    assert 'kafka_producer_reauthentication_latency_avg{client_id="p"} NaN\n' in text
    assert 'kafka_metrics_count{client_id="p"} ' in text
    assert text.endswith("\n")


def test_each_family_is_opened_once_and_keeps_its_samples_together() -> None:
    lines = prometheus_text(measured_run()).splitlines()

    opened = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(opened) == len(set(opened))
    family = ""
    for line in lines:
        if line.startswith("#"):
            family = line.split()[2]
        else:
            name, _, rest = line.partition("{")
            assert name == family
            float(rest.rpartition(" ")[2])


def test_producers_merged_into_one_text_share_their_families() -> None:
    merged = {**ProducerMetrics(client_id="a").measure(0), **ProducerMetrics(client_id="b").measure(0)}

    text = prometheus_text(merged)

    assert text.count("# TYPE kafka_producer_select_total counter") == 1
    assert 'kafka_producer_select_total{client_id="a"} 0\nkafka_producer_select_total{client_id="b"} 0\n' in text


@pytest.mark.parametrize(
    "client, label",
    [("plain", "plain"), ('say "hi"', r"say \"hi\""), ("back\\slash", r"back\\slash"), ("two\nlines", r"two\nlines")],
)
def test_a_tag_s_value_is_escaped(client: str, label: str) -> None:
    text = prometheus_text(ProducerMetrics(client_id=client).measure(0))

    assert f'kafka_producer_select_total{{client_id="{label}"}} 0\n' in text


@pytest.mark.parametrize(
    "value, written", [(0.0, "0"), (3.0, "3"), (0.25, "0.25"), (math.nan, "NaN"), (1e18, "1" + 18 * "0")]
)
def test_numbers_are_written_without_loss(value: float, written: str) -> None:
    name = MetricName("producer-metrics", "batch-size-avg", (("client-id", "p"),))

    assert prometheus_text({name: value}).endswith(f" {written}\n")


def test_the_table_has_a_line_for_the_producer_s_affairs_each_topic_and_each_broker() -> None:
    lines = summary(measured_run())

    labels = [line[:16].strip() for line in lines]
    assert labels[:3] == ["records", "batches", "queue time"]
    assert labels[-4:] == ["topic orders", "node--1", "node-1", "node-2"]
    assert "sent 2 " in lines[0]
    assert next(line for line in lines if line.startswith("request latency")).endswith("max 20 ms")


@pytest.mark.parametrize(
    "value, unit, said",
    [
        (math.nan, "ms", "-"),
        (0.0, "", "0"),
        (12_345.0, "ms", "12,345 ms"),
        (12_345.6, "", "12,346"),
        (12.34, "ms", "12.3 ms"),
        (0.12345, "s", "0.123 s"),
        (0.0305, "%", "3.0%"),
    ],
)
def test_numbers_are_said_as_short_as_they_may_be(value: float, unit: str, said: str) -> None:
    assert _said(value, unit) == said


def test_the_table_of_a_producer_that_did_nothing_shows_dashes_not_nan() -> None:
    text = "\n".join(summary(ProducerMetrics(client_id="p").measure(0)))

    assert "nan" not in text
    assert "p50 - ms" not in text
    assert "p50 -" in text


@pytest.mark.parametrize(
    "name, tags",
    [
        ("request-total", {"node_id": "node-9"}),
        ("record-send-totals", {}),
        ("byte-total", {"topic": "orders", "client_id": "q"}),
    ],
)
def test_a_value_that_is_not_there_is_named(name: str, tags: dict[str, str]) -> None:
    with pytest.raises(KeyError, match=f"0 metrics of group .* are called {name}"):
        measured_run().value(name, **tags)
