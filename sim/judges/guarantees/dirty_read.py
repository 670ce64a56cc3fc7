"""Dirty read: a reader is given what is not committed, or what is not in the log afterwards.

Committed is meant as replicas mean it: by the high watermark. What a transaction makes of it is `aborted read`'s matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.guarantees import aborted_read
from sim.judges.history import Moved
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.history import Read
    from sim.judges.ledger import Ledger
    from sim.judges.readings import Lying

NAME = "dirty read"
PROMISE = "what a reader is given is committed, and stays in the log"


def judge(ledger: Ledger) -> Verdict:
    """Hold each read against the high watermarks by then, and against the final committed log.

    What somebody deleted, the topic and all, or what was removed by the topic's settings, was there to be read until then. Where the run did not end in a settled cluster, only what no broker's log holds any more is gone for certain.
    """
    findings: list[Finding] = []
    held = frozenset() if ledger.is_final else _held(ledger)
    for read in ledger.history.read:
        lying = ledger.readings.given[read.event]
        if lying is not None and lying.record in ledger.removed:
            continue
        if lying is not None and read.client in ledger.history.isolated and aborted_read.wrong(ledger, read, lying):
            continue
        what = _wrong(ledger, read, lying, held)
        if what:
            at = f"{read.where} offset {read.offset}"
            findings.append(_finding(ledger, read, lying, f"{at} {what}, and {read.client} was given it"))
    reads = ledger.history.read
    is_conclusive = ledger.is_final and (bool(reads) or not any(ledger.final.values()))
    return Verdict.of(NAME, PROMISE, findings, checked=len(reads), is_conclusive=is_conclusive)


def _wrong(ledger: Ledger, read: Read, lying: Lying | None, held: frozenset[tuple[int, int]]) -> str:
    """Say what is wrong with the place of a read; empty if nothing is."""
    if lying is None:
        return "holds what no leader appended there"
    entry = lying.entry
    committed = ledger.committed_before.get(entry.appended) or ledger.committed.get(
        (read.where, entry.leader_epoch, entry.base_offset)
    )
    event, last = committed or (read.event, -1)
    is_committed = event < read.event and read.offset <= last
    if ledger.is_final:
        final = ledger.readings.final.get(read.where, {}).get(read.offset)
        is_there = final is not None and final.is_same(lying)
    else:
        is_there = (entry.appended, read.offset) in held
    is_there = is_there or (read.where, entry.appended, read.offset) in ledger.outlived
    if not is_there:
        return "is gone" + ("" if is_committed else ", it was never committed")
    return "" if is_committed else "lay above the high watermark"


def _held(ledger: Ledger) -> frozenset[tuple[int, int]]:
    """Each (append, offset) that any broker's log still holds."""
    return frozenset(
        (entry.appended, offset)
        for replicas in ledger.logs.values()
        for log in replicas.values()
        for entry in log.entries
        for offset in range(entry.base_offset, entry.last_offset + 1)
    )


def _finding(ledger: Ledger, read: Read, lying: Lying | None, what: str) -> Finding:
    moments = [Moment("read", read.event)]
    steps = ledger.history.ways[read.client, read.where].steps
    later = next((step for step in steps if isinstance(step, Moved) and step.event > read.event), None)
    if later is not None:
        moments.append(Moment("reader moves", later.event))
    if lying is not None and lying.record is not None:
        return ledger.finding(lying.record, what, *moments)
    return ledger.nobody_s(read.where, f"offset {read.offset} of {read.where}", what, *moments)
