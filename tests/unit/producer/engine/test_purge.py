"""purge(): what waits, what is in flight, or both ends in a PurgedError; each record ends exactly once."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import Code, Outcome, PurgedError
from producer.records import PartitionInfo
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster


def purge(cluster: ScriptedCluster, **which: bool) -> None:
    cluster.engine.purge(cluster.now_us, **which)
    cluster.settle()


def test_what_never_left_is_certainly_not_written() -> None:
    cluster = ScriptedCluster(linger_ms=1_000)
    cluster.send(b"a")
    cluster.send(b"b")

    purge(cluster)

    assert list(cluster.failed) == [b"a", b"b"]
    error = cluster.failed[b"a"]
    assert isinstance(error, PurgedError)
    assert (error.outcome, error.code.name) == (Outcome.FAILED, "OPERATION_NOT_ATTEMPTED")
    assert not cluster.waiting
    assert cluster.engine.is_idle


def test_what_is_in_flight_may_be_written_and_a_late_answer_changes_nothing() -> None:
    cluster = ScriptedCluster()
    request = cluster.send_alone(b"a")

    purge(cluster)
    cluster.answer(request, base_offset=7)

    assert cluster.delivered == []
    assert cluster.failed[b"a"].outcome is Outcome.UNKNOWN
    assert list(cluster.failed) == [b"a"]


@pytest.mark.parametrize("which", ["queued", "in_flight"])
def test_only_what_was_asked_for_is_dropped(which: str) -> None:
    cluster = ScriptedCluster(max_in_flight_requests_per_connection=1, linger_ms=0)
    request = cluster.send_alone(b"sent")
    cluster.send(b"waits")

    purge(cluster, queued=which == "queued", in_flight=which == "in_flight")
    cluster.answer(request)
    cluster.advance(SECOND_US)
    for one in list(cluster.waiting):
        cluster.answer(one)

    gone, kept = (b"waits", b"sent") if which == "queued" else (b"sent", b"waits")
    assert list(cluster.failed) == [gone]
    assert cluster.delivered == [kept]


def test_after_a_purge_in_flight_the_next_batch_leaves_under_a_new_epoch() -> None:
    cluster = ScriptedCluster()
    first = cluster.send_alone(b"a").only

    purge(cluster)
    second = cluster.send_alone(b"b").only

    assert first.base_sequence == second.base_sequence == 0
    assert second.producer_epoch == first.producer_epoch + 1


def test_a_purge_makes_room_for_who_waits() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=1_000)
    cluster.send(b"a")
    cluster.refuses_connections = True

    purge(cluster)
    cluster.send(b"b")

    assert list(cluster.failed) == [b"a"]


@given(
    st.lists(
        st.sampled_from(["send", "answer", "fail", "retry", "purge", "purge queued", "purge in flight", "wait", "cut"]),
        max_size=40,
    ),
    st.booleans(),
)
def test_every_record_ends_exactly_once(steps: list[str], is_idempotent: bool) -> None:
    cluster = ScriptedCluster(partitions=2, linger_ms=5, enable_idempotence=is_idempotent)
    sent = 0
    for step in steps:
        match step:
            case "send":
                cluster.send(b"%d" % sent, partition=sent % 2, token=sent)
                sent += 1
            case "answer" | "fail" | "retry" if cluster.waiting:
                codes = {"answer": Code.NONE, "fail": Code.INVALID_RECORD, "retry": Code.NOT_ENOUGH_REPLICAS}
                cluster.answer(cluster.waiting[0], codes[step])
            case "purge" | "purge queued" | "purge in flight":
                purge(cluster, queued=step != "purge in flight", in_flight=step != "purge queued")
            case "wait":
                cluster.advance(50_000)
            case "cut":
                cluster.disconnect_all()
            case _:
                """There is nothing to answer."""
    for _ in range(100):
        for request in list(cluster.waiting):
            if request in cluster.waiting:
                cluster.answer(request)
        cluster.advance(500_000)

    ended: Counter[Any] = Counter(token for answer in cluster.answers if hasattr(answer, "tokens")
                                  for token in answer.tokens)  # fmt: skip
    assert ended == Counter(range(sent))
    assert cluster.engine.is_idle
    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes


def test_partitions_are_learned_without_sending() -> None:
    cluster = ScriptedCluster(partitions=3, brokers=2)

    wait = cluster.engine.learn("orders", now_us=cluster.now_us)
    cluster.settle()

    assert wait is not None
    assert cluster.engine.learn("orders", now_us=cluster.now_us, wait=wait) is None
    assert cluster.engine.partitions("orders") == (
        PartitionInfo("orders", 0, 1, 5), PartitionInfo("orders", 1, 2, 5), PartitionInfo("orders", 2, 1, 5),
    )  # fmt: skip
    assert cluster.engine.cluster().brokers == {1: ("b1", 9092), 2: ("b2", 9092)}
    assert not cluster.engine._metadata_waits
