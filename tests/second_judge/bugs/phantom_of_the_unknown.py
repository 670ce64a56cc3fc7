"""A judge for whom what may be written must not be there."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, phantom
from sim.judges.history import ACKNOWLEDGED, FAILED
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    told = ledger.history.told
    for record, one in told.items():
        if one.outcome != ACKNOWLEDGED:
            told[record] = one._replace(outcome=FAILED)
    return phantom.judge(ledger)


BUG = JudgeBug("phantom_of_the_unknown", "unknown means failed to it", guarantees={"phantom": _judge})
