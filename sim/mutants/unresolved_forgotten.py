"""A batch given up in flight, whose sequence nobody waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Idempotence
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch


class _Careless(Idempotence):
    """Gives the sequences of a batch that ran out of time to the next one."""

    def left_unresolved(self, batch: Batch) -> None:
        sequences = self.sequences(batch.partition)
        if not sequences.in_flight:
            sequences.next_sequence = batch.base_sequence


UNRESOLVED_FORGOTTEN = Mutant(
    "unresolved_forgotten",
    "the sequence of a batch that ran out of time is given to the next, although the first may be in the log",
    idempotence=_Careless,
)
