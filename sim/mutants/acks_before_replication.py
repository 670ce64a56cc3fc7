"""A broker that acknowledges acks=all before anybody has copied the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from collections.abc import Callable


class _Hasty(Partition):
    """Does not wait for the high watermark."""

    def await_watermark(self, required_offset: int, ended: Callable[[Code], object]) -> None:
        super().await_watermark(required_offset, ended)
        # Not from within: the request is still putting its parts together.
        self._broker.host.call_in(0, self._end_early, ended)

    def _end_early(self, ended: Callable[[Code], object]) -> None:
        if any(waiting == ended for _, waiting in self._produces):
            self.forget_await(ended)
            ended(Code.NONE)


ACKS_BEFORE_REPLICATION = Mutant(
    "acks_before_replication", "the leader answers acks=all before a follower has copied the batch", partition=_Hasty
)
