"""A controller that commits a replica into the ISR whose registration is another one by now (before KIP-903)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.controller.replication_control import ReplicationControl
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.messages import AlterPartition
    from sim.cluster.metadata_states import PartitionState


class _Incurious(ReplicationControl):
    """Asks nobody which of its lives a replica was in when its leader heard it."""

    def _refusal(self, message: AlterPartition, state: PartitionState | None) -> Code:
        code = super()._refusal(message, state)
        return Code.NONE if code is Code.INELIGIBLE_REPLICA else code


INELIGIBLE_JOINS = Mutant(
    "ineligible_joins",
    "a replica is committed into the ISR that is fenced, or has begun anew and lost its disk since it was heard",
    replication_control=_Incurious,
)
