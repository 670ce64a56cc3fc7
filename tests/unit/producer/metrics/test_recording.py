"""What the engine's metrics say about stories whose every byte and moment is known."""

import math
from typing import Any

import pytest

from producer.errors import BufferExhaustedError, Code, MetadataTimeoutError, RecordTooLargeError, UsageError
from producer.metrics import Measured
from producer.records import Record
from producer.wire import produce
from producer.wire.record_batch import BATCH_OVERHEAD, encode_batch
from tests.unit.producer.scripted_cluster import SECOND_US, Produced, ScriptedCluster

LINGER_US = 5_000
MS_US = 1_000


def measure(cluster: ScriptedCluster) -> Measured:
    return cluster.engine.metrics.measure(cluster.now_us)


def plain(**properties: Any) -> ScriptedCluster:
    return ScriptedCluster(**({"enable_idempotence": False} | properties))


def size_of(request: Produced) -> int:
    (batch,) = request.batches.values()
    return len(batch)


def answer_throttled(cluster: ScriptedCluster, throttle_ms: int) -> None:
    request = cluster.waiting.pop(0)
    topics = tuple(
        produce.ProduceTopicResponse(
            topic.name,
            topic.topic_id,
            tuple(produce.ProducePartitionResponse(index, Code.NONE) for index, _ in topic.partitions),
        )
        for topic in request.request.topics
    )
    body = produce.encode_response(produce.ProduceResponse(topics, throttle_ms), request.header.api_version)
    cluster._reply(request.connection, request.header, body)
    cluster.settle()


# -- batches -----------------------------------------------------------------------------------------------------------


def test_a_batch_is_measured_when_it_leaves() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a" * 100)
    cluster.send(b"b" * 300)
    assert measure(cluster).value("record-send-total") == 0

    cluster.advance(LINGER_US)

    measured = measure(cluster)
    size = size_of(cluster.waiting[0])
    assert measured.value("batch-size-avg") == measured.value("batch-size-max") == size
    assert measured.value("record-queue-time-avg") == measured.value("record-queue-time-max") == 5
    assert measured.value("compression-rate-avg") == 1
    # The second record's body: attributes, two deltas, the key's -1, the value's length and bytes, no headers.
    assert measured.value("record-size-max") == 2 + 1 + 1 + 1 + 1 + 2 + 300 + 1
    assert measured.value("records-per-request-avg") == 2
    assert measured.value("record-send-total") == 2
    assert measured.value("record-send-rate") == pytest.approx(2 / 30.005)


def test_compression_rate_is_what_the_codec_left_of_the_records() -> None:
    cluster = ScriptedCluster(compression_type="lz4")
    cluster.send(b"a" * 1_000)
    cluster.advance(LINGER_US)

    measured = measure(cluster)

    (batch,) = cluster.waiting[0].batches.values()
    (record,) = cluster.waiting[0].records
    uncompressed = len(encode_batch([(record.key, record.value, (), 0)]))
    ratio = (len(batch) - BATCH_OVERHEAD) / (uncompressed - BATCH_OVERHEAD)
    assert ratio < 0.1
    assert measured.value("compression-rate-avg") == ratio
    assert measured.value("compression-rate", topic="orders") == ratio
    assert measured.value("batch-size-avg") == len(batch)


def test_batches_for_one_broker_count_as_one_request() -> None:
    cluster = ScriptedCluster(partitions=3)
    for index in range(3):
        cluster.send(b"x", partition=index)

    cluster.advance(LINGER_US)

    measured = measure(cluster)
    assert measured.value("records-per-request-avg") == 3
    assert measured.value("record-send-total") == 3


def test_each_topic_has_its_own() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")
    cluster.answer(code=Code.TOPIC_AUTHORIZATION_FAILED)
    cluster.send_alone(b"b")
    cluster.answer()

    measured = measure(cluster)

    assert measured.value("record-send-total", topic="orders") == 2
    assert measured.value("byte-total", topic="orders") == sum(size_of(request) for request in cluster.seen)
    assert measured.value("record-error-total", topic="orders") == 1
    assert measured.value("record-retry-total", topic="orders") == 0
    with pytest.raises(KeyError):
        measured.value("record-send-total", topic="others")


def test_a_split_is_counted_and_is_neither_retry_nor_error() -> None:
    cluster = ScriptedCluster()
    for index in range(4):
        cluster.send(b"%d" % index * 100)
    cluster.advance(LINGER_US)

    cluster.answer(code=Code.MESSAGE_TOO_LARGE)

    measured = measure(cluster)
    assert measured.value("batch-split-total") == 1
    assert measured.value("record-retry-total") == measured.value("record-error-total") == 0


# -- retries and errors ------------------------------------------------------------------------------------------------


def test_a_retry_counts_the_records_of_its_batch_and_sends_them_again() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a")
    cluster.send_alone(b"b")

    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(SECOND_US)
    cluster.answer()

    measured = measure(cluster)
    assert cluster.delivered == [b"a", b"b"]
    assert measured.value("record-retry-total") == 2
    assert measured.value("record-retry-rate") > 0
    assert measured.value("record-send-total") == 4
    assert measured.value("record-error-total") == 0


@pytest.mark.parametrize(
    "code", [Code.TOPIC_AUTHORIZATION_FAILED, Code.INVALID_RECORD, Code.CLUSTER_AUTHORIZATION_FAILED]
)
def test_an_error_counts_the_records_of_its_batch(code: Code) -> None:
    cluster = plain()
    cluster.send(b"a")
    cluster.send_alone(b"b")

    cluster.answer(code=code)

    measured = measure(cluster)
    assert measured.value("record-error-total") == 2
    assert measured.value("record-retry-total") == 0


def test_records_that_expire_are_errors() -> None:
    cluster = plain(request_timeout_ms=1_000, delivery_timeout_ms=1_500, linger_ms=0)
    cluster.send(b"a")

    cluster.advance(2 * SECOND_US)

    assert list(cluster.failed) == [b"a"]
    assert measure(cluster).value("record-error-total") == 1


def test_a_record_that_send_refuses_is_an_error_of_no_topic() -> None:
    cluster = ScriptedCluster(max_request_size=500)
    cluster.send_alone(b"a")
    with pytest.raises(RecordTooLargeError):
        cluster.engine.send(Record("orders", b"x" * 500), 1, now_us=cluster.now_us)

    measured = measure(cluster)

    assert measured.value("record-error-total") == 1
    assert measured.value("record-error-total", topic="orders") == 0


def test_a_topic_that_is_refused_is_an_error() -> None:
    cluster = ScriptedCluster()
    cluster.topic_error = Code.TOPIC_AUTHORIZATION_FAILED
    record = Record("orders", b"a")
    wait = cluster.engine.send(record, 1, now_us=0)
    cluster.settle()
    with pytest.raises(UsageError):
        cluster.engine.send(record, 1, now_us=0, wait=wait)

    assert measure(cluster).value("record-error-total") == 1


# -- waiting -----------------------------------------------------------------------------------------------------------


def test_time_spent_waiting_for_room_is_summed_up() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0)
    cluster.send(b"a")
    record = Record("orders", b"b")
    began_us = cluster.now_us
    wait = cluster.engine.send(record, b"b", now_us=began_us)
    assert wait is not None
    measured = measure(cluster)
    assert measured.value("waiting-threads") == 1
    assert measured.value("buffer-total-bytes") == 1_000
    assert measured.value("buffer-available-bytes") == 0

    cluster.advance(300 * MS_US)
    assert cluster.engine.send(record, b"b", now_us=cluster.now_us, wait=wait) is wait, "woken in vain"
    cluster.advance(700 * MS_US)
    cluster.answer()
    assert cluster.engine.send(record, b"b", now_us=cluster.now_us, wait=wait) is None

    measured = measure(cluster)
    assert measured.value("bufferpool-wait-time-ns-total") == SECOND_US * 1_000
    # The window began when it was first read, 1 s ago.
    assert measured.value("bufferpool-wait-ratio") == pytest.approx(1 / 31)
    assert measured.value("waiting-threads") == 0
    assert measured.value("buffer-exhausted-total") == 0


def test_waiting_for_room_in_vain_is_exhaustion_and_an_error() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0)
    cluster.send(b"a")
    record = Record("orders", b"b")
    wait = cluster.engine.send(record, b"b", now_us=cluster.now_us)
    assert wait is not None
    cluster.advance(60 * MS_US)

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    measured = measure(cluster)
    assert isinstance(error, BufferExhaustedError)
    assert measured.value("buffer-exhausted-total") == 1
    assert measured.value("buffer-exhausted-rate") == pytest.approx(1 / 30)
    assert measured.value("record-error-total") == 1
    assert measured.value("bufferpool-wait-time-ns-total") == 60 * MS_US * 1_000
    assert measured.value("metadata-wait-time-ns-total") == 0


def test_time_spent_waiting_for_metadata_is_summed_up() -> None:
    cluster = ScriptedCluster()
    cluster.topic_error = Code.UNKNOWN_TOPIC_OR_PARTITION
    record = Record("orders", b"a")
    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None
    cluster.advance(400 * MS_US)
    wait = cluster.engine.send(record, 1, now_us=cluster.now_us, wait=wait)
    assert wait is not None
    cluster.advance(600 * MS_US)

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    measured = measure(cluster)
    assert isinstance(error, MetadataTimeoutError)
    assert measured.value("metadata-wait-time-ns-total") == SECOND_US * 1_000
    assert measured.value("record-error-total") == 1
    assert measured.value("buffer-exhausted-total") == 0


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
