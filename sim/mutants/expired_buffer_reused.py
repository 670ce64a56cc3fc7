"""The bytes of a batch that ran out of time in flight, sent again in the place of the next one (KAFKA-19012)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Idempotence
from producer.wire.record_batch import restamp
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch


class _Reusing(Idempotence):
    """Gives the next batch a buffer in which the last one still lies."""

    def __init__(self, *, pipelines_fresh: bool = True) -> None:
        super().__init__(pipelines_fresh=pipelines_fresh)
        self.freed: list[bytes] = []

    def left_unresolved(self, batch: Batch) -> None:
        super().left_unresolved(batch)
        if batch.encoded is not None:
            self.freed.append(batch.encoded)

    def assign(self, batch: Batch) -> None:
        super().assign(batch)
        if self.freed:
            batch.encoded = restamp(
                self.freed.pop(),
                producer_id=batch.identity.producer_id,
                producer_epoch=batch.identity.producer_epoch,
                base_sequence=batch.base_sequence,
            )


EXPIRED_BUFFER_REUSED = Mutant(
    "expired_buffer_reused",
    "after a batch ran out of time in flight, its bytes leave again in the place of the next batch",
    idempotence=_Reusing,
)
