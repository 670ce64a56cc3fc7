"""A judge of reading for whom each member of a group is to be given everything."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, unread
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    ledger.history.groups.members.clear()
    return unread.judge(ledger)


BUG = JudgeBug("unread_by_each_member", "what another member has read is unread", guarantees={"unread": _judge})
