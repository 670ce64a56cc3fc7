"""Retention that takes a segment for as old as its first record: what was written last in it goes too early."""

from __future__ import annotations

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.retention import TOO_OLD, due_segments, remove_segments
from sim.mutants.planting import STORY_OF_RETENTION, Mutant


class _Hasty(Partition):
    """Looks at the wrong end."""

    def delete_old_segments(self) -> None:
        now_ms, retention_ms = self._broker.now_ms, self.config.retention_ms
        if retention_ms < 0 or not self.can_write():
            return
        count = due_segments(self.log, lambda segment: now_ms - segment.first_timestamp_ms > retention_ms)
        if count:
            remove_segments(self._broker, self, self.log, count, TOO_OLD)


SEGMENT_AS_OLD_AS_ITS_FIRST = Mutant(
    "segment_as_old_as_its_first",
    "a segment is removed by age as soon as its first record is old, with what was written into it since",
    partition=_Hasty,
    story=STORY_OF_RETENTION,
)
