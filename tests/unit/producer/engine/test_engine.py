"""What the engine promises, against a cluster that says what the test tells it to."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.commands import Connect
from producer.errors import (
    Outcome,
    ProducerClosedError,
    RecordTooLargeError,
    UsageError,
)
from producer.events import BatchDelivered
from producer.records import Record
from tests.unit.producer.scripted_cluster import ScriptedCluster

LINGER_US = 5_000


def plain(**properties: Any) -> ScriptedCluster:
    return ScriptedCluster(**({"enable_idempotence": False} | properties))


# -- batching ----------------------------------------------------------------------------------------------------------


def test_records_of_one_partition_share_a_batch_that_leaves_after_linger() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a")
    cluster.send(b"b")

    assert cluster.waiting == []
    cluster.advance(LINGER_US - 1)
    assert cluster.waiting == []
    cluster.advance(1)

    assert [request.values for request in cluster.waiting] == [[b"a", b"b"]]


def test_a_full_batch_does_not_wait_for_linger() -> None:
    cluster = ScriptedCluster(linger_ms=1_000, batch_size=200)
    cluster.send(b"x" * 100)

    cluster.send(b"y" * 100)

    assert [request.values for request in cluster.waiting] == [[b"x" * 100]]


def test_flush_ends_every_linger() -> None:
    cluster = ScriptedCluster(linger_ms=1_000)
    cluster.send(b"a")

    mark = cluster.engine.flush(cluster.now_us)
    cluster.settle()

    assert not cluster.engine.is_flushed(mark)
    cluster.answer()
    assert cluster.engine.is_flushed(mark)
    assert cluster.delivered == [b"a"]


def test_batches_for_one_broker_share_a_request() -> None:
    cluster = ScriptedCluster(partitions=3)
    for index in range(3):
        cluster.send(b"%d" % index, partition=index)

    cluster.advance(LINGER_US)

    (request,) = cluster.waiting
    assert set(request.values) == {b"0", b"1", b"2"}


def test_a_request_stays_below_its_limit() -> None:
    cluster = ScriptedCluster(partitions=3, max_request_size=400, batch_size=300)
    for index in range(3):
        cluster.send(b"x" * 150, partition=index)

    cluster.advance(LINGER_US)

    assert [len(request.batches) for request in cluster.waiting] == [1, 1, 1]


def test_keyed_records_go_where_kafka_would_put_them() -> None:
    cluster = ScriptedCluster(partitions=10)

    cluster.send(b"v", key=b"foobar")
    cluster.advance(LINGER_US)

    # murmur2("foobar") = -790332482; its positive part modulo 10.
    assert [partition.partition for partition in cluster.waiting[0].batches] == [(-790332482 & 0x7FFFFFFF) % 10]


def test_an_answer_gives_each_record_its_offset() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a")
    cluster.send(b"b")
    cluster.advance(LINGER_US)

    cluster.answer(base_offset=40)

    (delivered,) = [answer for answer in cluster.answers if isinstance(answer, BatchDelivered)]
    assert (delivered.metadata.base_offset, delivered.tokens) == (40, [b"a", b"b"])


# -- acks and in-flight ------------------------------------------------------------------------------------------------


def test_acks_zero_is_delivered_without_an_offset_as_soon_as_it_is_written() -> None:
    cluster = plain(acks="0")
    cluster.send(b"a")

    cluster.advance(LINGER_US)

    assert cluster.delivered == [b"a"]
    assert [answer.metadata.base_offset for answer in cluster.answers if isinstance(answer, BatchDelivered)] == [-1]
    assert cluster.seen[0].request.acks == 0


def test_no_more_requests_than_allowed_are_in_flight() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    for index in range(8):
        cluster.send(b"%d" % index)
        cluster.settle()

    assert len(cluster.waiting) == 5
    cluster.answer()
    assert len(cluster.waiting) == 5


def test_with_one_in_flight_the_next_batch_waits_for_the_answer() -> None:
    cluster = plain(linger_ms=0, max_in_flight_requests_per_connection=1)
    cluster.send(b"a")
    cluster.send(b"b")
    assert [request.values for request in cluster.waiting] == [[b"a"]]

    cluster.answer()

    assert [request.values for request in cluster.waiting] == [[b"b"]]


# -- usage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (Record("", b"v"), "topic is empty"),
        (Record("orders", b"v", partition=-1), "partition is -1"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused(record: Record, names: str) -> None:
    cluster = ScriptedCluster()
    cluster.send(b"warm")

    with pytest.raises(UsageError, match=names):
        cluster.engine.send(record, 1, now_us=0)


def test_a_record_over_the_limit_is_refused_with_both_sizes() -> None:
    cluster = ScriptedCluster(max_request_size=1_000)
    cluster.send(b"warm")

    with pytest.raises(RecordTooLargeError, match=r"2070 bytes .* max\.request\.size of 1000"):
        cluster.engine.send(Record("orders", b"x" * 2_000), 1, now_us=0)


def test_a_closed_producer_takes_nothing_and_finishes_what_it_has() -> None:
    cluster = ScriptedCluster(linger_ms=1_000)
    cluster.send(b"a")

    cluster.engine.close(cluster.now_us)
    cluster.settle()

    with pytest.raises(ProducerClosedError):
        cluster.engine.send(Record("orders", b"b"), 2, now_us=cluster.now_us)
    assert not cluster.engine.is_idle
    cluster.answer()
    assert cluster.engine.is_idle


def test_abort_ends_every_record_once_and_says_what_may_be_written() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"sent")
    cluster.send(b"waiting")

    cluster.engine.abort(cluster.now_us)
    cluster.settle()

    assert cluster.failed[b"sent"].outcome is Outcome.UNKNOWN
    assert cluster.failed[b"waiting"].outcome is Outcome.FAILED
    assert cluster.connections == {}


STEPS = st.sampled_from(
    [
        lambda cluster: cluster.send(b"v"),
        lambda cluster: cluster.advance(100_000),
        lambda cluster: cluster.advance(1_500_000),
        lambda cluster: cluster.engine.send(Record("other", b"v"), "other", now_us=cluster.now_us),
        lambda cluster: cluster.disconnect_all(),
        lambda cluster: cluster.down.append("b1"),
        lambda cluster: cluster.silent.append("b2"),
        lambda cluster: cluster.engine.timer_fired(cluster.now_us),
    ]
)


@given(st.lists(STEPS, max_size=8), st.lists(st.sampled_from(["time", "purge", "flush", "gone"]), max_size=4))
def test_no_connection_is_begun_behind_the_end_whatever_happened_before(
    steps: list[Callable[[ScriptedCluster], object]], after: list[str]
) -> None:
    cluster = ScriptedCluster(
        brokers=2, partitions=2, max_block_ms=100, request_timeout_ms=1_000, delivery_timeout_ms=3_000
    )
    with suppress(AssertionError):  # a record that found nobody is blocked
        for step in steps:
            step(cluster)
    engine, now_us = cluster.engine, cluster.now_us

    engine.abort(now_us)
    commands = engine.take_commands()
    for one in after:
        now_us += 2_000_000
        match one:
            case "time":
                engine.timer_fired(now_us)
            case "purge":
                engine.purge(now_us)
            case "flush":
                engine.flush(now_us)
            case _:
                engine.disconnected(1, "gone", now_us)
        commands += engine.take_commands()

    assert not [command for command in commands if isinstance(command, Connect)]
