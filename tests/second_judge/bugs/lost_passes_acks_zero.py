"""A judge of what is lost that looks only where an offset was told."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, lost
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    told = ledger.history.told
    return keeping(lost.judge(ledger), lambda one: told[one].offset >= 0)


BUG = JudgeBug("lost_passes_acks_zero", "what nobody told an offset for cannot be lost", guarantees={"lost": _judge})
