"""A judge that believes every disk to be as it was before it was lost."""

from __future__ import annotations

from sim.judges.guarantees import Ledger
from sim.trace.events import LogTruncated
from tests.second_judge.agreement import JudgeBug


class _Forgetful(Ledger):
    def _note_truncated(self, number: int, event: LogTruncated) -> None:
        if event.reason not in {"disk wiped", "unflushed lost"}:
            super()._note_truncated(number, event)


BUG = JudgeBug("forgets_lost_disks", "what a disk lost is still there for it", ledger=_Forgetful)
