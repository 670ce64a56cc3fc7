"""Misplaced: an application was told where its record lies, and it does not lie there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.judges.history import ACKNOWLEDGED
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.judges.history import Read, RecordId, Told
    from sim.judges.ledger import Ledger

NAME = "misplaced"
PROMISE = "a record lies where its application was told, at that offset and with that time"


def judge(ledger: Ledger) -> Verdict:
    """Compare partition, offset and time of each acknowledgement with what leaders had appended by then, and with the end.

    For a batch that was there already Apache Kafka tells all its records the newest time among them (UnifiedLog.append): that
    time is not asked for, unless it is LogAppendTime, which they have in common. A record that is nowhere in the end is lost, which is another judge's matter; that it was never where it was told is not.
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
        wrong = _wrong_time(told, read_as.get(record, ()), is_own=not ledger.was_recognised(record))
        if wrong is not None:
            what = f"told with the time {told.timestamp_ms}, and read with {wrong.timestamp_ms}"
            findings.append(ledger.finding(record, what, Moment("read", wrong.event)))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


def _wrong_place(ledger: Ledger, record: RecordId, told: Told) -> str:
    """Say what is wrong with the place that was told; empty if nothing is."""
    where = TopicPartition(ledger.history.sent[record].topic, told.partition)
    by_then = [place for place in ledger.written.get(record, ()) if place.entry.appended < told.event]
    said = f"told to lie at {where} offset {told.offset}"
    if not any((place.where, place.offset) == (where, told.offset) for place in by_then):
        others = ", ".join(f"{place.where} offset {place.offset}" for place in by_then)
        return f"{said}, where nobody had written it" + (f"; it was written at {others}" if others else "")
    places = ledger.places.get(record, [])
    if not ledger.is_final or not places or any((one.where, one.offset) == (where, told.offset) for one in places):
        return ""
    return f"{said}; in the end it lies at {', '.join(f'{one.where} offset {one.offset}' for one in places)}"


def _wrong_time(told: Told, reads: Sequence[Read], *, is_own: bool) -> Read | None:
    """Give a read with another time than was told; `is_own`: what was told is the record's own time, whatever its type."""
    if told.timestamp_ms < 0:
        return None
    compared = (read for read in reads if is_own or read.timestamp_type == "LogAppendTime")
    return next((read for read in compared if read.timestamp_ms != told.timestamp_ms), None)


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
