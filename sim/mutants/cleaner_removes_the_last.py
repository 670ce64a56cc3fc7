"""A cleaner that keeps of a key what lies behind its last record, and so nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.compaction import Compaction
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.wire.record_batch import BatchRecord


class _Greedy(Compaction):
    def is_kept(self, record: BatchRecord, *, is_tombstone_due: bool) -> bool:
        # Of what it has read before, and of that alone, every key has a last record.
        return record.offset > self.latest.latest_offset and super().is_kept(record, is_tombstone_due=is_tombstone_due)


class _Partition(Partition):
    compaction_type = _Greedy


CLEANER_REMOVES_THE_LAST = Mutant(
    "cleaner_removes_the_last", "a cleaner removes the last record of a key with those before it", partition=_Partition
)
