"""A judge that looks for what a later record of its key has made old all the same."""

from __future__ import annotations

from sim.judges.guarantees import Ledger
from sim.trace.events import SegmentsCleaned
from tests.second_judge.agreement import JudgeBug


class _Unforgiving(Ledger):
    def _note_cleaned(self, number: int, event: SegmentsCleaned) -> None:
        outlived, records = dict(self.outlived), set(self.outlived_records)
        super()._note_cleaned(number, event)
        self.outlived, self.outlived_records = outlived, records


BUG = JudgeBug("takes_compacted_for_lost", "what a cleaner takes as it may is lost for it", ledger=_Unforgiving)
