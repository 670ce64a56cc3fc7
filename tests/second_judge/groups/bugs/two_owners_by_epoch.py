"""A judge of owners for whom whoever has a partition in another epoch has another partition."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, two_owners
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    for holds in ledger.history.groups.holds.values():
        for hold in holds:
            hold.affirmed_us = -1
    return two_owners.judge(ledger)


BUG = JudgeBug("two_owners_by_epoch", "two may have it in two epochs", guarantees={"two owners": _judge})
