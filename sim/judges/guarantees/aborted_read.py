"""Aborted read: a reader of what is committed is given a record whose transaction was aborted, or not decided yet (Adya's G1a).

Two witnesses count: the log, by the marker that decides a record; and the application, by what it asked for and was told. A marker that
came too late may commit in the log what its application aborted, or has yet to ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.transactions import NOT_COMMITTED
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.history import Read
    from sim.judges.ledger import Ledger
    from sim.judges.readings import Lying
    from sim.judges.transactions import Transaction

NAME = "aborted read"
PROMISE = "who reads what is committed is given nothing of a transaction that is aborted, or not committed yet"


def judge(ledger: Ledger) -> Verdict:
    """Look at each read of whoever is to be given nothing but what is committed."""
    findings: list[Finding] = []
    checked = 0
    for read in ledger.history.read:
        if read.client not in ledger.history.isolated:
            continue
        checked += 1
        lying = ledger.readings.given[read.event]
        if lying is None or lying.record in ledger.removed:
            continue
        what = wrong(ledger, read, lying)
        if what:
            findings.append(_finding(ledger, read, lying, f"{what}, and {read.client} was given it"))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


def wrong(ledger: Ledger, read: Read, lying: Lying) -> str:
    """Say what is wrong with a read of somebody who reads what is committed; empty if nothing is."""
    at = f"{read.where} offset {read.offset}"
    in_log = ledger.not_given(read.where, lying.entry, read.event)
    if in_log:
        return f"{at} {in_log}"
    transaction = _transaction(ledger, lying)
    if transaction is None:
        return ""
    if not transaction.commit_asked(read.event):
        return f"{at} was of {transaction}, which nobody had asked to be committed"
    if transaction.outcome in NOT_COMMITTED:
        return f"{at} was of {transaction}, which ended as {transaction.outcome} for its application"
    return ""


def _transaction(ledger: Ledger, lying: Lying) -> Transaction | None:
    """Whose transaction that is, if it is one that brokers know of."""
    if lying.record is None:
        return None
    transaction = ledger.history.transactions.of_record.get(lying.record)
    return transaction if transaction is not None and transaction.transactional_id else None


def _finding(ledger: Ledger, read: Read, lying: Lying, what: str) -> Finding:
    moments = [Moment("read", read.event), *ledger.decisions.moments(read.where, lying.entry)]
    if lying.record is None:
        moments.sort(key=lambda moment: moment.event)
        return ledger.nobody_s(read.where, f"offset {read.offset} of {read.where}", what, *moments)
    transaction = ledger.history.transactions.of_record.get(lying.record)
    if transaction is not None:
        moments += transaction.moments
    return ledger.finding(lying.record, what, *moments)
