"""A controller that commits what a leader proposed before it knew of the last change (AlterPartition without compare-and-set)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.cluster.controller.replication_control import ReplicationControl
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.errors import Code
    from sim.cluster.messages import AlterPartition
    from sim.cluster.metadata_states import PartitionState


class _Obliging(ReplicationControl):
    """Takes a proposal of an older partition epoch for one of this moment."""

    def _refusal(self, message: AlterPartition, state: PartitionState | None) -> Code:
        if state is not None and message.partition_epoch < state.partition_epoch:
            message = replace(message, partition_epoch=state.partition_epoch)
        return super()._refusal(message, state)


STALE_PROPOSAL_COMMITTED = Mutant(
    "stale_proposal_committed",
    "an ISR is committed that was proposed before the partition's last change",
    replication_control=_Obliging,
)
