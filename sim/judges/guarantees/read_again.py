"""Read again: a reader is given a record a second time, or in another order than the partition has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.clients.consumer.reader import BEGINS
from sim.judges.history import Moved, Read, ReaderWay
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "read again"
PROMISE = "a reader is given each record once, in the order of its partition"


def judge(ledger: Ledger) -> Verdict:
    """Follow each reader through each partition, a member of a group from one assignment to the next.

    A group goes on where it has committed, so whoever is given a partition may be given again what was read and not committed; so does
    a job, where its checkpoint is, when its transaction came to nothing.

    Another record at an offset that was read before is no second time: the log was cut between the two.
    """
    findings: list[Finding] = []
    for way in ledger.readings.ways:
        findings += _findings(ledger, way)
    reads = ledger.history.read
    is_conclusive = ledger.is_final and (bool(reads) or not any(ledger.final.values()))
    return Verdict.of(NAME, PROMISE, findings, checked=len(reads), is_conclusive=is_conclusive)


def _findings(ledger: Ledger, way: ReaderWay) -> list[Finding]:
    findings: list[Finding] = []
    history = ledger.history
    goes_back = history.groups.group_of(way.client) is not None or history.transactions.keeps_positions(way.client)
    first: dict[tuple[int, int], Read] = {}
    moved: Moved | None = None
    newest: Read | None = None
    """The furthest since it was moved last."""
    for step in way.steps:
        if isinstance(step, Moved):
            moved, newest = step, None
            if step.why == BEGINS and goes_back:
                first = {}
            continue
        lying = ledger.readings.given[step.event]
        place = (step.offset, step.leader_epoch if lying is None else lying.entry.appended)
        before = first.setdefault(place, step)
        if before is not step:
            why = "" if moved is None or moved.event < before.event else f", since it went back ({moved.why})"
            what = f"given to {way.client} twice from {way.where} offset {step.offset}{why}"
            findings.append(_finding(ledger, way, step, what, before, moved))
        elif newest is not None and step.offset <= newest.offset:
            what = f"given to {way.client} from {way.where} offset {step.offset} behind offset {newest.offset}"
            findings.append(_finding(ledger, way, step, what, newest, moved))
        if newest is None or step.offset > newest.offset:
            newest = step
    return findings


def _finding(ledger: Ledger, way: ReaderWay, read: Read, what: str, other: Read, moved: Moved | None) -> Finding:
    moments = [Moment("read", other.event), Moment("read again", read.event)]
    if moved is not None and other.event < moved.event < read.event:
        moments.insert(1, Moment("reader moves", moved.event))
    lying = ledger.readings.given[read.event]
    if lying is not None and lying.record is not None:
        return ledger.finding(lying.record, what, *moments)
    return ledger.nobody_s(way.where, f"offset {read.offset} of {way.where}", what, *moments)
