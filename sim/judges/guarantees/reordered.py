"""Reordered: within one partition, what one producer sent earlier lies behind what it sent later.

Only the first occurrence of a record counts: a repetition further back is a duplicate, and that judge's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import LATER_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId

NAME = "reordered"
PROMISE = "a partition keeps the order of one producer's sends"


def judge(ledger: Ledger) -> Verdict:
    """Follow each partition's final committed log; within one client, record numbers must not fall.

    Where a cleaner has taken the first place of a record that is there twice, it counts for where it stood.
    """
    findings: list[Finding] = []
    checked = 0
    for where, rows in ledger.placed.items():
        newest: dict[str, tuple[RecordId, int, int]] = {}
        seen: dict[RecordId, tuple[int, int]] = {}
        for offset, record, entry in rows:
            if record in seen:
                continue
            seen[record] = offset, entry.appended
            checked += 1
            ahead = newest.get(record.client)
            if ahead is None or record.number > ahead[0].number:
                newest[record.client] = (record, offset, entry.appended)
                continue
            if record in ledger.compacted:
                first = min([place for its, place in ledger.compacted[record] if its == where], default=offset)
                before = [(one, *at) for one, at in seen.items() if _is_later(one, record) and at[0] < first]
                if not before:
                    continue
                ahead = before[0]
            later, its_offset, its_append = ahead
            what = f"{where} offset {offset}, behind {ledger.history.name(later)} (offset {its_offset}), which was sent after it"
            findings.append(ledger.finding(record, what, Moment(f"append {LATER_ONE}", its_append)))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


def _is_later(one: RecordId, other: RecordId) -> bool:
    return one.client == other.client and one.number > other.number
