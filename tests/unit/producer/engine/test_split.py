"""A batch that no broker takes is split, costs no retry, and loses neither record nor order (KIP-126, KIP-467)."""

import random
from itertools import pairwise

import pytest

from producer.engine.accumulator import Accumulator
from producer.engine.compression_ratio import DETERIORATING_STEP, IMPROVING_STEP, CompressionRatios
from producer.errors import Code, Outcome
from producer.events import BatchSplit
from producer.records import TopicPartition
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

VALUE = b"0123456789" * 20


def value(number: int) -> bytes:
    return b"%04d" % number + VALUE


def sent_together(cluster: ScriptedCluster, count: int) -> None:
    for number in range(count):
        cluster.send(value(number))
    cluster.engine.flush(cluster.now_us)
    cluster.settle()


def that_compresses_well() -> ScriptedCluster:
    """A producer that has learned how little gzip leaves of its records."""
    cluster = ScriptedCluster(batch_size=1_000, linger_ms=1_000, compression_type="gzip")
    for _ in range(200):
        sent_together(cluster, 20)
        while cluster.waiting:
            cluster.answer()
            cluster.advance(1_000)
    return cluster


def answer_as_broker(cluster: ScriptedCluster, *, batch_bytes_max: int) -> list[bytes | None]:
    """Refuse each batch above the limit, take the others; gives the values in the order of the log."""
    log: list[bytes | None] = []
    for _ in range(1_000):
        if not cluster.waiting:
            return log
        request = cluster.waiting[0]
        if request.only.size_bytes > batch_bytes_max:
            cluster.answer(request, Code.MESSAGE_TOO_LARGE)
        else:
            log += request.values
            cluster.answer(request, base_offset=len(log) - len(request.values))
        cluster.advance(1_000)
    raise AssertionError("it never ends")


@pytest.mark.parametrize("idempotent", [True, False], ids=["idempotent", "plain"])
@pytest.mark.parametrize("limit", [8_000, 1_500, 300])
def test_a_batch_too_large_arrives_in_parts_and_in_order(idempotent: bool, limit: int) -> None:
    # Without idempotence only one request in flight keeps the order, split or not.
    in_flight = 5 if idempotent else 1
    cluster = ScriptedCluster(
        batch_size=16_000,
        linger_ms=1_000,
        retries=1,
        enable_idempotence=idempotent,
        max_in_flight_requests_per_connection=in_flight,
    )
    sent_together(cluster, 60)

    log = answer_as_broker(cluster, batch_bytes_max=limit)

    assert log == [value(number) for number in range(60)]
    assert sorted(cluster.delivered) == log
    assert cluster.failed == {}


def test_parts_share_the_sequences_of_the_whole() -> None:
    cluster = ScriptedCluster(batch_size=4_000, linger_ms=1_000)
    sent_together(cluster, 10)
    whole = cluster.waiting[0].only

    cluster.answer(code=Code.MESSAGE_TOO_LARGE)
    cluster.answer(code=Code.MESSAGE_TOO_LARGE)
    answer_as_broker(cluster, batch_bytes_max=10_000)

    headers = [request.only for request in cluster.seen[2:]]
    assert headers[0].base_sequence == whole.base_sequence == 0
    for before, after in pairwise(headers):
        assert after.base_sequence == before.base_sequence + before.record_count
    assert headers[-1].base_sequence + headers[-1].record_count == 10


def test_java_splits_a_batch_that_may_be_in_the_log_and_the_remedy_leaves_its_outcome_unknown() -> None:
    """Parts of a batch that the log has are out of order to the broker, and would come again under a new epoch."""
    as_java = ScriptedCluster(batch_size=4_000, linger_ms=1_000)
    with_remedy = ScriptedCluster(batch_size=4_000, linger_ms=1_000, acklab_renumber_in_doubt=False)
    for cluster in (as_java, with_remedy):
        sent_together(cluster, 10)
        cluster.answer(code=Code.REQUEST_TIMED_OUT)
        cluster.advance(SECOND_US)

        cluster.answer(code=Code.MESSAGE_TOO_LARGE)

    assert [type(event) for event in as_java.observed].count(BatchSplit) == 1
    assert as_java.failed == {}
    assert [type(event) for event in with_remedy.observed].count(BatchSplit) == 0
    assert {error.outcome for error in with_remedy.failed.values()} == {Outcome.UNKNOWN}
    assert len(with_remedy.failed) == 10


def test_with_the_remedy_too_a_batch_that_was_only_refused_is_split() -> None:
    cluster = ScriptedCluster(batch_size=16_000, linger_ms=1_000, acklab_renumber_in_doubt=False)
    sent_together(cluster, 60)

    assert answer_as_broker(cluster, batch_bytes_max=1_500) == [value(number) for number in range(60)]


def test_one_record_that_is_too_large_fails_alone_and_for_certain() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"x" * 5_000)

    cluster.answer(code=Code.MESSAGE_TOO_LARGE)

    (error,) = cluster.failed.values()
    assert (error.code.code, error.outcome) == (Code.MESSAGE_TOO_LARGE, Outcome.FAILED)


def test_a_flush_waits_for_the_parts_too() -> None:
    cluster = ScriptedCluster(batch_size=4_000, linger_ms=1_000)
    for number in range(10):
        cluster.send(value(number))
    mark = cluster.engine.flush(cluster.now_us)
    cluster.settle()

    cluster.answer(code=Code.MESSAGE_TOO_LARGE)
    assert not cluster.engine.is_flushed(mark)
    answer_as_broker(cluster, batch_bytes_max=10_000)

    assert cluster.engine.is_flushed(mark)


def test_every_byte_of_the_buffer_comes_back_after_a_split() -> None:
    cluster = ScriptedCluster(batch_size=16_000, linger_ms=1_000)
    sent_together(cluster, 60)

    answer_as_broker(cluster, batch_bytes_max=1_000)

    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes


def test_a_split_is_observed_with_its_parts() -> None:
    cluster = ScriptedCluster(batch_size=16_000, linger_ms=1_000)
    sent_together(cluster, 20)

    answer_as_broker(cluster, batch_bytes_max=3_000)

    split = [event for event in cluster.observed if isinstance(event, BatchSplit)]
    assert split[0].batch == 1
    assert split[0].parts == (2,), "at first as a batch of batch.size"
    assert len(split[1].parts) > 1, "then in halves"


def test_good_compression_lets_a_batch_take_more_than_batch_size() -> None:
    cluster = that_compresses_well()

    assert cluster.seen[0].only.record_count == 4
    assert max(request.only.record_count for request in cluster.seen) > 10


def test_a_batch_that_is_full_by_its_estimate_alone_does_not_linger() -> None:
    cluster = ScriptedCluster(linger_ms=60_000, compression_type="lz4", batch_size=1_000, observes=False)
    chance = random.Random(3)
    # What cannot be compressed is expected to stay as large, and a little larger.
    cluster.answer(cluster.send_alone(chance.randbytes(900)))
    cluster.send(chance.randbytes(400), key=b"key")
    assert cluster.engine.deadline_us > cluster.now_us

    largest = next(
        size
        for size in reversed(range(600))
        if cluster.engine.append("orders", b"key", chance.randbytes(size), size, cluster.now_us)
    )
    cluster.settle()

    assert largest > 400
    (request,) = cluster.waiting
    assert request.only.record_count == 2


def test_an_estimate_fears_faster_than_it_hopes() -> None:
    ratios = CompressionRatios()
    assert ratios.estimate("t") == 1.0

    ratios.observed("t", 0.2)
    assert ratios.estimate("t") == pytest.approx(1.0 - IMPROVING_STEP)
    ratios.observed("t", 0.999)
    assert ratios.estimate("t") == pytest.approx(1.0 - IMPROVING_STEP + DETERIORATING_STEP)
    ratios.forget("t", 1.2)
    assert ratios.estimate("t") == 1.2
    assert ratios.estimate("other") == 1.0


def test_a_record_at_fault_is_named_and_its_neighbours_are_told_why_they_failed() -> None:
    cluster = ScriptedCluster(linger_ms=1_000)
    sent_together(cluster, 3)

    cluster.answer(code=Code.INVALID_TIMESTAMP, record_errors=((1, "timestamp 7 is out of range"),))

    errors = [cluster.failed[value(number)] for number in range(3)]
    assert [error.code.name for error in errors] == ["INVALID_RECORD", "INVALID_TIMESTAMP", "INVALID_RECORD"]
    assert "timestamp 7 is out of range" in str(errors[1])
    assert "another record of its batch" in str(errors[0])


def test_a_gap_left_by_a_refused_batch_is_closed_by_a_new_epoch() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"bad")
    cluster.answer(code=Code.INVALID_RECORD)

    request = cluster.send_alone(b"good")
    cluster.advance(SECOND_US)

    assert (request.only.producer_epoch, request.only.base_sequence) == (1, 0)


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        pytest.param([100] * 8, [[100] * 3, [100] * 3, [100] * 2], id="halves"),
        # Half of it would not hold the small ones together; what the largest needs does.
        pytest.param([90] * 5 + [490], [[90] * 5, [490]], id="as much as the largest record needs"),
    ],
)
def test_a_part_that_is_refused_again_is_halved_but_not_below_its_largest_record(
    sizes: list[int], parts: list[list[int]]
) -> None:
    accumulator = Accumulator(batch_bytes=2_000, linger_us=0)
    queue = accumulator.queue(TopicPartition("t", 0))
    large = accumulator.open(queue, now_us=7, reserved_bytes=4_000, first_timestamp_ms=0)
    for size in sizes:
        large.append(None, b"x" * size, (), 0, size)

    (first,) = accumulator.split(large)
    second = accumulator.split(first)

    assert first.tokens == sizes, "first as a batch of batch.size"
    assert [part.tokens for part in second] == parts
    assert {part.created_us for part in second} == {7}


def test_after_a_split_the_topic_is_not_expected_to_compress_any_more() -> None:
    cluster = that_compresses_well()
    expected = cluster.engine._accumulator.ratios
    assert expected is not None
    assert expected.estimate("orders") < 0.5

    sent_together(cluster, 20)
    cluster.answer(code=Code.MESSAGE_TOO_LARGE)

    # The parts are the first to be learned from, five thousandths at a time.
    assert expected.estimate("orders") >= 0.9
    sent_together(cluster, 20)
    assert cluster.waiting[-1].only.record_count <= 5
