"""A judge for whom a deposed leader keeps what it cut off to follow the next one."""

from __future__ import annotations

from sim.judges.guarantees import Ledger
from sim.trace.events import LogTruncated
from tests.second_judge.agreement import JudgeBug


class _Keeping(Ledger):
    def _note_truncated(self, number: int, event: LogTruncated) -> None:
        if event.reason != "diverging epoch":
            super()._note_truncated(number, event)


BUG = JudgeBug("keeps_what_was_cut", "a log that was cut where it diverges keeps its end for it", ledger=_Keeping)
