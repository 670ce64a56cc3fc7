"""A leader that believes the offset of a follower whose log is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.cluster.messages import ReplicaFetchPartition, ReplicaFetchResult


class _Believing(Partition):
    """Notes where a follower's log ends before it has looked whether that is the same log."""

    def serve_follower(
        self, asked: ReplicaFetchPartition, *, broker: int, broker_epoch: int, bytes_max: int
    ) -> ReplicaFetchResult | None:
        result = super().serve_follower(asked, broker=broker, broker_epoch=broker_epoch, bytes_max=bytes_max)
        if result is not None and result.diverging is not None and self.term is not None:
            self.term.note_follower(broker, broker_epoch, asked.fetch_offset)
            self._try_advance()
        return result


DIVERGING_FETCH_IS_PROGRESS = Mutant(
    "diverging_fetch_is_progress",
    "the Fetch of a follower whose log diverges counts as its progress",
    partition=_Believing,
)
