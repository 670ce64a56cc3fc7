"""A judge of aborted reads who asks the log alone, and not what the application wanted and was told."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, aborted_read
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    in_log = {
        lying.record
        for read in ledger.history.read
        if (lying := ledger.readings.given[read.event]) is not None
        and ledger.not_given(read.where, lying.entry, read.event)
    }
    return keeping(aborted_read.judge(ledger), lambda one: one in in_log)


BUG = JudgeBug("aborted_read_by_the_log", "what a marker commits may be given", guarantees={"aborted read": _judge})
