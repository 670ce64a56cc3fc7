"""A producer that takes every OUT_OF_ORDER_SEQUENCE_NUMBER for a gap, although a batch before it is only late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Gap, Idempotence
from producer.errors import Code
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.errors import ErrorCode


class _Hasty(Idempotence):
    """Begins a new epoch without a look at what is still to be retried."""

    def may_retry(self, batch: Batch, error: ErrorCode, *, log_start_offset: int) -> bool:
        if error.code == Code.OUT_OF_ORDER_SEQUENCE_NUMBER:
            self.policy.take(Gap(batch.partition, batch.base_sequence))
            return True
        return super().may_retry(batch, error, log_start_offset=log_start_offset)


OUT_OF_ORDER_ALWAYS_BUMPS = Mutant(
    "out_of_order_always_bumps",
    "a batch out of order begins a new epoch, even where the one before it is still to be retried",
    idempotence=_Hasty,
)
