"""A ledger for which whatever lies in the logs counts, whatever its marker says."""

from __future__ import annotations

from sim.judges.guarantees import Ledger
from sim.judges.ledger import Placed
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug


class _Blind(Ledger):
    def counting(self, record: RecordId) -> list[Placed]:
        return self.places.get(record, [])


BUG = JudgeBug("counts_what_is_aborted", "what was aborted counts as well", ledger=_Blind)
