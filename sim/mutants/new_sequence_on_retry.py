"""A retry that takes the next sequence instead of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Idempotence
from producer.records import NO_SEQUENCE
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.errors import ErrorCode


class _Renumbering(Idempotence):
    """A batch that comes back is a new one, to the broker too."""

    def may_retry(self, batch: Batch, error: ErrorCode, *, log_start_offset: int) -> bool:
        is_retried = super().may_retry(batch, error, log_start_offset=log_start_offset)
        sequences = self.sequences(batch.partition)
        if is_retried and batch in sequences.in_flight:
            sequences.forget(batch)
            batch.base_sequence = NO_SEQUENCE
            batch.encoded = None
        return is_retried


NEW_SEQUENCE_ON_RETRY = Mutant(
    "new_sequence_on_retry",
    "a batch that is sent again gets new sequences, so no broker knows it again",
    idempotence=_Renumbering,
)
