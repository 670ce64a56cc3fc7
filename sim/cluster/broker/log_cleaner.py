"""The cleaner of one life of a broker: it cleans the dirtiest compacted log, one at a time, and waits where none is dirty enough.

Kafka: LogCleaner, LogCleanerManager, with one thread (log.cleaner.threads). What it has cleaned is written beside the segments, flushed,
and takes their place at once; a crash before that leaves them as they were. A log that changes meanwhile (it is cut, its topic goes,
it is not to be compacted any more) is left alone. Logs that are compacted are rid of old segments here, too.

Kafka's cleaner looks at no CRC, and gives what has gone bad a good one. Here a log with a bad batch is not cleaned in this life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import MalformedError, UnsupportedVersionError
from producer.wire.record_batch import decode_records
from sim.cluster.broker.cleanable import cleanable
from sim.cluster.broker.cleaner_checkpoints import CleanerCheckpoints
from sim.cluster.broker.compaction import LatestOffsets, grouped
from sim.trace.events import SegmentsCleaned
from sim.world.disk import DiskFile

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.cleanable import Cleanable
    from sim.cluster.broker.compaction import Compaction
    from sim.cluster.broker.log_directories import LogDirectories
    from sim.cluster.broker.log_moves import LogMoves
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.segments import Segment
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.stored_batch import StoredBatch

_BYTES_PER_KEY = 24
"""A hash of 16 bytes and an offset of 8 (SkimpyOffsetMap.bytesPerEntry)."""
_LOAD_FACTOR_PERCENT = 90
"""log.cleaner.io.buffer.load.factor."""


class _Round:
    """One log being cleaned: what was found, and which of its segments are still to come."""

    __slots__ = ("compaction", "groups", "is_given_up", "partition")

    def __init__(self, partition: Partition, compaction: Compaction, groups: list[list[Segment]]) -> None:
        self.partition = partition
        self.compaction = compaction
        self.groups = groups
        self.is_given_up = False


class LogCleaner:
    """Armed only as long as a replica here is compacted; where it waits, it looks every log.cleaner.backoff.ms."""

    __slots__ = ("_begun_us", "_broker", "_checkpoints", "_is_armed", "_is_over", "_moves", "_round", "_uncleanable")

    def __init__(self, broker: ServingBroker, directories: LogDirectories, moves: LogMoves) -> None:
        self._broker = broker
        self._moves = moves
        self._checkpoints = CleanerCheckpoints(directories)
        self._round: _Round | None = None
        self._is_armed = False
        self._is_over = False
        self._begun_us = 0
        self._uncleanable: dict[TopicPartition, Partition] = {}

    def begin(self) -> None:
        """Read what the life before wrote."""
        self._begun_us = self._broker.world.now_us
        self._checkpoints.begin()

    def note(self, partition: Partition) -> None:
        """A replica was opened, or has other settings."""
        if partition.config.is_compacted:
            self._arm()
        elif self._round is not None and self._round.partition is partition:
            self._round.is_given_up = True

    def cut(self, partition: Partition, to_offset: int) -> None:
        """A log lost its end: what comes there instead is dirty."""
        self._checkpoints.cut(partition.tp, partition.log.directory, to_offset)

    def forget(self, tp: TopicPartition, directory: int) -> None:
        """That log is gone."""
        self._checkpoints.forget(tp, directory)
        self._uncleanable.pop(tp, None)

    def moved(self, tp: TopicPartition, before: int, directory: int) -> None:
        """That log lies in another directory now, as it lay in the one before."""
        clean_to = self._checkpoints.of(tp, before)
        if clean_to is not None:
            self._checkpoints.forget(tp, before)
            self._checkpoints.write(tp, directory, clean_to)

    def end(self) -> None:
        """Clean no more: the broker stops."""
        self._is_over = True

    # -- from time to time ---------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._is_armed or self._is_over or self._round is not None or not self._broker.config.log_cleaner_enable:
            return
        # As if it had waited all the time, log after log, since this life began.
        backoff_us = self._broker.config.log_cleaner_backoff_us
        self._is_armed = True
        waited_us = (self._broker.world.now_us - self._begun_us) % backoff_us
        self._broker.host.call_in(backoff_us - waited_us, self._due)

    def _due(self) -> None:
        self._is_armed = False
        self._look()

    def _look(self) -> None:
        """Clean the dirtiest of all that are due, else wait: LogCleaner.CleanerThread.doWork."""
        if self._is_over:
            return
        compacted = [one for one in tuple(self._broker.partitions.values()) if one.config.is_compacted]
        at_rest = [one for one in compacted if not self._moves.is_under_way(one.tp)]
        found = self._dirtiest(at_rest)
        if found is not None and self._begin_round(*found):
            return
        for partition in at_rest:
            partition.delete_old_segments()
        if compacted:
            self._begun_us = self._broker.world.now_us
            self._arm()

    def _dirtiest(self, partitions: list[Partition]) -> tuple[Partition, Cleanable] | None:
        found: tuple[Partition, Cleanable] | None = None
        for partition in partitions:
            log = partition.log
            # A log of one segment has nothing that may be cleaned; most are that.
            if len(log.file.bases) == 1 or self._uncleanable.get(partition.tp) is partition:
                continue
            clean_to = self._checkpoints.of(partition.tp, log.directory)
            one = cleanable(log, partition.config, clean_to_offset=clean_to, now_ms=self._broker.now_ms)
            if one.is_due(partition.config) and (found is None or one.dirty_ratio > found[1].dirty_ratio):
                found = partition, one
        return found

    # -- one round -----------------------------------------------------------------------------------------------------

    def _begin_round(self, partition: Partition, found: Cleanable) -> bool:
        """Read the keys of what is dirty, and begin with the oldest segments. Returns whether there is anything to wait for."""
        log, config = partition.log, partition.config
        room = self._broker.config.log_cleaner_dedupe_buffer_bytes // _BYTES_PER_KEY
        latest = LatestOffsets(room * _LOAD_FACTOR_PERCENT // 100)
        try:
            latest.read(log, found.first_dirty_offset, found.end_offset)
        except (MalformedError, UnsupportedVersionError):
            self._uncleanable[partition.tp] = partition
            return False
        compaction = partition.compaction_type(
            latest,
            log,
            began_ms=self._broker.now_ms,
            end_offset=found.end_offset,
            delete_retention_ms=config.delete_retention_ms,
        )
        segments = [one for one in log.segments if one.base_offset <= latest.latest_offset]
        self._round = _Round(partition, compaction, grouped(segments, config))
        return self._write_next()

    def _write_next(self) -> bool:
        """Write what is left of the next segments, and flush it. Returns whether there is anything to wait for."""
        assert self._round is not None
        going, broker = self._round, self._broker
        segments = going.groups[0]
        before = [stored for segment in segments for stored in segment.batches]
        try:
            left = going.compaction.of(before)
        except (MalformedError, UnsupportedVersionError):
            self._uncleanable[going.partition.tp] = going.partition
            self._round = None
            return False
        size_bytes = sum([len(stored.data) for stored in left])
        broker.disk.write(broker.world.now_us, size_bytes, self._written, going, before, left)
        return True

    def _written(self, going: _Round, before: list[StoredBatch], left: list[StoredBatch]) -> None:
        # A file that nobody knows yet: after a crash nothing of it is there (LogLoader.removeTempFilesAndCollectSwapFiles).
        cleaned: DiskFile[StoredBatch] = DiskFile()
        self._broker.disk.fsync(self._broker.world.now_us, cleaned, self._flushed, going, before, left)

    def _flushed(self, going: _Round, before: list[StoredBatch], left: list[StoredBatch]) -> None:
        if self._is_over:
            return
        if going.is_given_up or not self._may_swap(going, before):
            self._round = None
            self._look()
            return
        self._swap(going, before, left)
        del going.groups[0]
        if not going.groups:
            partition, self._round = going.partition, None
            end_offset = going.compaction.latest.latest_offset + 1
            self._checkpoints.write(partition.tp, partition.log.directory, end_offset)
            self._look()
        elif not self._write_next():
            self._look()

    def _may_swap(self, going: _Round, before: list[StoredBatch]) -> bool:
        """Whether the log is still what was read: nothing of it was cut off, removed, or moved to another directory."""
        partition = going.partition
        if self._broker.partitions.get(partition.tp) is not partition or not partition.can_write():
            return False
        if self._moves.is_under_way(partition.tp):
            return False
        log, segments = partition.log, going.groups[0]
        first, last = log.file.place_of(segments[0].base_offset), log.file.place_of(segments[-1].end_offset)
        now = log.file.entries[first:last]
        is_there = segments[0].base_offset in log.file.bases and segments[-1].end_offset in log.file.bases
        return is_there and len(now) == len(before) and all(one is two for one, two in zip(now, before, strict=True))

    def _swap(self, going: _Round, before: list[StoredBatch], left: list[StoredBatch]) -> None:
        broker, partition, segments = self._broker, going.partition, going.groups[0]
        base_offset, end_offset = segments[0].base_offset, segments[-1].end_offset
        partition.log.replace_segments(base_offset, end_offset, left)
        broker.trace.emit(
            SegmentsCleaned(
                broker.world.now_us,
                broker.broker_id,
                *partition.tp,
                base_offset,
                end_offset,
                going.compaction.began_ms,
                tuple([(stored.base_offset, stored.header.crc) for stored in left]),
                removed_offsets(before, left),
            )
        )


def removed_offsets(before: list[StoredBatch], left: list[StoredBatch]) -> tuple[int, ...]:
    """Which records went."""
    kept = {record.offset for stored in left for record in decode_records(stored.data)}
    return tuple(
        [record.offset for stored in before for record in decode_records(stored.data) if record.offset not in kept]
    )
