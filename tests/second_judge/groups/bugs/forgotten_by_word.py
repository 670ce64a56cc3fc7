"""A judge of positions who listens to members, and does not look at what is stored."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, State, Verdict, forgotten
from sim.judges.positions import STORED
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    verdict = forgotten.judge(ledger)
    found = tuple(one for one in verdict.findings if not one.what.startswith(STORED))
    return verdict._replace(findings=found, state=State.VIOLATED if found else State.HOLDS)


BUG = JudgeBug("forgotten_by_word", "what is stored and never told may be anything", guarantees={"forgotten": _judge})
