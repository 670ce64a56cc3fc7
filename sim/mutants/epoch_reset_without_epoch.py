"""Sequences that start again from 0 in the epoch that they were in."""

from __future__ import annotations

from producer.client.identity import Identity
from producer.engine.idempotence import Idempotence
from sim.mutants.planting import Mutant


class _Standing(Identity):
    """Says that there is a new epoch."""

    def bump(self) -> bool:
        return True


class _Idempotence(Idempotence):
    def __init__(self, *, pipelines_fresh: bool = True) -> None:
        super().__init__(pipelines_fresh=pipelines_fresh)
        self.identity = _Standing()


EPOCH_RESET_WITHOUT_EPOCH = Mutant(
    "epoch_reset_without_epoch", "after a gap, sequences begin at 0 again in the same epoch", idempotence=_Idempotence
)
