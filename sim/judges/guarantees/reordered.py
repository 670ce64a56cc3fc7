"""Reordered: within one partition, what one producer sent earlier lies behind what it sent later.

Only the first occurrence of a record counts: a repetition further back is a duplicate, and that judge's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import LATER_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "reordered"
PROMISE = "a partition keeps the order of one producer's sends"


def judge(ledger: Ledger) -> Verdict:
    """Follow each partition's final committed log; within one client, record numbers must not fall."""
    findings: list[Finding] = []
    checked = 0
    for where, rows in ledger.placed.items():
        newest: dict[str, tuple[int, int, int]] = {}
        seen: set[int] = set()
        for offset, record, entry in rows:
            if record in seen:
                continue
            seen.add(record)
            checked += 1
            ahead = newest.get(entry.client)
            if ahead is None or record > ahead[0]:
                newest[entry.client] = (record, offset, entry.appended)
                continue
            later, its_offset, its_append = ahead
            what = f"{where} offset {offset}, behind record {later} (offset {its_offset}), which was sent after it"
            findings.append(ledger.finding(record, what, Moment(f"append {LATER_ONE}", its_append)))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)
