"""What a cleaner leaves of a log: of each key the last record, and of a key that was deleted its tombstone for a while.

Kafka: Cleaner, SkimpyOffsetMap; MemoryRecords.filterTo for one batch. Batches keep their offsets and their sequences, and so the log
has gaps; segments that became small become one. What an aborted transaction wrote makes nothing old; unlike there it stays, and so do
all markers (CleanedTransactionMetadata).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.compacted_batch import NO_HORIZON, compacted, delete_horizon_ms, emptied
from producer.wire.record_batch import decode_records, read_header
from sim.cluster.broker.segments import index_bytes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from producer.wire.record_batch import BatchRecord
    from sim.cluster.broker.log_transactions import Ended
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.segments import Segment
    from sim.cluster.stored_batch import StoredBatch
    from sim.cluster.topic_config import TopicConfig

_TIME_MS_MAX = (1 << 63) - 1


class LatestOffsets:
    """The last offset of each key among records that were not cleaned before. It has room for so many keys and no more."""

    __slots__ = ("_keys_max", "_offsets", "latest_offset")

    def __init__(self, keys_max: int) -> None:
        self._keys_max = keys_max
        self._offsets: dict[bytes, int] = {}
        self.latest_offset = -1
        """Up to where records were read; what lies behind it is nobody's to judge yet."""

    def read(self, log: PartitionLog, from_offset: int, end_offset: int) -> None:
        """Take the records of whole segments from an offset on, up to one where a segment begins, or until there is no room."""
        aborted = log.transaction_index.until(end_offset)
        for segment in log.segments:
            if segment.end_offset <= from_offset or segment.base_offset >= end_offset:
                continue
            for stored in segment.batches:
                if stored.last_offset < from_offset:
                    continue
                if not is_aborted(stored, aborted) and not self._has_taken(stored, from_offset):
                    return
                self.latest_offset = stored.last_offset
            self.latest_offset = max(self.latest_offset, segment.end_offset - 1)

    def _has_taken(self, stored: StoredBatch, from_offset: int) -> bool:
        if stored.header.is_control:
            return True
        for record in decode_records(stored.data):
            if record.key is not None and record.offset >= from_offset:
                if len(self._offsets) >= self._keys_max:
                    return False
                self._offsets[record.key] = record.offset
        return True

    def is_kept(self, record: BatchRecord, *, is_tombstone_due: bool) -> bool:
        """Whether a record stays: no later one has its key, and it is no tombstone whose time is over. Without a key it goes."""
        if record.offset > self.latest_offset:
            return True
        if record.key is None or record.offset < self._offsets.get(record.key, -1):
            return False
        return record.value is not None or not is_tombstone_due


class Compaction:
    """One round over one log: what is to stay of each batch."""

    __slots__ = ("_aborted", "_delete_retention_ms", "_last_of_producers", "began_ms", "end_offset", "latest")

    def __init__(
        self,
        latest: LatestOffsets,
        log: PartitionLog,
        *,
        began_ms: int,
        end_offset: int,
        delete_retention_ms: int,
    ) -> None:
        """`began_ms` is what the broker's clock shows; `end_offset` is that of the round, behind which nothing is looked at."""
        self.latest = latest
        self.began_ms = began_ms
        self.end_offset = end_offset
        self._delete_retention_ms = delete_retention_ms
        # What a producer wrote last tells its sequence: that batch stays, with or without records (KAFKA-6264).
        self._last_of_producers: Mapping[int, int] = log.producers.last_offsets()
        self._aborted = log.transaction_index.until(end_offset)

    def of(self, batches: Iterable[StoredBatch]) -> list[StoredBatch]:
        """Give what is left of batches that lie one behind the other. Raises MalformedError for one that has gone bad."""
        left = [self._left_of(stored) for stored in batches]
        return [stored for stored in left if stored is not None]

    def _left_of(self, stored: StoredBatch) -> StoredBatch | None:
        header = stored.header
        if header.is_control or is_aborted(stored, self._aborted):
            return stored
        horizon_ms = delete_horizon_ms(header)
        is_due = horizon_ms != NO_HORIZON and self.began_ms >= horizon_ms
        records = decode_records(stored.data)
        kept = [record for record in records if self.is_kept(record, is_tombstone_due=is_due)]
        if kept:
            if horizon_ms == NO_HORIZON and any(record.value is None for record in kept):
                horizon_ms = min(self.began_ms + self._delete_retention_ms, _TIME_MS_MAX)
                return _with_data(stored, compacted(header, kept, horizon_ms=horizon_ms))
            return (
                stored
                if len(kept) == len(records)
                else _with_data(stored, compacted(header, kept, horizon_ms=horizon_ms))
            )
        is_last_of_producer = self._last_of_producers.get(header.producer_id) == stored.last_offset
        if is_last_of_producer or stored.last_offset + 1 == self.end_offset:
            return _with_data(stored, emptied(header))
        return None

    def is_kept(self, record: BatchRecord, *, is_tombstone_due: bool) -> bool:
        """Whether a record stays."""
        return self.latest.is_kept(record, is_tombstone_due=is_tombstone_due)


def is_aborted(stored: StoredBatch, aborted: Sequence[Ended]) -> bool:
    """Whether a batch is part of one of those transactions."""
    if not aborted or not stored.header.is_transactional:
        return False
    producer_id, offset = stored.header.producer_id, stored.base_offset
    return any(one.producer_id == producer_id and one.first_offset <= offset <= one.last_offset for one in aborted)


def _with_data(stored: StoredBatch, data: bytes) -> StoredBatch:
    return stored._replace(header=read_header(data), data=data)


def grouped(segments: Sequence[Segment], config: TopicConfig) -> list[list[Segment]]:
    """Put segments together that are no larger than one may be (Cleaner.groupSegmentsBySize)."""
    groups: list[list[Segment]] = []
    size_bytes = index_bytes = 0
    for segment in segments:
        its_index_bytes = index_bytes_of(segment.batches, config)
        size_bytes += segment.size_bytes
        index_bytes += its_index_bytes
        if groups and size_bytes <= config.segment_size_bytes and index_bytes <= config.segment_index_bytes:
            groups[-1].append(segment)
        else:
            groups.append([segment])
            size_bytes, index_bytes = segment.size_bytes, its_index_bytes
    return groups
