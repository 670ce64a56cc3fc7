"""The second judge of transactions: by the bytes on the disks, whose markers decide, and by what clients said. Everything by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from producer.events import IdentityAssigned
from producer.records import TopicPartition
from sim.trace.events import (
    OffsetsGiven,
    ReaderIsolated,
    RecordDerived,
    RecordRead,
    RecordSent,
    TransactionalIdTaken,
    TransactionBegan,
    TransactionEnded,
    TransactionEnding,
)
from tests.second_judge.disks import Id, named
from tests.second_judge.transactions.files import Line, stored_positions

CLIENTS_EVENTS = (
    IdentityAssigned, OffsetsGiven, ReaderIsolated, RecordDerived, RecordRead, RecordSent, TransactionalIdTaken, TransactionBegan,
    TransactionEnded, TransactionEnding,
)  # fmt: skip
Unit = tuple[str, int]
"""A client, and which of its transactions."""
Input = tuple[TopicPartition, int]
"""A partition of the input, and an offset there."""


class Evidence:
    """What clients did and said, in order, and what lies on the disks."""

    def __init__(self, events: list[Any], final: list[Line]) -> None:
        self.events = [event for event in events if isinstance(event, CLIENTS_EVENTS)]
        self.final = final

    def all(self, what: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, what)]

    def units(self) -> list[Unit]:
        return [(one.client, one.transaction) for one in self.all(TransactionBegan)]

    def unit_of(self, record: Id) -> Unit | None:
        """The last transaction that its client had begun when it sent the record."""
        begun = None
        for event in self.events:
            if isinstance(event, TransactionBegan) and event.client == record[0]:
                begun = (event.client, event.transaction)
            if isinstance(event, RecordSent) and (event.client, event.record) == record:
                return begun
        return None

    def records_of(self, unit: Unit) -> list[Id]:
        sent = [(one.client, one.record) for one in self.all(RecordSent) if one.client == unit[0]]
        return [record for record in sent if self.unit_of(record) == unit]

    def counting(self, record: Id) -> list[Line]:
        return [line for line in self.final if line.record == record and line.counts]

    def outcome(self, unit: Unit) -> str:
        told = [one.outcome for one in self.all(TransactionEnded) if (one.client, one.transaction) == unit]
        return told[-1] if told else ""

    def asked(self, unit: Unit, before: Any = None) -> bool:
        """Whether its client had asked for a commit, before that event."""
        events = self.events if before is None else self.events[: self.place(before)]
        asked = [one for one in events if isinstance(one, TransactionEnding) and one.is_commit]
        return any((one.client, one.transaction) == unit for one in asked)

    def epoch(self, event: Any) -> int:
        """The last that its client had been told before; there is one producer id. -1 for none."""
        before = [one for one in self.events[: self.place(event)] if isinstance(one, IdentityAssigned)]
        own = [one.producer_epoch for one in before if one.client == event.client]
        return own[-1] if own else -1

    def place(self, event: Any) -> int:
        return next(place for place, one in enumerate(self.events) if one is event)


def torn(evidence: Evidence) -> set[Unit]:
    """In part there and in part not; or otherwise than was asked for, or told."""
    found = set()
    for unit in evidence.units():
        count = [bool(evidence.counting(record)) for record in evidence.records_of(unit)]
        outcome = evidence.outcome(unit)
        if any(count) and not (all(count) and evidence.asked(unit) and outcome not in {"aborted", "failed"}):
            found.add(unit)
        if outcome == "committed" and not all(count):
            found.add(unit)
    return found


def aborted_read(evidence: Evidence) -> set[Id]:
    """Given to who reads what is committed, and aborted by its marker, its client's wish, or its client's word."""
    isolated = [one.client for one in evidence.all(ReaderIsolated)]
    found = set()
    for read in evidence.all(RecordRead):
        record = named(read.headers)
        unit = evidence.unit_of(record)
        if read.client not in isolated or unit is None:
            continue
        is_asked = evidence.asked(unit, read)
        if not evidence.counting(record) or not is_asked or evidence.outcome(unit) in {"aborted", "failed"}:
            found.add(record)
    return found


def fencing(evidence: Evidence) -> set[Id]:
    """Sent after another was told that it has the id by a higher epoch, or later where nobody tells epochs; and counting."""
    found = set()
    for began in evidence.all(TransactionBegan):
        epoch = evidence.epoch(began)
        taken = [
            evidence.place(one)
            for one in evidence.all(TransactionalIdTaken)
            if evidence.epoch(one) > epoch or (evidence.epoch(one) < 0 and evidence.place(one) > evidence.place(began))
        ]
        for sent in evidence.all(RecordSent):
            record = (sent.client, sent.record)
            is_of_it = evidence.unit_of(record) == (began.client, began.transaction)
            if is_of_it and taken and evidence.place(sent) > min(taken) and evidence.counting(record):
                found.add(record)
    return found


def exactly_once(evidence: Evidence) -> set[Input]:
    """Made something of that counts twice, or past the group's position and nothing that was made of it counts."""
    made: dict[Input, list[Id]] = {}
    for one in evidence.all(RecordDerived):
        made.setdefault((TopicPartition(one.topic, one.partition), one.offset), []).append((one.client, one.record))
    found = {place for place, records in made.items() if sum(len(evidence.counting(record)) for record in records) > 1}
    for where, position in positions(evidence).items():
        for line in evidence.final:
            if line.where == where and line.offset < position:
                records = made.get((where, line.offset), [])
                if not any(evidence.counting(record) for record in records):
                    found.add((where, line.offset))
    return found


def positions(evidence: Evidence) -> Mapping[TopicPartition, int]:
    """The furthest that the group was told it has come, or has come by what is stored."""
    furthest: dict[TopicPartition, int] = {}
    for one in evidence.all(OffsetsGiven):
        if evidence.outcome((one.client, one.transaction)) == "committed":
            for topic, partition, offset in one.positions:
                where = TopicPartition(topic, partition)
                furthest[where] = max(offset, furthest.get(where, 0))
    stored = stored_positions(evidence.final)
    for where, offset in stored.items():
        furthest[where] = max(offset, furthest.get(where, 0))
    return furthest


JUDGES: dict[str, Callable[[Evidence], set[Any]]] = {
    "torn": torn,
    "aborted read": aborted_read,
    "fencing": fencing,
    "exactly once": exactly_once,
}
"""By the name of the breach, as the oracle has it."""
