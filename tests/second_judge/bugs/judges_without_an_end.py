"""A judge that says what holds although the cluster never came to rest."""

from __future__ import annotations

from functools import cached_property

from sim.judges.guarantees import Ledger
from tests.second_judge.agreement import JudgeBug


class _Hasty(Ledger):
    @cached_property
    def is_final(self) -> bool:
        return True


BUG = JudgeBug("judges_without_an_end", "every run is settled for it", ledger=_Hasty)
