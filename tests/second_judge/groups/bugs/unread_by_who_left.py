"""A judge of reading for whom a group goes on when everybody has left it."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, unread
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    ledger.history.groups.left.clear()
    return unread.judge(ledger)


BUG = JudgeBug("unread_by_who_left", "a group that nobody is in is due everything", guarantees={"unread": _judge})
