"""A follower that cuts its log at the high watermark that it knows, as before KIP-101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState


class _Cutting(Partition):
    """What it does not know to be committed goes, although it may be."""

    def _become_follower(self, state: PartitionState) -> None:
        super()._become_follower(state)
        self.truncate(self.log.high_watermark, "high watermark")


TRUNCATION_TO_WATERMARK = Mutant(
    "truncation_to_watermark",
    "a follower cuts its log at its high watermark instead of asking its leader",
    partition=_Cutting,
)
