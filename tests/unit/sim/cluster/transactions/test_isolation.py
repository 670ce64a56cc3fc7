"""What a partition gives who reads only what is committed, while a transaction is open, ends, and its leader goes."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.delete_records import DeleteRecordsPartition as Wanted
from producer.wire.messages.delete_records import DeleteRecordsRequest, DeleteRecordsTopic
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.raw_client import ORDERS
from tests.unit.sim.transaction_client import TransactionLab
from tests.unit.sim.transactional_writer import Seen, fetched, latest, producers, written


def begun() -> tuple[TransactionLab, int, int]:
    """A plain record, and a record of an open transaction behind it."""
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2, 1),)))
    lab.client.produce(b"plain")
    pid, epoch = lab.identity()
    assert written(lab.client.connect(3), pid, epoch, 0) is Code.NONE
    return lab, pid, epoch


def test_who_reads_what_is_committed_stops_before_an_open_transaction() -> None:
    lab, _, _ = begun()

    assert fetched(lab) == Seen(2, 1, [], [0])
    assert fetched(lab, isolation=0) == Seen(2, 1, None, [0, 1])
    assert (latest(lab), latest(lab, isolation=0)) == (1, 2)


@pytest.mark.parametrize("is_commit", [True, False])
def test_an_ended_transaction_is_given_with_word_of_what_was_aborted(is_commit: bool) -> None:
    lab, pid, epoch = begun()
    lab.ended(pid, epoch, is_commit=is_commit)

    assert fetched(lab) == Seen(3, 3, [] if is_commit else [(pid, 1)], [0, 1, 2])
    assert fetched(lab, offset=3) == Seen(3, 3, [], [])
    assert latest(lab) == 3


def test_records_behind_an_open_transaction_wait_for_its_end() -> None:
    lab, pid, epoch = begun()
    lab.client.produce(b"behind")
    before = fetched(lab)
    lab.ended(pid, epoch)

    assert before.offsets == [0]
    assert fetched(lab).offsets == [0, 1, 2, 3]


def test_a_leader_tells_of_producers_and_their_open_transactions() -> None:
    lab, pid, epoch = begun()
    before = producers(lab)
    lab.ended(pid, epoch)

    assert before == [(pid, epoch, 0, -1, 1)]
    assert producers(lab) == [(pid, epoch + 1, -1, 0, -1)]


@pytest.mark.parametrize("is_open", [True, False])
def test_the_next_leader_knows_the_same(is_open: bool) -> None:
    lab, pid, epoch = begun()
    if not is_open:
        lab.ended(pid, epoch, is_commit=False)
    lab.run(1)
    before, known = fetched(lab), producers(lab)

    lab.cluster.crash(3)
    lab.run(15)

    assert lab.cluster.leader_of(ORDERS) == 2
    assert (fetched(lab), producers(lab)) == (before, known)


def test_a_follower_serves_what_is_committed_as_its_leader_does() -> None:
    lab, _, _ = begun()
    lab.run(1)

    assert fetched(lab, broker=2) == fetched(lab, broker=3)


def test_a_transaction_that_began_before_the_start_of_the_log_is_undecided_all_the_same() -> None:
    lab, pid, epoch = begun()
    lab.client.produce(b"behind")
    wanted = DeleteRecordsRequest((DeleteRecordsTopic("orders", (Wanted(0, 2),)),), 1_000)
    lab.client.connect(3).call(ApiKey.DELETE_RECORDS, wanted)
    held = fetched(lab, offset=2)
    lab.ended(pid, epoch, is_commit=False)

    assert held == Seen(3, 2, [], [])
    assert fetched(lab, offset=2) == Seen(4, 4, [(pid, 1)], [2, 3])
