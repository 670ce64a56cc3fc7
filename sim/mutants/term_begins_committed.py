"""A new leader that takes all it has for committed: what earlier terms left behind, copied or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState


class _Confident(Partition):
    """Its term begins with the high watermark at the end of its log."""

    def _become_leader(self, state: PartitionState) -> None:
        super()._become_leader(state)
        if self.log.end_offset > self.log.high_watermark:
            self.set_high_watermark(self.log.end_offset)


TERM_BEGINS_COMMITTED = Mutant(
    "term_begins_committed",
    "a new leader takes all that it has for committed, whoever has copied it",
    partition=_Confident,
)
