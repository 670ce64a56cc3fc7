"""Sequences that start again as soon as a batch ran out of time, although others may be in the log (KAFKA-14397)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Gap, Idempotence
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch


class _Resetting(Idempotence):
    """Does not wait until everything in flight is settled before it takes a new epoch."""

    def left_unresolved(self, batch: Batch) -> None:
        self.policy.take(Gap(batch.partition, batch.base_sequence))


SEQUENCE_RESET_AFTER_EXPIRY = Mutant(
    "sequence_reset_after_expiry",
    "after a delivery timeout the producer numbers what is in flight anew, although it may be in the log",
    idempotence=_Resetting,
)
