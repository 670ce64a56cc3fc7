"""Before a transactional batch is taken, its coordinator is asked (KIP-890): what a producer is told, and what late batches cannot do."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended, RequestReceived
from tests.unit.sim.raw_client import ORDERS, RawConnection, part_of
from tests.unit.sim.transaction_client import HOME, TransactionLab
from tests.unit.sim.transactional_writer import batch, end, fetched, send, write, written

ADDS, VERIFIES, KNOWS_NO_ABORTABLE = 12, 11, 10
"""Versions of Produce: its broker adds the partition; it asks whether it was added; the client knows no TRANSACTION_ABORTABLE."""


def begun(**config: Any) -> tuple[TransactionLab, RawConnection, int, int]:
    """A producer with an identity, and a line to the leader of `orders`."""
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2),)), **config)
    pid, epoch = lab.identity()
    return lab, lab.client.connect(3), pid, epoch


def asked(lab: TransactionLab) -> int:
    """How often brokers asked the coordinator."""
    return len([event for event in lab.events(RequestReceived, api="AddPartitionsToTxn") if event.client != "c1"])


def test_a_producer_with_an_epoch_per_transaction_need_not_add_partitions() -> None:
    lab, line, pid, epoch = begun()
    code = written(line, pid, epoch, 0, version=ADDS)

    assert code is Code.NONE
    assert lab.state == "Ongoing"


@pytest.mark.parametrize(
    "version, expected", [(VERIFIES, Code.TRANSACTION_ABORTABLE), (KNOWS_NO_ABORTABLE, Code.INVALID_TXN_STATE)]
)
def test_who_has_not_added_a_partition_writes_nothing_to_it(version: int, expected: Code) -> None:
    lab, line, pid, epoch = begun()
    lab.add(pid, epoch, TopicPartition("orders", 0))
    lab.ended(pid, epoch, client_version=0)
    lab.add(pid, epoch, HOME)

    assert written(line, pid, epoch, 0, version=version) is expected
    assert fetched(lab, isolation=0).offsets == [0]


def test_who_has_added_it_does_and_nobody_is_asked_again() -> None:
    lab, line, pid, epoch = begun()
    lab.add(pid, epoch, ORDERS)
    codes = [written(line, pid, epoch, sequence, version=VERIFIES) for sequence in range(3)]

    assert codes == [Code.NONE] * 3
    assert asked(lab) == 1


def test_without_verification_anything_is_taken_as_before() -> None:
    lab, line, pid, epoch = begun(transaction_partition_verification=False)

    assert written(line, pid, epoch, 0, version=VERIFIES) is Code.NONE
    assert asked(lab) == 0


def test_a_batch_that_comes_after_the_end_of_its_transaction_is_refused() -> None:
    lab, line, pid, epoch = begun()
    assert written(line, pid, epoch, 0) is Code.NONE
    lab.ended(pid, epoch, is_commit=False)

    assert written(line, pid, epoch, 1) is Code.INVALID_PRODUCER_EPOCH
    assert fetched(lab).last_stable_offset == 2


def test_a_marker_that_comes_between_the_question_and_the_append_keeps_the_batch_out() -> None:
    lab, line, pid, epoch = begun()
    lab.cluster.network.hold("b1", "b3")
    waiting = send(line, batch(pid, epoch, 0))
    lab.run(0.5)
    other = lab.client.connect(3)
    assert end(other, pid, epoch, version=1) is Code.NONE
    lab.cluster.network.open("b1", "b3")

    assert Code(part_of(line.wait(waiting)).error_code) is Code.INVALID_TXN_STATE
    assert [event.base_sequence for event in lab.events(BatchAppended, topic="orders")] == [-1]


def test_a_second_batch_does_not_overtake_the_first() -> None:
    lab, line, pid, epoch = begun()
    lab.cluster.crash(1)
    lab.run(0.2)
    first = written(line, pid, epoch, 0)
    lab.run(15)
    lab.line = lab.client.connect(lab.coordinator)
    second = written(line, pid, epoch, 1)

    assert first is Code.NOT_ENOUGH_REPLICAS
    assert second is Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert written(line, pid, epoch, 0) is Code.NONE
    assert written(line, pid, epoch, 1) is Code.NONE


def test_a_producer_that_is_shut_out_is_told_as_producers_expect_it() -> None:
    lab, line, pid, epoch = begun()
    lab.identity()

    assert written(line, pid, epoch, 0) is Code.INVALID_PRODUCER_EPOCH


def test_while_the_transaction_before_ends_its_broker_comes_again_for_the_producer() -> None:
    lab, line, pid, epoch = begun()
    assert written(line, pid, epoch, 0) is Code.NONE
    lab.cluster.network.hold("b1", "b3", one_way=True)
    _, pid, epoch = lab.end(pid, epoch)
    busy = written(line, pid, epoch, 0)
    lab.cluster.network.open("b1", "b3")
    lab.complete()

    assert busy in (Code.CONCURRENT_TRANSACTIONS, Code.NOT_ENOUGH_REPLICAS)
    assert written(line, pid, epoch, 0) is Code.NONE


def test_a_record_outside_of_its_producers_open_transaction_is_refused() -> None:
    _, line, pid, epoch = begun()
    assert written(line, pid, epoch, 0) is Code.NONE

    plain = batch(pid, epoch, 1, is_transactional=False)

    assert Code(write(line, plain, name=None).error_code) is Code.INVALID_TXN_STATE


def test_a_batch_that_comes_again_is_known_whatever_the_transaction() -> None:
    lab, line, pid, epoch = begun()
    first = write(line, batch(pid, epoch, 0))
    again = write(line, batch(pid, epoch, 0))

    assert (again.error_code, again.base_offset) == (Code.NONE, first.base_offset)
    assert fetched(lab, isolation=0).offsets == [0]


def test_of_one_transaction_one_question_waits_and_the_one_before_comes_again() -> None:
    lab = TransactionLab(TopicConfig("orders", partitions=3, replicas=((3, 2),) * 3))
    pid, epoch = lab.identity()
    lab.cluster.network.hold("b1", "b3")
    lines = [lab.client.connect(3) for _ in range(3)]
    asked_for = []
    for number, line in enumerate(lines):
        asked_for.append(send(line, batch(pid, epoch, 0), tp=TopicPartition("orders", number)))
        lab.run(0.1)
    early = [line.answers.get(number) for line, number in zip(lines, asked_for, strict=True)]
    lab.cluster.network.open("b1", "b3")
    late = [part_of(line.wait(number)) for line, number in zip(lines, asked_for, strict=True)]

    assert [answer is None for answer in early] == [True, False, True]
    assert [Code(part.error_code) for part in late] == [Code.NONE, Code.NOT_ENOUGH_REPLICAS, Code.NONE]
    assert "NETWORK_EXCEPTION" in (late[1].error_message or "")
