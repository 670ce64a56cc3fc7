"""A judge of owners who looks at times, and not at epochs."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, two_owners
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    for holds in ledger.history.groups.holds.values():
        for hold in holds:
            hold.epochs.clear()
    return two_owners.judge(ledger)


BUG = JudgeBug(
    "two_owners_in_any_epoch", "one after the other may have it in one epoch", guarantees={"two owners": _judge}
)
