"""Lost: an application was told that its record is written, and in the end no log has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.history import ACKNOWLEDGED
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "lost"
PROMISE = "an acknowledged record stays in the log"


def judge(ledger: Ledger) -> Verdict:
    """Look for each acknowledged record in the final committed log. Where every disk that has it holds other bytes, it is gone.

    Where the run did not end in a settled cluster, only a record that no broker's log holds any more is lost for
    certain; a crashed broker's disk counts as holding. What went with a topic that somebody deleted is not asked for,
    nor what a replica removed by its topic's settings after it was committed.
    """
    findings: list[Finding] = []
    checked = 0
    for record, told in ledger.history.told.items():
        if told.outcome != ACKNOWLEDGED:
            continue
        if record in ledger.deleted or record in ledger.retired:
            continue
        checked += 1
        at = f"at offset {told.offset}" if told.offset >= 0 else "without a broker's word (acks=0)"
        if ledger.is_corrupt_everywhere(record):
            moments = [Moment("bit flipped", one.event) for one in ledger.corrupt[record]]
            findings.append(
                ledger.finding(record, f"acknowledged {at}, and now corrupt on every disk that has it", *moments)
            )
            continue
        if record in ledger.places or (not ledger.is_final and record in ledger.held):
            continue
        findings.append(ledger.finding(record, f"acknowledged {at}, and now in no log"))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)
