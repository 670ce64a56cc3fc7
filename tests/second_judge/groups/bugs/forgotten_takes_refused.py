"""A judge of positions for whom whatever was asked for may be written, refused or not."""

from __future__ import annotations

from producer.errors import Code
from sim.judges.guarantees import Ledger, Verdict, forgotten
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    for commits in ledger.history.groups.commits.values():
        for commit in commits:
            if commit.is_refused:
                commit.code = Code.NETWORK_EXCEPTION
    return forgotten.judge(ledger)


BUG = JudgeBug("forgotten_takes_refused", "what was refused may be remembered", guarantees={"forgotten": _judge})
