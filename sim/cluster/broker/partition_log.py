"""One replica's log: stamped batches on a disk, the epochs in which they were written, and the producers they came from.

Kafka: UnifiedLog, LeaderEpochFileCache (KIP-101, KIP-279). Segments and retention are left out: a log begins at 0.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from sim.cluster.broker.producer_state import ProducerStates
from sim.cluster.messages import NO_EPOCH, EpochEnd, StoredBatch

if TYPE_CHECKING:
    from producer.wire.record_batch import BatchHeader
    from sim.world.disk import DiskFile

_base_offset = itemgetter(0)
_leader_epoch = itemgetter(0)


class PartitionLog:
    """Batches in the order of their offsets. What it knows besides the file is read back from the file."""

    __slots__ = ("_epochs", "directory", "end_offset", "file", "high_watermark", "producers", "start_offset")

    def __init__(
        self, file: DiskFile[StoredBatch], *, high_watermark: int, directory: int = 1, start_offset: int = 0
    ) -> None:
        """Open the log as it lies on the disk, in that log directory.

        `high_watermark` and `start_offset` are the last ones that were checkpointed.
        """
        self.file = file
        self.directory = directory
        self.producers = ProducerStates()
        self._epochs: list[tuple[int, int]] = []
        self.end_offset = 0
        self._recover()
        self.start_offset = min(start_offset, self.end_offset)
        """The first offset that anybody may read: what is before it was deleted, though its bytes lie there."""
        # Nothing is deleted that is not committed.
        self.high_watermark = max(min(high_watermark, self.end_offset), self.start_offset)

    @property
    def size_bytes(self) -> int:
        """What all of its batches take."""
        return sum(len(stored.data) for stored in self.file.entries)

    @property
    def last_epoch(self) -> int:
        """The leader epoch of the last batch, or of the last term that began here; -1 for an empty log."""
        return self._epochs[-1][0] if self._epochs else NO_EPOCH

    @property
    def epoch_at_start(self) -> int:
        """The leader epoch at the start of the log; -1 if nobody knows it."""
        epochs = self._epochs
        return epochs[0][0] if epochs and epochs[0][1] <= self.start_offset else NO_EPOCH

    def begin_epoch(self, leader_epoch: int) -> None:
        """Note that a leader's term begins at the end of the log."""
        epochs = self._epochs
        if epochs and epochs[-1][0] >= leader_epoch:
            return
        # A term without a batch leaves no trace once the next begins at the same offset.
        while epochs and epochs[-1][1] >= self.end_offset:
            epochs.pop()
        epochs.append((leader_epoch, self.end_offset))

    def append(self, header: BatchHeader, data: bytes, leader_epoch: int) -> StoredBatch:
        """Append one stamped batch at the end."""
        assert header.base_offset == self.end_offset, f"batch at {header.base_offset}, log ends at {self.end_offset}"
        stored = StoredBatch(header.base_offset, header.last_offset, leader_epoch, header, data)
        self.append_stored(stored)
        return stored

    def append_stored(self, stored: StoredBatch) -> None:
        """Append a batch as the leader has it."""
        assert stored.base_offset == self.end_offset, f"batch at {stored.base_offset}, log ends at {self.end_offset}"
        self.file.entries.append(stored)
        self._learn(stored)

    def advance_start(self, to_offset: int) -> bool:
        """Let nobody read what is before that offset any more, as far as it is committed. Returns whether the start moved."""
        before = self.start_offset
        self.start_offset = max(before, min(to_offset, self.high_watermark))
        return self.start_offset != before

    def read(self, from_offset: int, *, up_to_offset: int, bytes_max: int) -> tuple[StoredBatch, ...]:
        """Give whole batches from `from_offset` on that end before `up_to_offset`; the first whatever its size (KIP-74)."""
        if from_offset >= up_to_offset:
            return ()
        entries = self.file.entries
        place = max(bisect_right(entries, from_offset, key=_base_offset) - 1, 0)
        found: list[StoredBatch] = []
        size_bytes = 0
        # By index: a slice would copy the rest of a long log for every Fetch.
        for at in range(place, len(entries)):
            stored = entries[at]
            size_bytes += len(stored.data)
            if stored.last_offset >= up_to_offset or (found and size_bytes > bytes_max):
                break
            found.append(stored)
        return tuple(found)

    def truncate(self, to_offset: int) -> bool:
        """Cut the log to end at `to_offset`, or before it if that lies within a batch. Returns whether anything went."""
        if to_offset >= self.end_offset:
            # A term that began here without writing anything is what the logs disagree about (UnifiedLog.truncateTo).
            while self._epochs and self._epochs[-1][1] >= self.end_offset:
                self._epochs.pop()
            return False
        entries = self.file.entries
        length = bisect_right(entries, to_offset - 1, key=_base_offset) if to_offset > 0 else 0
        if length and entries[length - 1].last_offset >= to_offset:
            length -= 1
        self.file.truncate(length)
        self._recover()
        self.high_watermark = min(self.high_watermark, self.end_offset)
        self.start_offset = min(self.start_offset, self.end_offset)
        return True

    def end_of_epoch(self, epoch: int) -> EpochEnd | None:
        """Where that epoch ends here (LeaderEpochFileCache.endOffsetFor); None if this log has not come so far."""
        epochs = self._epochs
        if not epochs or epoch == NO_EPOCH or epoch > epochs[-1][0]:
            return None
        if epoch == epochs[-1][0]:
            return EpochEnd(epoch, self.end_offset)
        after = bisect_right(epochs, epoch, key=_leader_epoch)
        end_offset = epochs[after][1]
        return EpochEnd(epochs[after - 1][0] if after else epoch, end_offset)

    def offset_for(self, diverging: EpochEnd) -> int:
        """Where to truncate, given where the leader says our last epoch ends (ReplicaFetcherThread, KIP-279)."""
        ours = self.end_of_epoch(diverging.epoch)
        if ours is None:
            return min(diverging.end_offset, self.end_offset)
        return min(ours.end_offset, diverging.end_offset, self.end_offset)

    def _recover(self) -> None:
        self.producers.clear()
        self._epochs.clear()
        self.end_offset = 0
        for stored in self.file.entries:
            self._learn(stored)

    def _learn(self, stored: StoredBatch) -> None:
        header = stored.header
        epochs = self._epochs
        if not epochs or epochs[-1][0] < stored.leader_epoch:
            self.begin_epoch(stored.leader_epoch)
        if header.producer_id >= 0:
            self.producers.appended(header, stored.base_offset)
        self.end_offset = stored.last_offset + 1
