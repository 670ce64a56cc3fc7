"""A judge of owners for whom a member has what it had until it says itself that it has it no more."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, two_owners
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    for holds in ledger.history.groups.holds.values():
        for place, hold in enumerate(holds):
            # Whoever was given it later, and before that word.
            later = [one.from_us for one in holds[place + 1 :] if hold.given_up < 0 or one.event < hold.given_up]
            hold.affirmed_us = max([hold.affirmed_us, *[from_us + 1 for from_us in later]])
    return two_owners.judge(ledger)


BUG = JudgeBug("two_owners_in_silence", "who stands still has what is another's", guarantees={"two owners": _judge})
