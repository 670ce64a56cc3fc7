"""Answers, connections and bytes are measured, within the windows that were chosen; and what drivers tell."""

import math
from typing import Any

import pytest

from producer.errors import Code
from producer.metrics import Measured
from producer.records import Record
from producer.wire.codec import encode
from producer.wire.messages import produce
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

LINGER_US = 5_000
MS_US = 1_000


def measure(cluster: ScriptedCluster) -> Measured:
    return cluster.engine.metrics.measure(cluster.now_us)


def plain(**properties: Any) -> ScriptedCluster:
    return ScriptedCluster(**({"enable_idempotence": False} | properties))


def answer_throttled(cluster: ScriptedCluster, throttle_ms: int) -> None:
    request = cluster.waiting.pop(0)
    topics = tuple(
        produce.ProduceTopicResponse(
            topic.name,
            topic.topic_id,
            tuple(produce.ProducePartitionResponse(index, Code.NONE, -1) for index, _ in topic.partition_data),
        )
        for topic in request.request.topic_data
    )
    body = encode(produce.ProduceResponse(topics, throttle_ms), request.header.api_version)
    cluster._reply(request.connection, request.header, body)
    cluster.settle()


# -- answers -----------------------------------------------------------------------------------------------------------


def test_request_latency_is_the_time_until_a_produce_request_is_answered() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    for latency_ms in (20, 80):
        cluster.send_alone(b"x")
        cluster.advance(latency_ms * MS_US)
        cluster.answer()

    measured = measure(cluster)

    assert measured.value("request-latency-avg") == 50
    assert measured.value("request-latency-max") == 80
    assert measured.value("request-latency-p50") == pytest.approx(20, rel=0.004)
    assert measured.value("request-latency-p99") == pytest.approx(80, rel=0.004)
    assert measured.value("request-latency-avg", node_id="node-1") == 50
    assert math.isnan(measured.value("request-latency-avg", node_id="node--1")), "it only told metadata"


def test_record_latency_counts_each_record_from_the_first_of_its_batch_to_the_acknowledgement() -> None:
    cluster = ScriptedCluster(metrics_recording_level="DEBUG")
    for _ in range(9):
        cluster.send(b"x")
    cluster.advance(LINGER_US + 95 * MS_US)
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(900 * MS_US)
    cluster.answer()
    cluster.send_alone(b"y")
    cluster.advance(10 * MS_US)
    cluster.answer()

    measured = measure(cluster)

    assert measured.value("record-latency-avg") == (9 * 1_000 + 10) / 10
    assert measured.value("record-latency-max") == 1_000
    assert measured.value("record-latency-p50") == pytest.approx(1_000, rel=0.004)
    assert measured.value("record-latency-p95", topic="orders") == measured.value("record-latency-p95")
    # Each request was answered in a tenth of that.
    assert measured.value("request-latency-max") < 1_000


def test_a_request_without_an_answer_has_no_latency() -> None:
    cluster = plain(acks="0")
    cluster.send(b"a")
    cluster.advance(LINGER_US)

    measured = measure(cluster)

    assert cluster.delivered == [b"a"]
    assert measured.value("record-send-total") == 1
    assert math.isnan(measured.value("request-latency-avg"))
    assert measured.value("record-latency-max") == 5


def test_throttle_time_is_what_answers_ask_for() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")

    answer_throttled(cluster, 250)

    measured = measure(cluster)
    assert measured.value("produce-throttle-time-max") == 250
    # Every answer that tells a throttle time counts, most of them with none.
    assert 0 < measured.value("produce-throttle-time-avg") < 250


def test_requests_in_flight_are_those_that_wait_now() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    counts = []
    for value in (b"a", b"b", b"c"):
        cluster.send_alone(value)
        counts.append(measure(cluster).value("requests-in-flight"))
    while cluster.waiting:
        cluster.answer()
    counts.append(measure(cluster).value("requests-in-flight"))

    assert counts == [1, 2, 3, 0]


def test_metadata_age_is_the_time_since_it_was_told() -> None:
    cluster = ScriptedCluster(metadata_max_age_ms=60_000)
    cluster.send_alone(b"a")
    cluster.answer()

    cluster.advance(59 * SECOND_US)
    assert measure(cluster).value("metadata-age") == 59
    cluster.advance(2 * SECOND_US)
    assert measure(cluster).value("metadata-age") == 1


# -- connections and traffic -------------------------------------------------------------------------------------------


def test_connections_are_counted_when_they_come_up_and_when_they_end() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2)
    for index in range(2):
        cluster.send(b"x", partition=index)
    cluster.advance(LINGER_US)
    measured = measure(cluster)
    # One to the bootstrap server, one to each broker.
    assert measured.value("connection-creation-total") == 3
    assert measured.value("connection-count") == 3
    assert measured.value("connection-close-total") == 0

    cluster.refuses_connections = True
    cluster.disconnect_all()
    cluster.advance(10 * MS_US)

    measured = measure(cluster)
    assert measured.value("connection-creation-total") == 3
    assert measured.value("connection-close-total") >= 3
    assert measured.value("connection-count") == 0


def test_a_connection_that_could_not_be_had_was_closed_but_never_created() -> None:
    cluster = plain()
    cluster.refuses_connections = True
    cluster.engine.send(Record("orders", b"a"), 1, now_us=0)
    cluster.settle()

    measured = measure(cluster)

    assert measured.value("connection-creation-total") == 0
    assert measured.value("connection-close-total") == 1


def test_requests_answers_and_bytes_are_counted_in_all_and_by_node() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"x" * 1_000)
    before = measure(cluster)
    cluster.answer()

    measured = measure(cluster)

    # To the bootstrap server: ApiVersions, Metadata. Who is asked for the producer id is the engine's choice.
    totals = {
        name: [measured.value(name, node_id=node) for node in ("node--1", "node-1")]
        for name in ("request-total", "response-total", "outgoing-byte-total", "incoming-byte-total")
    }
    for name, by_node in totals.items():
        assert measured.value(name) == sum(by_node)
        assert all(by_node)
    assert measured.value("request-total") == measured.value("response-total")
    assert measured.value("network-io-total") == 2 * measured.value("request-total")
    assert before.value("response-total") == measured.value("response-total") - 1
    assert measured.value("request-size-max", node_id="node-1") > 1_000
    assert measured.value("request-size-max") == measured.value("request-size-max", node_id="node-1")
    assert measured.value("outgoing-byte-rate") == pytest.approx(measured.value("outgoing-byte-total") / 30)


def test_bytes_that_are_no_answer_yet_are_counted_as_read() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"x")
    before = measure(cluster)
    connection = cluster.waiting[0].connection

    cluster.engine.bytes_received(connection, b"\0\0\0", cluster.now_us)

    measured = measure(cluster)
    assert measured.value("incoming-byte-total") == before.value("incoming-byte-total") + 3
    assert measured.value("network-io-total") == before.value("network-io-total") + 1
    assert measured.value("response-total") == before.value("response-total")


# -- windows -----------------------------------------------------------------------------------------------------------


def test_the_configured_window_decides_what_still_counts() -> None:
    cluster = ScriptedCluster(metrics_sample_window_ms=1_000, metrics_num_samples=3)
    cluster.send_alone(b"a")
    cluster.answer()
    assert measure(cluster).value("record-send-rate") == pytest.approx(1 / 2)

    cluster.advance(3 * SECOND_US)

    measured = measure(cluster)
    assert measured.value("record-send-rate") == 0
    assert math.isnan(measured.value("batch-size-avg"))
    assert math.isnan(measured.value("request-latency-p99"))
    assert measured.value("record-send-total") == 1


def test_reading_twice_tells_the_same() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")

    first, second = measure(cluster), measure(cluster)

    assert list(first) == list(second)
    assert str(first) == str(second)


def test_whether_it_is_read_does_not_change_what_the_engine_does() -> None:
    def seen(*, is_read: bool) -> list[Any]:
        cluster = ScriptedCluster(partitions=2)
        for index in range(6):
            cluster.send(b"%d" % index, partition=index % 2)
            cluster.advance(3_000)
            if is_read:
                measure(cluster)
        return cluster.observed

    assert seen(is_read=True) == seen(is_read=False)


# -- what drivers tell -------------------------------------------------------------------------------------------------


def test_a_driver_tells_its_waits_and_its_work() -> None:
    cluster = ScriptedCluster()
    cluster.engine.metrics.polled(3_000, 1_000, cluster.now_us)
    cluster.engine.metrics.polled(5_000, 1_000, cluster.now_us)

    measured = measure(cluster)

    assert measured.value("select-total") == 2
    assert measured.value("io-wait-time-ns-avg") == 4_000_000
    assert measured.value("io-wait-time-ns-total") == 8_000_000
    assert measured.value("io-wait-ratio") == pytest.approx(0.008 / 30)
    assert measured.value("io-time-ns-total") == 2_000_000
    assert measured.value("io-time-ns-avg") == 1_000_000
    assert measured.value("io-ratio") == pytest.approx(0.002 / 30)


def test_peers_that_accepted_or_refused_each_other_are_counted() -> None:
    cluster = ScriptedCluster()
    cluster.engine.metrics.authenticated(None, 0)
    cluster.engine.metrics.authenticated(None, 0)
    cluster.engine.metrics.authentication_failed(None, 0)
    cluster.engine.metrics.authenticated(1_000, 4_000)
    cluster.engine.metrics.authentication_failed(1_000, 4_000)

    measured = measure(cluster)

    assert measured.value("successful-authentication-total") == 2
    assert measured.value("successful-authentication-no-reauth-total") == 2
    assert measured.value("failed-authentication-total") == 1
    assert measured.value("successful-reauthentication-total") == 1
    assert measured.value("failed-reauthentication-total") == 1
    assert measured.value("reauthentication-latency-max") == 3


def test_flushes_are_summed_up() -> None:
    cluster = ScriptedCluster()
    cluster.engine.metrics.flushed(1_500, 0)
    cluster.engine.metrics.flushed(500, 0)

    assert measure(cluster).value("flush-time-ns-total") == 2_000_000
