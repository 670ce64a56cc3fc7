"""A leader that acknowledges, on its way out, what waits for its followers."""

from __future__ import annotations

from collections import deque

from producer.errors import Code
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant


class _Polite(Partition):
    """Ends every wait well."""

    def _end_waiting(self, code: Code) -> None:
        produces, self._produces = self._produces, deque()
        for _, ended in produces:
            ended(Code.NONE)
        super()._end_waiting(code)


DEPOSED_LEADER_ACKNOWLEDGES = Mutant(
    "deposed_leader_acknowledges", "a leader that leads no longer acknowledges what still waits", partition=_Polite
)
