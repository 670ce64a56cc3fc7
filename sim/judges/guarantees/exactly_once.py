"""Exactly once: what was made of a record is in the output twice, or not at all though the application has gone on.

The application says which record it made of which. What it made counts if it is committed, with its transaction where it has one. An
input is due once the application's position has passed it: what its group has committed, or what it keeps itself as a checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.positions import stored_positions
from sim.judges.record_id import RecordId
from sim.judges.transactions import Origin, Position
from sim.judges.verdict import FIRST_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.judges.history import Read
    from sim.judges.ledger import Ledger
    from sim.judges.readings import Lying

NAME = "exactly once"
PROMISE = "what is made of a record is in the output once, for each record that the application has gone past"

Made = dict[int, list[tuple[RecordId, Origin]]]
"""Which part of all that is made of one input -> the records that it was made as, in the order of the trace."""
TWICE = 2


def judge(ledger: Ledger) -> Verdict:
    """Look for what was made of each record of the inputs, in the final committed logs."""
    if not ledger.is_final:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    made = _made(ledger)
    findings: list[Finding] = []
    for (where, offset, _), parts in made.items():
        for records in parts.values():
            findings += _twice(ledger, where, offset, records)
    looked_at = {(where, offset) for where, offset, _ in made}
    for where, position in _positions(ledger).items():
        for lying in _due(ledger, where, position):
            looked_at.add((where, lying.offset))
            parts = made.get((where, lying.offset, lying.entry.appended), {})
            findings += _missing(ledger, where, lying, parts, position)
    return Verdict.of(NAME, PROMISE, findings, checked=len(looked_at), is_conclusive=True)


def _made(ledger: Ledger) -> dict[tuple[TopicPartition, int, int], Made]:
    """Input (partition, offset, event of its append) -> all that was ever made of it."""
    reads: dict[tuple[str, TopicPartition, int], list[Read]] = {}
    for read in ledger.history.read:
        reads.setdefault((read.client, read.where, read.offset), []).append(read)
    made: dict[tuple[TopicPartition, int, int], Made] = {}
    for record, origins in ledger.history.transactions.origins.items():
        for origin in origins:
            given = reads.get((origin.reader, origin.where, origin.offset), ())
            before = [ledger.readings.given[read.event] for read in given if read.event < origin.event]
            lying = before[-1] if before else ledger.readings.final.get(origin.where, {}).get(origin.offset)
            place = origin.where, origin.offset, -1 if lying is None else lying.entry.appended
            made.setdefault(place, {}).setdefault(origin.part, []).append((record, origin))
    return made


def _positions(ledger: Ledger) -> dict[TopicPartition, Position]:
    """Input partition -> the furthest position that counts: told as remembered, stored in the end, or kept in a checkpoint."""
    history = ledger.history
    transactions = history.transactions
    origins = [origin for origins in transactions.origins.values() for origin in origins]
    inputs = dict.fromkeys([origin.where.topic for origin in origins])
    groups = {one.group: None for transaction in transactions.begun() for one in transaction.positions}
    groups |= {history.groups.group_of(origin.reader) or "": None for origin in origins}
    positions = list(transactions.checkpoints)
    for (group, where), commits in history.groups.commits.items():
        if group in groups:
            positions += [Position(group, where, one.offset, one.told) for one in commits if one.is_remembered]
    for (group, where), fetched in stored_positions(ledger).items():
        if group in groups:
            positions.append(Position(group, where, fetched.offset, fetched.event))
    furthest: dict[TopicPartition, Position] = {}
    for position in positions:
        before = furthest.get(position.where)
        if position.where.topic in inputs and (before is None or before.offset < position.offset):
            furthest[position.where] = position
    return furthest


def _due(ledger: Ledger, where: TopicPartition, position: Position) -> list[Lying]:
    """What lies in an input from where somebody began to read it up to the position, and may be given to its readers."""
    history = ledger.history
    readers = {origin.reader: None for origins in history.transactions.origins.values() for origin in origins}
    readers |= {one.client: None for one in history.groups.members.values() if one.group == position.group}
    ways = [way for way in ledger.readings.ways if way.where == where and way.client in readers and way.steps]
    if not ways:
        return []
    begin = min([way.steps[0].offset for way in ways])
    are_isolated = all(way.client in history.isolated for way in ways)
    return [
        lying
        for offset, lying in ledger.readings.final.get(where, {}).items()
        if begin <= offset < position.offset
        and (where, lying.entry.appended, offset) not in ledger.outlived
        and not (are_isolated and ledger.is_withheld(where, lying.entry))
    ]


def _twice(ledger: Ledger, where: TopicPartition, offset: int, records: list[tuple[RecordId, Origin]]) -> list[Finding]:
    """Tell of the last of several records that count, though one should."""
    history = ledger.history
    counting = [(record, origin, place) for record, origin in records for place in ledger.counting(record)]
    if len(counting) < TWICE:
        return []
    told = ", ".join(f"{history.name(record)} at {place.where} offset {place.offset}" for record, _, place in counting)
    last, derived, _ = counting[-1]
    moments = [Moment("derived", derived.event), *_of_transaction(ledger, last)]
    for record, origin, place in counting:
        if record != last:
            moments.append(Moment(f"derived {FIRST_ONE}", origin.event))
            moments.append(Moment(f"send {FIRST_ONE}", history.sent[record].event))
            moments.append(Moment(f"append {FIRST_ONE}", place.entry.appended))
    what = f"made of {where} offset {offset}, of which {len(counting)} records count: {told}"
    return [ledger.finding(last, what, *moments)]


def _missing(ledger: Ledger, where: TopicPartition, lying: Lying, parts: Made, position: Position) -> list[Finding]:
    """Tell of an input that is over for its application, and of which nothing, or not all that was made, counts."""
    gone = [records for records in parts.values() if not any(_counts(ledger, record) for record, _ in records)]
    if parts and not gone:
        return []
    whose = f"group {position.group} has come" if position.group else "its application goes on"
    passed = f"{where} offset {lying.offset}: {whose} to offset {position.offset}, and"
    moments = [Moment("position", position.event)]
    moments += [
        Moment("read", read.event) for read in ledger.history.read if ledger.readings.given[read.event] == lying
    ]
    if gone:
        last, derived = gone[0][-1]
        what = f"{passed} what was made of it, {ledger.history.name(last)}, {ledger.fate(last)}"
        moments += [Moment("derived", derived.event), *_of_transaction(ledger, last)]
        if last in ledger.history.sent:
            moments.append(Moment("send of what was made", ledger.history.sent[last].event))
    else:
        what = f"{passed} nothing was made of it"
    if lying.record is not None:
        return [ledger.finding(lying.record, what, *moments)]
    moments.sort(key=lambda moment: moment.event)
    return [ledger.nobody_s(where, f"offset {lying.offset} of {where}", what, *moments)]


def _counts(ledger: Ledger, record: RecordId) -> bool:
    return bool(ledger.counting(record)) or ledger.is_removed(record)


def _of_transaction(ledger: Ledger, record: RecordId) -> list[Moment]:
    """What its application did about the transaction that a record was sent in."""
    transaction = ledger.history.transactions.of_record.get(record)
    return [] if transaction is None else transaction.moments
