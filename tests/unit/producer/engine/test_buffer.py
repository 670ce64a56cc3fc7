"""`buffer.memory`: who waits is served in turn, large records take what they need, and bytes on their way stay as they are."""

import pytest

from producer.commands import Write
from producer.engine.buffer import BufferPool, Wait
from producer.errors import BufferExhaustedError
from producer.events import RoomMade
from producer.records import Record
from producer.wire.api import ApiKey, decode_request_header
from producer.wire.codec import decode
from producer.wire.messages import produce
from producer.wire.record_batch import decode_records
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

# -- the pool ----------------------------------------------------------------------------------------------------------


def waiting(pool: BufferPool, size_bytes: int) -> Wait:
    place = pool.reserve(size_bytes)
    assert place is not None
    return place


def test_a_small_wish_does_not_pass_a_large_one_that_waits() -> None:
    pool = BufferPool(100)
    assert pool.reserve(60) is None
    large = waiting(pool, 90)
    small = waiting(pool, 10)

    assert pool.reserve(10, small) is small
    pool.release(60)
    assert pool.reserve(10, small) is small
    assert pool.reserve(90, large) is None
    assert pool.reserve(10, small) is None
    assert pool.free_bytes == 0


def test_who_leaves_makes_way_for_the_next_and_may_leave_twice() -> None:
    pool = BufferPool(100)
    assert pool.reserve(60) is None
    large = waiting(pool, 90)
    small = waiting(pool, 10)

    pool.leave(large)
    pool.leave(large)

    assert pool.waiters == 1
    assert pool.reserve(10, small) is None
    assert pool.free_bytes == 30


def test_more_bytes_back_than_were_taken_is_a_bug_of_ours() -> None:
    pool = BufferPool(100)

    with pytest.raises(AssertionError, match="more bytes released"):
        pool.release(1)


# -- in the engine -----------------------------------------------------------------------------------------------------


def full_but_for(free_bytes: int) -> ScriptedCluster:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=0, linger_ms=0, partitions=3)
    cluster.send(b"warm")
    cluster.answer()
    # 68 bytes are the batch's header and the record's.
    cluster.send(b"x" * (1_000 - free_bytes - 70), partition=0)
    assert cluster.engine._buffer.free_bytes == free_bytes
    cluster.answers.clear()
    return cluster


def test_who_gives_up_lets_the_next_one_try_at_once() -> None:
    cluster = full_but_for(300)
    large, small = (Record("orders", b"x" * size, None, 1) for size in (400, 100))
    first, second = (cluster.engine.send(record, record.value, now_us=cluster.now_us) for record in (large, small))
    assert first is not None
    assert second is not None
    cluster.settle()

    error = cluster.engine.give_up(first, large, now_us=cluster.now_us)
    cluster.settle()

    assert isinstance(error, BufferExhaustedError)
    assert RoomMade() in cluster.answers
    assert cluster.engine.send(small, small.value, now_us=cluster.now_us, wait=second) is None


def test_who_is_served_lets_the_next_one_try_with_what_is_left() -> None:
    cluster = full_but_for(50)
    records = [Record("orders", b"x" * 100, None, partition) for partition in (1, 2)]
    first, second = (cluster.engine.send(record, record.partition, now_us=cluster.now_us) for record in records)
    assert first is not None
    assert second is not None
    cluster.answer()
    # The second was quicker than the first.
    assert cluster.engine.send(records[1], 2, now_us=cluster.now_us, wait=second) is second
    cluster.settle()
    cluster.answers.clear()

    assert cluster.engine.send(records[0], 1, now_us=cluster.now_us, wait=first) is None
    cluster.settle()

    assert RoomMade() in cluster.answers
    assert cluster.engine.send(records[1], 2, now_us=cluster.now_us, wait=second) is None


def test_a_record_larger_than_a_batch_takes_the_bytes_it_needs_and_gives_them_back() -> None:
    cluster = ScriptedCluster(batch_size=1_000, linger_ms=0)
    total_bytes = cluster.engine._buffer.total_bytes

    cluster.send(b"x" * 5_000)
    taken_bytes = total_bytes - cluster.engine._buffer.free_bytes
    assert 5_000 < taken_bytes < 5_100
    assert len(next(iter(cluster.waiting[0].batches.values()))) == taken_bytes
    cluster.answer()

    assert cluster.engine._buffer.free_bytes == total_bytes


def test_a_small_batch_takes_batch_size_whatever_it_holds() -> None:
    cluster = ScriptedCluster(batch_size=1_000)

    cluster.send(b"a")

    assert cluster.engine._buffer.total_bytes - cluster.engine._buffer.free_bytes == 1_000


def test_the_bytes_of_a_batch_that_expired_in_flight_are_never_used_again() -> None:
    """Its room is free for others, but a driver may still hold and send what it was given (KAFKA-19012)."""
    cluster = ScriptedCluster(
        linger_ms=0, buffer_memory=1_000, batch_size=1_000, delivery_timeout_ms=30_000, request_timeout_ms=30_000
    )
    cluster.answer(cluster.send_alone(b"warm"))
    assert cluster.engine.send(Record("orders", b"first"), 1, now_us=cluster.now_us) is None
    cluster.engine.timer_fired(cluster.now_us)
    (held,) = cluster.engine.take_commands()
    assert isinstance(held, Write)

    cluster.now_us += 30 * SECOND_US
    cluster.engine.timer_fired(cluster.now_us)
    assert cluster.engine._buffer.free_bytes == 1_000
    cluster.send(b"other")

    assert type(held.data) is bytes
    header, position = decode_request_header(held.data[4:])
    assert header.api_key == ApiKey.PRODUCE
    ((partition,),) = (topic.partition_data for topic in
                       decode(produce.ProduceRequest, held.data[4 + position :], header.api_version).topic_data)  # fmt: skip
    assert partition.records is not None
    assert [record.value for record in decode_records(partition.records)] == [b"first"]
