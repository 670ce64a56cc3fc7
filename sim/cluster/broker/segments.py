"""The segments of a log: how large and how old each is, and when the last one is closed and another begun.

Kafka: LogSegment.shouldRoll, UnifiedLog.maybeRoll, OffsetIndex, TimeIndex. There is no jitter (log.roll.jitter.ms), as by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.stored_batch import StoredBatch

if TYPE_CHECKING:
    from sim.cluster.broker.log_file import LogFile
    from sim.cluster.topic_config import TopicConfig

_OFFSET_INDEX_ENTRY_BYTES = 8
_TIME_INDEX_ENTRY_BYTES = 12
NO_TIMESTAMP = -1


class Segment(NamedTuple):
    """One segment as it is now."""

    base_offset: int
    end_offset: int
    """Where the next one begins, or the log ends."""
    batches: Sequence[StoredBatch]
    is_active: bool
    """Whether it is the last one, which is written to."""

    @property
    def size_bytes(self) -> int:
        return sum([len(stored.data) for stored in self.batches])

    @property
    def largest_timestamp_ms(self) -> int:
        """The newest time in it; -1 if there is none."""
        return max([stored.header.max_timestamp_ms for stored in self.batches], default=NO_TIMESTAMP)

    @property
    def first_timestamp_ms(self) -> int:
        """The newest time in its first batch, from which its age counts (LogSegment.getFirstBatchTimestamp); -1 if there is none."""
        return self.batches[0].header.max_timestamp_ms if self.batches else NO_TIMESTAMP


def segments_of(file: LogFile) -> list[Segment]:
    """Give the segments of a log, the oldest first; the last is the one that is written to."""
    places = [file.place_of(base) for base in file.bases[1:]]
    last = file.bases[-1]
    return [
        Segment(base_offset, end_offset, file.entries[begin:end], is_active=base_offset == last)
        for base_offset, end_offset, begin, end in zip(
            file.bases,
            [*file.bases[1:], file.end_offset],
            [0, *places],
            [*places, len(file.entries)],
            strict=True,
        )
    ]


def index_bytes_of(batches: Sequence[StoredBatch], config: TopicConfig) -> int:
    """What the larger of a segment's two indexes takes, if it is written now."""
    written = ActiveSegment(config)
    for stored in batches:
        written.appended(len(stored.data), stored.header.max_timestamp_ms)
    return written.index_bytes


class ActiveSegment:
    """The segment that is written to: what decides when it is full."""

    __slots__ = ("_age_max_ms", "_bytes_max", "_index_entries", "_index_entries_max", "_index_interval_bytes",
                 "_indexed_timestamp_ms", "_since_indexed_bytes", "_time_entries", "_time_entries_max",
                 "first_timestamp_ms", "largest_timestamp_ms", "size_bytes")  # fmt: skip

    def __init__(self, config: TopicConfig) -> None:
        self.reconfigure(config)
        self.clear()

    def reconfigure(self, config: TopicConfig) -> None:
        """Take other settings; they hold for what is appended next."""
        self._bytes_max = config.segment_size_bytes
        # What is to be compacted within some time is closed within it (LogConfig.maxSegmentMs).
        self._age_max_ms = config.segment_ms
        if config.is_compacted:
            self._age_max_ms = min(config.segment_ms, config.max_compaction_lag_ms)
        self._index_interval_bytes = config.index_interval_bytes
        self._index_entries_max = config.segment_index_bytes // _OFFSET_INDEX_ENTRY_BYTES
        self._time_entries_max = config.segment_index_bytes // _TIME_INDEX_ENTRY_BYTES - 1

    def clear(self) -> None:
        """Another one begins."""
        self.size_bytes = 0
        self.first_timestamp_ms = self.largest_timestamp_ms = self._indexed_timestamp_ms = NO_TIMESTAMP
        self._index_entries = self._time_entries = 0
        self._since_indexed_bytes = 0

    def appended(self, size_bytes: int, timestamp_ms: int) -> None:
        """A batch was written, whose newest time that is."""
        if not self.size_bytes:
            self.first_timestamp_ms = timestamp_ms
        self.size_bytes += size_bytes
        self.largest_timestamp_ms = max(self.largest_timestamp_ms, timestamp_ms)
        if self._since_indexed_bytes > self._index_interval_bytes:
            self._index_entries += 1
            if self.largest_timestamp_ms > self._indexed_timestamp_ms:
                self._indexed_timestamp_ms = self.largest_timestamp_ms
                self._time_entries += 1
            self._since_indexed_bytes = 0
        self._since_indexed_bytes += size_bytes

    @property
    def index_bytes(self) -> int:
        """What the larger of its two indexes takes."""
        return max(self._index_entries * _OFFSET_INDEX_ENTRY_BYTES, self._time_entries * _TIME_INDEX_ENTRY_BYTES)

    def is_full_for(self, size_bytes: int, timestamp_ms: int) -> bool:
        """Whether a batch of that size and newest time begins another segment. One that is empty takes anything."""
        if not self.size_bytes:
            return False
        return (
            self.size_bytes + size_bytes > self._bytes_max
            or (self.first_timestamp_ms >= 0 and timestamp_ms - self.first_timestamp_ms > self._age_max_ms)
            or self._index_entries >= self._index_entries_max
            or self._time_entries >= self._time_entries_max
        )
