"""A judge of reading for whom a reader that came to the end has read everything."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, unread
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    furthest = {way.where: max((step.offset for step in way.steps), default=-1) for way in ledger.readings.ways}
    beyond = {
        lying.record
        for where, lines in ledger.readings.final.items()
        for offset, lying in lines.items()
        if offset > furthest.get(where, -1)
    }
    return keeping(unread.judge(ledger), lambda one: one in beyond)


BUG = JudgeBug("unread_by_the_last", "whoever has the last record has them all", guarantees={"unread": _judge})
