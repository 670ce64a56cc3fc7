"""A follower that does not truncate: it goes on at its own log's end, whatever the new leader has before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.messages import NO_EPOCH
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.messages import ReplicaFetchPartition


class _Diverging(Partition):
    """Keeps the epoch of its last batch to itself, so that no leader can tell it where the logs diverge."""

    def wanted(self) -> ReplicaFetchPartition:
        return super().wanted()._replace(last_fetched_epoch=NO_EPOCH)


# A patient producer writes again what its new leader lacks, at the very offsets where the follower has it.
DIVERGING_FOLLOWER = Mutant(
    "diverging_follower",
    "a follower does not cut off what its new leader never had",
    partition=_Diverging,
    falls_under={"delivery.timeout.ms": "3000", "request.timeout.ms": "1000"},
)
