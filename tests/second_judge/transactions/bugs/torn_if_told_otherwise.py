"""A judge of atomicity for whom a transaction is whole as long as its application was not told otherwise."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, torn
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    of_record = ledger.history.transactions.of_record
    return keeping(torn.judge(ledger), lambda one: bool(of_record[one].asked))


BUG = JudgeBug("torn_if_told_otherwise", "what nobody asked to be committed may be", guarantees={"torn": _judge})
