"""A new epoch that begins in every partition at once, not only where there is a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import BumpEpoch, Idempotence
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch


class _Sweeping(BumpEpoch):
    """Numbers anew what other partitions have in flight, although it may be in their logs."""

    def act(self, idempotence: Idempotence) -> list[Batch]:
        if self._needs_epoch and idempotence.identity.is_assigned:
            for partition in idempotence._partitions:
                self._to_restart.setdefault(partition, 0)
        return super().act(idempotence)


class _Idempotence(Idempotence):
    def __init__(self, *, pipelines_fresh: bool = True) -> None:
        super().__init__(pipelines_fresh=pipelines_fresh)
        self.policy = _Sweeping()


EPOCH_BUMP_RENUMBERS_OTHERS = Mutant(
    "epoch_bump_renumbers_others",
    "a new epoch numbers the batches of every partition anew, those in flight elsewhere too",
    idempotence=_Idempotence,
)
