"""An idempotent retry that overtakes: it does not wait for the oldest, and takes its number when it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Idempotence
from producer.records import NO_SEQUENCE
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.errors import ErrorCode


class _Overtaking(Idempotence):
    """A refused batch gives its sequence back, for whichever retry leaves first.

    That retries leave at once would break nothing by itself: a broker that knows the producer refuses what is out of
    order. It takes the second mistake to get past it.
    """

    def may_leave(self, batch: Batch) -> bool:
        return batch.has_sequence or super().may_leave(batch)

    def may_retry(self, batch: Batch, error: ErrorCode, *, log_start_offset: int) -> bool:
        is_retried = super().may_retry(batch, error, log_start_offset=log_start_offset)
        sequences = self.sequences(batch.partition)
        if is_retried and not batch.may_be_written and batch in sequences.in_flight:
            sequences.forget(batch)
            if not sequences.in_flight:
                sequences.next_sequence = batch.base_sequence
            sequences.next_sequence = min(sequences.next_sequence, batch.base_sequence)
            batch.base_sequence = NO_SEQUENCE
            batch.encoded = None
        return is_retried


OVERTAKING_RETRY = Mutant(
    "overtaking_retry", "a refused batch is sent again without waiting for the oldest", idempotence=_Overtaking
)
