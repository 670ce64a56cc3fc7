"""Torn: a part of a transaction counts, and a part does not; or all of it, and its application was told otherwise.

What counts is in the final committed logs, before a marker that commits it. Without transactions whatever is there counts: what
belongs together is known to the application alone, and torn as soon as that dies amid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.transactions import COMMITTED, NOT_COMMITTED
from sim.judges.verdict import Finding, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger
    from sim.judges.transactions import Transaction

NAME = "torn"
PROMISE = "a transaction counts as a whole or not at all, and as its application was told"


def judge(ledger: Ledger) -> Verdict:
    """Look where the records of each transaction are in the end, and which of them count.

    A record that its application was told has failed is one of them: what it belongs to may not be committed without it.
    """
    if not ledger.is_final:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    begun = [transaction for transaction in ledger.history.transactions.begun() if transaction.records]
    found = [_finding(ledger, transaction) for transaction in begun]
    findings = [finding for finding in found if finding is not None]
    return Verdict.of(NAME, PROMISE, findings, checked=len(begun), is_conclusive=True)


def _finding(ledger: Ledger, transaction: Transaction) -> Finding | None:
    """Tell of the first record that is not as the others, or not as was told; None where nothing is wrong."""
    # Of what was there and was removed since, with its topic or by its settings, nobody can tell whether it counted.
    known = [one for one in transaction.records if not ledger.is_removed(one)]
    counting = [one for one in known if ledger.counting(one)]
    missing = [one for one in known if not ledger.counting(one)]
    share = f"{len(counting)} of {len(known)} records of {transaction} count"
    if counting and not any(one.is_commit for one in transaction.asked):
        odd, why = counting[0], "nobody asked for it to be committed"
    elif counting and transaction.outcome in NOT_COMMITTED:
        odd, why = counting[0], f"it ended as {transaction.outcome} for its application"
    elif counting and missing:
        odd, why = missing[0], f"this one {ledger.fate(missing[0])}"
    elif missing and transaction.outcome == COMMITTED:
        odd, why = missing[0], f"it ended as committed for its application: this one {ledger.fate(missing[0])}"
    else:
        return None
    moments = list(transaction.moments)
    for record in dict.fromkeys([odd, *counting[:1]]):
        for place in ledger.places.get(record, ()):
            moments += ledger.decisions.moments(place.where, place.entry)
    return ledger.finding(odd, f"{share}, and {why}", *moments)
