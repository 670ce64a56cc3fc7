"""Duplicated: one send, two or more places in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import Finding, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "duplicated"
PROMISE = "a record is written once at most"


def judge(ledger: Ledger) -> Verdict:
    """Count the places of every record in the final committed logs, whatever the application was told."""
    findings: list[Finding] = []
    for record, places in ledger.places.items():
        if len(places) > 1:
            where = ", ".join(f"{place.where} offset {place.offset}" for place in places)
            findings.append(ledger.finding(record, f"sent once, written {len(places)} times: {where}"))
    return Verdict.of(NAME, PROMISE, findings, checked=len(ledger.history.sent), is_conclusive=ledger.is_final)
