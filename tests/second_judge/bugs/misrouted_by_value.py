"""A judge of bytes that reads values alone."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, misrouted
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    changed = {
        record
        for read in ledger.history.read
        if (record := ledger.readings.record_at(read)) is not None and ledger.history.sent[record].value != read.value
    }
    return keeping(misrouted.judge(ledger), lambda one: one in changed)


BUG = JudgeBug("misrouted_by_value", "headers and times are not looked at", guarantees={"misrouted": _judge})
