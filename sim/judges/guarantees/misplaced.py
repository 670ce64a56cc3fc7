"""Misplaced: an application was told where its record lies, and it does not lie there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.judges.history import ACKNOWLEDGED
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.judges.history import Read, Told
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId

NAME = "misplaced"
PROMISE = "a record lies where its application was told, at that offset and with that time"


def judge(ledger: Ledger) -> Verdict:
    """Compare partition, offset and time of each acknowledgement with what leaders had appended by then, and with the end.

    For a batch that was there already Apache Kafka tells all its records the newest time among them (UnifiedLog.append): none
    of them is read with a later one, and one of them with that one. A record that is nowhere in the end is lost, which is
    another judge's matter; that it was never where it was told is not.
    """
    findings: list[Finding] = []
    checked = 0
    read_as = _reads_by_record(ledger)
    for record, told in ledger.history.told.items():
        if told.outcome != ACKNOWLEDGED or told.offset < 0:
            continue
        checked += 1
        what = _wrong_place(ledger, record, told)
        if what:
            findings.append(ledger.finding(record, what))
            continue
        if told.timestamp_ms < 0:
            continue
        reads = read_as.get(record, ())
        together = [read_as.get(one, ()) for one in ledger.recognised_with(record, told.event)]
        wrong = _not_the_newest(told, reads, together) if together else _other_time(told, reads)
        if wrong is not None:
            newest = ", the newest of its batch," if together else ","
            what = f"told with the time {told.timestamp_ms}{newest} and read with {wrong.timestamp_ms}"
            findings.append(ledger.finding(record, what, Moment("read", wrong.event)))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


def _wrong_place(ledger: Ledger, record: RecordId, told: Told) -> str:
    """Say what is wrong with the place that was told; empty if nothing is."""
    where = TopicPartition(ledger.history.sent[record].topic, told.partition)
    here = where, told.offset
    by_then = [
        (place.where, place.offset) for place in ledger.written.get(record, ()) if place.entry.appended < told.event
    ]
    if here not in by_then:
        others = f"; it was written at {_listed(by_then)}" if by_then else ""
        return f"told to lie at {_listed([here])}, where nobody had written it{others}"
    places = [(place.where, place.offset) for place in ledger.places.get(record, ())]
    if not ledger.is_final or not places or here in places or here in ledger.compacted.get(record, ()):
        return ""
    return f"told to lie at {_listed([here])}; in the end it lies at {_listed(places)}"


def _listed(places: Sequence[tuple[TopicPartition, int]]) -> str:
    return ", ".join(f"{where} offset {offset}" for where, offset in places)


def _other_time(told: Told, reads: Sequence[Read]) -> Read | None:
    """Give a read with another time than was told."""
    return next((read for read in reads if read.timestamp_ms != told.timestamp_ms), None)


def _not_the_newest(told: Told, reads: Sequence[Read], together: Sequence[Sequence[Read]]) -> Read | None:
    """Give a read of this record with a later time, or the newest of its batch (`together`) if that is an earlier one."""
    for read in reads:
        is_in_common = read.timestamp_type == "LogAppendTime"
        if read.timestamp_ms > told.timestamp_ms or (is_in_common and read.timestamp_ms != told.timestamp_ms):
            return read
        by_same = [[one for one in others if one.client == read.client] for others in together]
        newest = max((one for others in by_same for one in others), key=lambda one: one.timestamp_ms)
        if all(by_same) and newest.timestamp_ms < told.timestamp_ms:
            return newest
    return None


def _reads_by_record(ledger: Ledger) -> dict[RecordId, list[Read]]:
    """Record -> its reads at the offset that was told."""
    result: dict[RecordId, list[Read]] = {}
    for read in ledger.history.read:
        lying = ledger.readings.given[read.event]
        if lying is None or lying.record is None:
            continue
        told = ledger.history.told.get(lying.record)
        if told is not None and (told.partition, told.offset) == (read.where.partition, read.offset):
            result.setdefault(lying.record, []).append(read)
    return result
