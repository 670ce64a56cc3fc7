"""Phantom: an application was told that its record is certainly not written, and there it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.history import FAILED
from sim.judges.verdict import Finding, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "phantom"
PROMISE = "a record that failed for certain is not in the log"


def judge(ledger: Ledger) -> Verdict:
    """Look for each record that failed for certain; one with an unknown outcome may be there or not."""
    findings: list[Finding] = []
    checked = 0
    for record, told in ledger.history.told.items():
        if told.outcome != FAILED:
            continue
        checked += 1
        places = ledger.places.get(record)
        if places:
            what = f"reported as not written (error {told.code}), yet at {places[0].where} offset {places[0].offset}"
            findings.append(ledger.finding(record, what))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)
