"""A new leader that takes every member of its ISR to have what it has itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.leader_term import LeaderTerm
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.metadata_states import PartitionState


class _Trusting(LeaderTerm):
    """Begins its term with offsets that nobody has told it."""

    def __init__(
        self, broker: Surroundings, log: PartitionLog, state: PartitionState, *, min_insync_replicas: int
    ) -> None:
        super().__init__(broker, log, state, min_insync_replicas=min_insync_replicas)
        for follower in self._followers.values():
            if follower.broker in state.isr:
                follower.log_end_offset = log.end_offset


class _Partition(Partition):
    term_type = _Trusting


TRUSTS_OLD_OFFSETS = Mutant(
    "trusts_old_offsets", "a new leader takes it that its ISR has all that it has itself", partition=_Partition
)
