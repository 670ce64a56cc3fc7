"""Fencing: what an older instance writes or commits under a transactional id counts, though a newer one had taken the id over.

An instance that was told that the id is its own (init_transactions) may rely on it: whatever was open is decided, and nothing that was
begun before counts from then on unless it did so already. A transaction that was prepared, and that the newer one went on with, is the
newer one's (KIP-939).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId
    from sim.judges.transactions import Taken, Transaction

NAME = "fencing"
PROMISE = "once a transactional id is taken over, nothing counts that its former owner writes or commits"


def judge(ledger: Ledger) -> Verdict:
    """Look at each record of a transaction that was begun before somebody took its id over."""
    if not ledger.is_final:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    findings: list[Finding] = []
    checked = 0
    transactions = ledger.history.transactions
    for transaction in transactions.begun():
        taken = transactions.overtaken_by(transaction)
        if taken is None or not transaction.transactional_id:
            continue
        for record in transaction.records:
            checked += 1
            finding = _finding(ledger, transaction, taken, record)
            if finding is not None:
                findings.append(finding)
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=True)


def _finding(ledger: Ledger, transaction: Transaction, taken: Taken, record: RecordId) -> Finding | None:
    """Tell of a record that should not count; None for one that may."""
    for place in ledger.counting(record):
        end = ledger.decisions.final(place.where, place.entry)
        at = f"{place.where} offset {place.offset}"
        whose = f"{taken.client} had taken over {transaction.transactional_id}"
        if place.entry.appended > taken.event:
            what = f"written at {at} after {whose}, and it counts"
        elif end is not None and end.event > taken.event and transaction.recovered < 0:
            what = f"committed at {at} after {whose}"
        else:
            continue
        moments = [Moment("taken over", taken.event), *transaction.moments]
        return ledger.finding(record, what, *moments, *ledger.decisions.moments(place.where, place.entry))
    return None
