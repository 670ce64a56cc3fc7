"""A judge of repeated reads for whom the same offset twice in a row is once."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, read_again
from sim.judges.history import Read
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    for way in ledger.readings.ways:
        kept = way.steps[:1]
        for step in way.steps[1:]:
            before = kept[-1]
            if not (isinstance(step, Read) and isinstance(before, Read) and step.offset == before.offset):
                kept.append(step)
        way.steps[:] = kept
    return read_again.judge(ledger)


BUG = JudgeBug("read_again_by_order", "only what goes backwards is read again", guarantees={"read again": _judge})
