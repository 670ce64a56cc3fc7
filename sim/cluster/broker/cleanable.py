"""What of a compacted log may be cleaned now, and whether it is dirty enough.

Kafka: LogCleanerManager.cleanableOffsets, LogToClean. Never cleaned are the segment that is written to, what may yet be cut off, and
what is younger than min.compaction.lag.ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.segments import Segment
    from sim.cluster.topic_config import TopicConfig


class Cleanable(NamedTuple):
    """One log, as a cleaner sees it."""

    first_dirty_offset: int
    """Everything before it has been cleaned once."""
    end_offset: int
    """Where the first segment begins that may not be cleaned."""
    clean_bytes: int
    dirty_bytes: int
    """Of what may be cleaned."""
    is_overdue: bool
    """Whether something of it is older than max.compaction.lag.ms."""

    @property
    def dirty_ratio(self) -> float:
        """How much of it was written since it was cleaned last."""
        return self.dirty_bytes / (self.clean_bytes + self.dirty_bytes)

    def is_due(self, config: TopicConfig) -> bool:
        """Whether to clean it."""
        if not self.dirty_bytes:
            return False
        return self.is_overdue or self.dirty_ratio > config.min_cleanable_dirty_ratio


def cleanable(log: PartitionLog, config: TopicConfig, *, clean_to_offset: int | None, now_ms: int) -> Cleanable:
    """Look at a log that was cleaned up to that offset, as far as anybody wrote down."""
    first_dirty_offset = log.start_offset if clean_to_offset is None else clean_to_offset
    if not log.start_offset <= first_dirty_offset <= log.end_offset:
        # Somebody deleted records, or the log lost its end: all of it is dirty again.
        first_dirty_offset = log.start_offset
    segments = log.segments
    closed, active = segments[:-1], segments[-1]
    dirty = _from(closed, first_dirty_offset)
    end_offset = max(
        first_dirty_offset, min(log.last_stable_offset, active.base_offset, _lag_ends(dirty, config, now_ms))
    )
    # By whole segments: the one that holds that offset stays as it is.
    end_offset = next((one.base_offset for one in closed if one.end_offset > end_offset), active.base_offset)
    begins = [one.first_timestamp_ms for one in dirty if one.first_timestamp_ms > 0]
    return Cleanable(
        first_dirty_offset,
        end_offset,
        sum([one.size_bytes for one in segments if one.base_offset < first_dirty_offset]),
        sum([one.size_bytes for one in dirty if one.base_offset < end_offset]),
        bool(begins) and min(begins) < now_ms - config.max_compaction_lag_ms,
    )


def _from(segments: Sequence[Segment], offset: int) -> list[Segment]:
    """Give the segments that hold that offset, or lie behind it."""
    return [one for one in segments if one.end_offset > offset]


def _lag_ends(dirty: Sequence[Segment], config: TopicConfig, now_ms: int) -> int:
    """Where the first of these begins that holds something too young to be cleaned."""
    lag_ms = config.min_compaction_lag_ms
    young = [one.base_offset for one in dirty if lag_ms > 0 and one.largest_timestamp_ms > now_ms - lag_ms]
    return young[0] if young else _NEVER


_NEVER = (1 << 63) - 1
