"""A leader that takes acks=all however few replicas are in sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.leader_term import LeaderTerm
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState


class _Content(LeaderTerm):
    """Is never below min.insync.replicas."""

    def committed(self, state: PartitionState) -> None:
        super().committed(state)
        self.is_under_min_isr = False


class _Partition(Partition):
    term_type = _Content


MIN_ISR_IGNORED = Mutant(
    "min_isr_ignored", "acks=all is taken and acknowledged below min.insync.replicas", partition=_Partition
)
