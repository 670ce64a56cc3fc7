"""Every name that a Java producer has is there, with its tags and a line that says what it means."""

from collections import Counter
from pathlib import Path

import pytest

from producer.metrics import ProducerMetrics, RecordingLevel
from producer.metrics.registry import LEFT_OUT, METRICS, TLS_CONNECTIONS, Group, Metric
from tests.unit.producer.scripted_cluster import ScriptedCluster

HERE = Path(__file__).parent
KAFKA = (HERE / "kafka_4_3_1_names.txt").read_text().split()
"""What `KafkaProducer.metrics()` of kafka-clients 4.3.1 held after records to one topic and one broker, but app-info."""


def told(level: str = "INFO") -> list[str]:
    cluster = ScriptedCluster(metrics_recording_level=level)
    cluster.send_alone(b"a")
    cluster.answer()
    return [str(name) for name in cluster.engine.metrics.measure(cluster.now_us)]


def test_every_metric_of_the_java_producer_is_told_and_ours_are_marked() -> None:
    ours = {(one.group.value, one.name) for one in METRICS if one.is_ours}

    names = told()

    assert sorted(set(KAFKA) - set(names)) == []
    more = {(name.partition(":")[0], name.partition(":")[2].partition("{")[0]) for name in set(names) - set(KAFKA)}
    assert more == {one for one in ours if one[0] == Group.PRODUCER.value}
    assert len(names) == len(set(names))


def test_percentiles_by_topic_and_node_are_recorded_from_debug_on() -> None:
    debug = set(told("DEBUG"))

    assert debug - set(told("INFO")) == {
        f"producer-topic-metrics:record-latency-{what}{{client-id=p,topic=orders}}"
        for what in ("avg", "max", "p50", "p95", "p99")
    } | {
        f"producer-node-metrics:request-latency-p{percent}{{client-id=p,node-id=node-{node}}}"
        for percent in (50, 95, 99)
        for node in ("-1", "1")
    }
    assert set(told("TRACE")) == debug


def test_all_of_kafka_s_are_recorded_at_its_default_level() -> None:
    assert {one.level for one in METRICS if not one.is_ours} == {RecordingLevel.INFO}


@pytest.mark.parametrize(
    "metric", [*METRICS, TLS_CONNECTIONS], ids=lambda metric: f"{metric.group.value}-{metric.name}"
)
def test_each_says_in_one_line_what_it_means(metric: Metric) -> None:
    assert metric.meaning.endswith(".")
    assert "\n" not in metric.meaning
    assert metric.meaning[0].isupper()
    assert metric.divisor > 0


def test_no_name_is_given_twice() -> None:
    counted = Counter((one.group, one.name) for one in METRICS)

    assert [name for name, count in counted.items() if count > 1] == []


def test_what_is_left_out_has_a_reason() -> None:
    assert all(LEFT_OUT.values())
    assert not any(name.startswith(tuple(LEFT_OUT)) for name in told())


def test_the_number_of_metrics_counts_itself() -> None:
    metrics = ProducerMetrics(client_id="p")

    measured = metrics.measure(0)

    assert measured.value("count", group="kafka-metrics-count") == len(measured)


def test_tls_connections_are_counted_by_cipher_while_they_last() -> None:
    metrics = ProducerMetrics(client_id="p")
    for connection in (1, 2, 3):
        metrics.secured(connection, "TLS_AES_256_GCM_SHA384" if connection < 3 else "OTHER", "TLSv1.3")
    metrics.disconnected(3, 0)

    measured = metrics.measure(0)

    assert measured.value("connections", cipher="TLS_AES_256_GCM_SHA384", protocol="TLSv1.3") == 2
    assert sum(name.name == "connections" for name in measured) == 1
