"""Deduplication that forgets on failover: a new leader does not know what the followers' logs told of producers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState


class _Forgetful(Partition):
    """Begins to lead with no producer state."""

    def _become_leader(self, state: PartitionState) -> None:
        self.log.producers.clear()
        super()._become_leader(state)


FORGETFUL_FAILOVER = Mutant(
    "forgetful_failover", "a new leader has forgotten every producer's sequences", partition=_Forgetful
)
