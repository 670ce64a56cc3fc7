"""An ISR that takes a follower back before it has what is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.leader_term import LeaderTerm
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.broker.leader_term import _Follower


class _Welcoming(LeaderTerm):
    """Takes whoever fetches (KAFKA-4477 lies in this neighbourhood)."""

    def _may_join(self, follower: _Follower) -> bool:
        return self._broker.is_eligible(follower.broker, follower.broker_epoch)


class _Partition(Partition):
    term_type = _Welcoming


ISR_EXPANSION_BELOW_WATERMARK = Mutant(
    "isr_expansion_below_watermark", "a follower joins the ISR before it has what is committed", partition=_Partition
)
