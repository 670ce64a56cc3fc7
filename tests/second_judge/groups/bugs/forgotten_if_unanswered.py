"""A judge of positions for whom nothing is written of which nobody was told."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, forgotten
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    for commits in ledger.history.groups.commits.values():
        commits[:] = [commit for commit in commits if commit.is_remembered]
    return forgotten.judge(ledger)


BUG = JudgeBug("forgotten_if_unanswered", "what got no answer is not written", guarantees={"forgotten": _judge})
