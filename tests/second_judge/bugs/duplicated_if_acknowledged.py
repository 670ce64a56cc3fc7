"""A judge of repetitions that counts only what an application was told is written."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, duplicated
from sim.judges.history import ACKNOWLEDGED
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    return keeping(duplicated.judge(ledger), lambda one: ledger.history.outcome(one) == ACKNOWLEDGED)


BUG = JudgeBug(
    "duplicated_if_acknowledged", "what nobody acknowledged may be there twice", guarantees={"duplicated": _judge}
)
