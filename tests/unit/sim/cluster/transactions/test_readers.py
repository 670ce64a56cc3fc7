"""Readers of a topic with transactions in virtual time: what each is given, and that its way passes over markers."""

from __future__ import annotations

from producer.errors import Code
from sim.clients.consumer import Isolation, ReadSettings
from sim.clients.reader import SimReader
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import ReaderIsolated, RecordRead
from tests.unit.sim.raw_client import ORDERS
from tests.unit.sim.transaction_client import TransactionLab
from tests.unit.sim.transactional_writer import batch, write


def read(lab: TransactionLab, name: str) -> list[bytes | None]:
    """The values that a reader was given so far."""
    return [event.value for event in lab.events(RecordRead, client=name)]


def reading(lab: TransactionLab, isolation: Isolation) -> SimReader:
    return SimReader(lab.cluster, "orders", name=isolation.name.lower(), reading=ReadSettings(isolation=isolation))


def test_each_isolation_is_given_its_records_and_all_come_to_the_end() -> None:
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2),)))
    committed, uncommitted = (reading(lab, one) for one in (Isolation.READ_COMMITTED, Isolation.READ_UNCOMMITTED))
    pid, epoch = lab.identity()
    line = lab.client.connect(3)
    for name, is_commit in (("a", True), ("b", False), ("c", True)):
        for sequence in range(2):
            value = f"{name}{sequence}".encode()
            assert Code(write(line, batch(pid, epoch, sequence, value=value)).error_code) is Code.NONE
        lab.client.produce(f"plain-{name}".encode())
        pid, epoch = lab.ended(pid, epoch, is_commit=is_commit)
    assert Code(write(line, batch(pid, epoch, 0, value=b"open")).error_code) is Code.NONE
    lab.run(2)

    everything = [b"a0", b"a1", b"plain-a", b"b0", b"b1", b"plain-b", b"c0", b"c1", b"plain-c", b"open"]
    decided = [value for value in everything if value not in (b"b0", b"b1", b"open")]
    assert read(lab, "read_uncommitted") == everything
    assert read(lab, "read_committed") == decided
    assert uncommitted.positions == {ORDERS: 13}
    assert committed.positions == {ORDERS: 12}
    assert [event.client for event in lab.events(ReaderIsolated)] == ["read_committed"]


def test_a_reader_that_waits_is_given_a_transaction_when_it_is_committed() -> None:
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2),)))
    pid, epoch = lab.identity()
    assert Code(write(lab.client.connect(3), batch(pid, epoch, 0, value=b"late")).error_code) is Code.NONE
    reading(lab, Isolation.READ_COMMITTED)
    lab.run(2)
    before = read(lab, "read_committed")
    lab.ended(pid, epoch)
    lab.run(2)

    assert before == []
    assert read(lab, "read_committed") == [b"late"]
