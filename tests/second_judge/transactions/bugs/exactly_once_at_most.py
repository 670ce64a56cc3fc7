"""A judge of exactly once who looks for what is there twice, and not for what is missing."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, exactly_once
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    made = ledger.history.transactions.origins
    return keeping(exactly_once.judge(ledger), lambda one: one in made)


BUG = JudgeBug("exactly_once_at_most", "nothing is missing", guarantees={"exactly once": _judge})
