"""A controller that commits a replica into the ISR whose registration is another one by now (before KIP-903)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.controller.replication_control import ReplicationControl
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.messages import IsrMember


class _Incurious(ReplicationControl):
    """Asks nobody which of its lives a replica was in when its leader heard it."""

    def _is_eligible(self, member: IsrMember) -> bool:  # noqa: ARG002 - that is the bug
        return True


INELIGIBLE_JOINS = Mutant(
    "ineligible_joins",
    "a replica is committed into the ISR that is fenced, or has begun anew and lost its disk since it was heard",
    replication_control=_Incurious,
)
