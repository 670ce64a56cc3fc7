"""WriteTxnMarkers: a leader writes the end of a transaction for who may end it, and answers when replicas have it."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import MarkerAppended, MarkerRefused
from tests.unit.sim.raw_client import ORDERS, RawConnection
from tests.unit.sim.transaction_client import TransactionLab
from tests.unit.sim.transactional_writer import codes, end, fetched, marker, send_markers, written


def begun(**config: int) -> tuple[TransactionLab, RawConnection, int, int]:
    """A record of an open transaction in `orders`, and a line to its leader."""
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2, 1),), min_insync_replicas=2), **config)
    pid, epoch = lab.identity()
    line = lab.client.connect(3)
    assert written(line, pid, epoch, 0) is Code.NONE
    return lab, line, pid, epoch


@pytest.mark.parametrize(
    "version, ahead, expected",
    [
        (2, 1, Code.NONE),
        (2, 0, Code.INVALID_PRODUCER_EPOCH),
        (2, -1, Code.INVALID_PRODUCER_EPOCH),
        (1, 1, Code.NONE),
        (1, 0, Code.NONE),
        (1, -1, Code.INVALID_PRODUCER_EPOCH),
    ],
)
def test_a_marker_is_of_the_producers_epoch_or_of_the_next_where_each_transaction_has_one(
    version: int, ahead: int, expected: Code
) -> None:
    lab, line, pid, _ = begun()
    pid, epoch = lab.ended(pid, 0)
    assert written(line, pid, epoch, 0) is Code.NONE

    assert end(line, pid, epoch + ahead, version=version) is expected


def test_a_coordinator_that_was_replaced_ends_nothing() -> None:
    lab, line, pid, epoch = begun()
    first = end(line, pid, epoch, coordinator_epoch=5, version=1)
    older = end(line, pid, epoch, coordinator_epoch=4, version=1)
    same = end(line, pid, epoch, coordinator_epoch=5, version=1)

    assert (first, older, same) == (Code.NONE, Code.TRANSACTION_COORDINATOR_FENCED, Code.NONE)
    assert [event.code for event in lab.events(MarkerRefused)] == [Code.TRANSACTION_COORDINATOR_FENCED]


def test_the_same_marker_again_is_written_again_and_ends_nothing_more() -> None:
    lab, line, pid, epoch = begun()
    told = [end(line, pid, epoch + 1, is_commit=False), end(line, pid, epoch + 1, is_commit=False)]

    assert told == [Code.NONE, Code.NONE]
    assert [event.first_offset for event in lab.events(MarkerAppended)] == [0, -1]
    assert fetched(lab).aborted == [(pid, 0)]


def test_a_marker_is_answered_when_replicas_have_it() -> None:
    lab, line, pid, epoch = begun()
    for follower in (1, 2):
        lab.cluster.network.hold(f"b{follower}", "b3")
    asked = send_markers(line, marker(pid, epoch + 1))
    lab.run(1)
    early = line.answers.get(asked)
    stable = fetched(lab).last_stable_offset
    for follower in (1, 2):
        lab.cluster.network.open(f"b{follower}", "b3")

    assert early is None
    assert stable == 0
    assert codes(line.wait(asked)) == [Code.NONE]
    assert fetched(lab).last_stable_offset == 2


def test_each_partition_has_its_own_answer() -> None:
    lab, line, pid, epoch = begun()
    others = (TopicPartition("orders", 1), TopicPartition("nowhere", 0))
    answer = line.wait(send_markers(line, marker(pid, epoch + 1, tps=(ORDERS, *others))))

    assert codes(answer) == [Code.NONE, Code.UNKNOWN_TOPIC_OR_PARTITION, Code.UNKNOWN_TOPIC_OR_PARTITION]
    assert [event.offset for event in lab.events(MarkerAppended)] == [1]


def test_who_does_not_lead_says_so() -> None:
    lab, _, pid, epoch = begun()

    assert end(lab.client.connect(2), pid, epoch + 1) is Code.NOT_LEADER_OR_FOLLOWER


def test_too_few_replicas_in_sync_take_no_marker() -> None:
    lab, line, pid, epoch = begun()
    lab.cluster.crash(1)
    lab.cluster.crash(2)
    lab.run(30)

    assert end(line, pid, epoch + 1) is Code.NOT_ENOUGH_REPLICAS


def test_a_request_without_markers_is_answered() -> None:
    _, line, _, _ = begun()

    assert codes(line.wait(send_markers(line))) == []
