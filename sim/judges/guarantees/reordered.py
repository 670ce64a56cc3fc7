"""Reordered: within one partition, what one producer sent earlier lies behind what it sent later.

Only the first occurrence of a record counts: a repetition further back is a duplicate, and that judge's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import LATER_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.history import RecordId
    from sim.judges.ledger import Ledger

NAME = "reordered"
PROMISE = "a partition keeps the order of one producer's sends"


def judge(ledger: Ledger) -> Verdict:
    """Follow each partition's final committed log; within one client, record numbers must not fall."""
    findings: list[Finding] = []
    checked = 0
    for where, rows in ledger.placed.items():
        newest: dict[str, tuple[RecordId, int, int]] = {}
        seen: set[RecordId] = set()
        for offset, record, entry in rows:
            if record in seen:
                continue
            seen.add(record)
            checked += 1
            ahead = newest.get(record.client)
            if ahead is None or record.number > ahead[0].number:
                newest[record.client] = (record, offset, entry.appended)
                continue
            later, its_offset, its_append = ahead
            what = f"{where} offset {offset}, behind {ledger.history.name(later)} (offset {its_offset}), which was sent after it"
            findings.append(ledger.finding(record, what, Moment(f"append {LATER_ONE}", its_append)))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)
