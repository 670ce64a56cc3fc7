"""Key order: a consumer reads the records of one key in another order than they were sent in, across partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import LATER_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId

NAME = "key order"
PROMISE = "a consumer reads the records of one key in the order of their sends"


def judge(ledger: Ledger) -> Verdict:
    """Follow what each consumer read; within one client and key, the numbers of first reads must not fall.

    What a cleaner took away before it came by it was not given: a record that stood there twice is read at its second place.
    """
    findings: list[Finding] = []
    newest: dict[tuple[str, str, str, bytes], tuple[RecordId, int]] = {}
    seen: set[tuple[str, RecordId]] = set()
    checked = 0
    for read in ledger.history.read:
        record = ledger.readings.record_at(read)
        if record is None or read.key is None or (read.client, record) in seen:
            continue
        seen.add((read.client, record))
        checked += 1
        line = (read.client, record.client, read.where.topic, read.key)
        ahead = newest.get(line)
        if ahead is None or record.number > ahead[0].number:
            newest[line] = (record, read.event)
            continue
        if any(where == read.where and place < read.offset for where, place in ledger.compacted.get(record, ())):
            continue
        later, its_read = ahead
        behind = f"after {ledger.history.name(later)}, of the same key, which was sent after it"
        what = f"read from {read.where} offset {read.offset} {behind}"
        moments = Moment("read", read.event), Moment(f"read {LATER_ONE}", its_read)
        findings.append(ledger.finding(record, what, *moments))
    is_conclusive = ledger.is_final and (bool(ledger.history.read) or not any(ledger.placed.values()))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=is_conclusive)
