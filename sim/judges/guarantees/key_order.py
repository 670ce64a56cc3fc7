"""Key order: a consumer reads the records of one key in another order than they were sent in, across partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import LATER_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "key order"
PROMISE = "a consumer reads the records of one key in the order of their sends"


def judge(ledger: Ledger) -> Verdict:
    """Follow what each consumer read; within one client and key, the numbers of first reads must not fall."""
    findings: list[Finding] = []
    at = {
        (where, offset): (record, entry.client)
        for where, rows in ledger.placed.items()
        for offset, record, entry in rows
    }
    newest: dict[tuple[str, str, str, bytes], tuple[int, int]] = {}
    seen: set[tuple[str, int]] = set()
    checked = 0
    for read in ledger.history.read:
        found = at.get((read.where, read.offset))
        if found is None or read.key is None or (read.client, found[0]) in seen:
            continue
        record, client = found
        seen.add((read.client, record))
        checked += 1
        line = (read.client, client, read.where.topic, read.key)
        ahead = newest.get(line)
        if ahead is None or record > ahead[0]:
            newest[line] = (record, read.event)
            continue
        later, its_read = ahead
        what = (
            f"read from {read.where} offset {read.offset} after record {later} of the same key, which was sent after it"
        )
        moments = Moment("read", read.event), Moment(f"read {LATER_ONE}", its_read)
        findings.append(ledger.finding(record, what, *moments))
    is_conclusive = ledger.is_final and (bool(ledger.history.read) or not at)
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=is_conclusive)
