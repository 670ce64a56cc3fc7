"""What the engine's metrics say about stories whose every byte and moment is known."""

from typing import Any

import pytest

from producer.errors import BufferExhaustedError, Code, MetadataTimeoutError, RecordTooLargeError, UsageError
from producer.metrics import Measured
from producer.records import Record
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
