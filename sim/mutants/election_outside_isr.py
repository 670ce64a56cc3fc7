"""A controller that elects whoever is alive, in sync or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.controller.replication_control import ReplicationControl
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.controller.reassignment import Placement
    from sim.cluster.metadata_states import PartitionState


class _Careless(ReplicationControl):
    """Elects uncleanly although nobody allowed it."""

    def _change(
        self,
        state: PartitionState,
        *,
        isr: tuple[int, ...],
        unclean_shutdown: tuple[int, ...] = (),
        wanted_leader: int | None = None,
        is_unclean_allowed: bool | None = None,  # noqa: ARG002 - that is the bug
        directories: tuple[bytes, ...] | None = None,
        placement: Placement | None = None,
    ) -> bool:
        return super()._change(
            state,
            isr=isr,
            unclean_shutdown=unclean_shutdown,
            wanted_leader=wanted_leader,
            is_unclean_allowed=True,
            directories=directories,
            placement=placement,
        )


ELECTION_OUTSIDE_ISR = Mutant(
    "election_outside_isr",
    "a replica is elected that is neither in the ISR nor eligible",
    replication_control=_Careless,
)
