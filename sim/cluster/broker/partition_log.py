"""One replica's log: stamped batches on a disk, the epochs in which they were written, and the producers they came from.

Kafka: UnifiedLog, LeaderEpochFileCache (KIP-101, KIP-279). Which segments are removed, and when, is `retention.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from producer.wire.record_batch import CONTROL
from sim.cluster.broker.log_file import Remnant
from sim.cluster.broker.producer_state import ProducerStates
from sim.cluster.broker.segments import ActiveSegment, Segment, segments_of
from sim.cluster.broker.transaction_index import TransactionIndex
from sim.cluster.messages import NO_EPOCH
from sim.cluster.stored_batch import EpochEnd, StoredBatch
from sim.cluster.topic_config import TopicConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.log_file import LogFile
    from sim.cluster.broker.log_transactions import Ended

_base_offset = itemgetter(0)
_leader_epoch = itemgetter(0)
_epoch_start = itemgetter(1)

_AS_BY_DEFAULT = TopicConfig("default")


class PartitionLog:
    """Batches in the order of their offsets. What it knows besides the file is read back from the file."""

    __slots__ = ("_active", "_epochs", "directory", "end_offset", "file", "high_watermark", "on_roll", "producers",
                 "start_offset", "transaction_index")  # fmt: skip

    def __init__(self, file: LogFile, *, high_watermark: int, directory: int = 1, start_offset: int = 0) -> None:
        """Open the log as it lies on the disk, in that log directory.

        `high_watermark` and `start_offset` are the last ones that were checkpointed.
        """
        self.file = file
        self.directory = directory
        self.producers = ProducerStates()
        self.transaction_index = TransactionIndex()
        self.on_roll: Callable[[int], object] | None = None
        """Hears where each segment begins."""
        self._epochs: list[tuple[int, int]] = []
        self._active = ActiveSegment(_AS_BY_DEFAULT)
        self.end_offset = 0
        self._recover()
        self.start_offset = max(min(start_offset, self.end_offset), file.bases[0])
        """The first offset that anybody may read: what is before it was deleted, though its bytes may lie there yet."""
        self._forget_epochs_before_start()
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

    def epoch_at(self, offset: int) -> int:
        """The leader epoch in which that offset was written; -1 if nobody knows it."""
        place = bisect_right(self._epochs, offset, key=_epoch_start)
        return self._epochs[place - 1][0] if place else NO_EPOCH

    @property
    def epoch_at_start(self) -> int:
        """The leader epoch at the start of the log; -1 if nobody knows it."""
        epochs = self._epochs
        return epochs[0][0] if epochs and epochs[0][1] <= self.start_offset else NO_EPOCH

    @property
    def last_stable_offset(self) -> int:
        """Up to where every transaction is decided, and known to stay so; the high watermark where there is none (UnifiedLog)."""
        transactions = self.producers.transactions
        if not transactions:
            return self.high_watermark
        return transactions.last_stable_offset(self.high_watermark, self.start_offset)

    @property
    def segments(self) -> list[Segment]:
        """Its segments as they are now, the oldest first."""
        return segments_of(self.file)

    def reconfigure(self, config: TopicConfig) -> None:
        """Take the topic's settings; what they say of segments holds for what is appended next."""
        self._active.reconfigure(config)

    def begin_epoch(self, leader_epoch: int) -> None:
        """Note that a leader's term begins at the end of the log."""
        self._begin_epoch(leader_epoch, self.end_offset)

    def _begin_epoch(self, leader_epoch: int, offset: int) -> None:
        epochs = self._epochs
        if epochs and epochs[-1][0] >= leader_epoch:
            return
        # A term without a batch leaves no trace once the next begins at the same offset.
        while epochs and epochs[-1][1] >= offset:
            epochs.pop()
        epochs.append((leader_epoch, offset))

    def append(self, header: BatchHeader, data: bytes, leader_epoch: int) -> StoredBatch:
        """Append one stamped batch at the end."""
        assert header.base_offset == self.end_offset, f"batch at {header.base_offset}, log ends at {self.end_offset}"
        stored = StoredBatch(header.base_offset, header.last_offset, leader_epoch, header, data)
        self.append_stored(stored)
        return stored

    def append_stored(self, stored: StoredBatch) -> None:
        """Append a batch as the leader has it: behind the last one, not always next to it, since compaction leaves gaps."""
        base_offset, _, _, header, data = stored
        assert base_offset >= self.end_offset, f"batch at {base_offset}, log ends at {self.end_offset}"
        active, size_bytes, timestamp_ms = self._active, len(data), header.max_timestamp_ms
        if active.is_full_for(size_bytes, timestamp_ms):
            self.roll(base_offset)
        self.file.entries.append(stored)
        active.appended(size_bytes, timestamp_ms)
        self._learn(stored)

    def roll(self, base_offset: int) -> None:
        """Close the segment that is written to, and begin another there (UnifiedLog.roll)."""
        self.file.roll(base_offset)
        self._active.clear()
        if self.on_roll is not None:
            self.on_roll(base_offset)

    def remove_segments_before(self, base_offset: int) -> None:
        """Remove what lies before the segment that begins there. What its batches told of epochs and producers stays known."""
        start, known = self._start_at(base_offset), self._remnant_at(base_offset)
        self.file.remove_before(base_offset, start if known.offset == base_offset else known._replace(at_start=start))
        self.transaction_index.remove_before(base_offset)

    def replace_segments(self, base_offset: int, end_offset: int, batches: Sequence[StoredBatch]) -> None:
        """Put what a cleaner left of some segments in their place, as one; the last of them ends where another begins."""
        self.file.replace(base_offset, end_offset, batches, self._remnant_at(end_offset))

    def _remnant_at(self, offset: int) -> Remnant:
        """What is known of everything before an offset, where a batch begins; or before a later one, if that is known already."""
        known = self.file.remnant
        return known if known is not None and known.offset >= offset else self._known_at(offset, known)

    def _start_at(self, offset: int) -> Remnant:
        """What is known of everything before an offset where the log is to begin, whatever is known of what lies behind."""
        known = self.file.remnant
        if known is not None and known.offset > offset:
            known = known.at_start
        return self._known_at(offset, known)

    def _known_at(self, offset: int, before: Remnant | None) -> Remnant:
        file = self.file
        producers, known_to = ProducerStates(), 0
        if before is not None:
            producers, known_to = before.producers.copy(), before.offset
        for stored in file.entries[file.place_of(known_to) : file.place_of(offset)]:
            if stored.header.producer_id >= 0:
                producers.learn(stored)
        epochs = tuple([one for one in self._epochs if one[1] <= offset])
        return Remnant(offset, epochs, producers, self.transaction_index.until(offset))

    def restart(self, at_offset: int) -> None:
        """Give up everything, and begin there: nobody has what would join the two (UnifiedLog.truncateFullyAndStartAt)."""
        self.file.restart(at_offset)
        self._recover()
        self.start_offset = self.high_watermark = at_offset

    def advance_start(self, to_offset: int) -> bool:
        """Let nobody read what is before that offset any more, as far as it is committed. Returns whether the start moved."""
        before = self.start_offset
        self.start_offset = max(before, min(to_offset, self.high_watermark))
        if self.start_offset == before:
            return False
        self._forget_epochs_before_start()
        return True

    def _forget_epochs_before_start(self) -> None:
        """Epochs that ended before the log begins are forgotten (LeaderEpochFileCache.truncateFromStart)."""
        epochs, start_offset = self._epochs, self.start_offset
        while len(epochs) > 1 and epochs[1][1] <= start_offset:
            del epochs[0]
        if epochs and epochs[0][1] < start_offset:
            epochs[0] = epochs[0][0], start_offset

    def read(self, from_offset: int, *, up_to_offset: int, bytes_max: int) -> tuple[StoredBatch, ...]:
        """Give whole batches from `from_offset` on that end before `up_to_offset`; the first whatever its size (KIP-74)."""
        if from_offset >= up_to_offset:
            return ()
        entries = self.file.entries
        place = max(bisect_right(entries, from_offset, key=_base_offset) - 1, 0)
        if place < len(entries) and entries[place].last_offset < from_offset:
            # Where compaction left a gap, reading goes on behind it.
            place += 1
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

    def aborted_transactions(self, from_offset: int, end_offset: int) -> list[Ended]:
        """Give the transactions that were aborted, of which something may lie from the first offset on and before the other.

        Kafka looks no closer than by segments: where the last batch that was read lies in an earlier one than the end of the log, the
        next segment's begin is the bound.
        """
        if not self.transaction_index:
            return []
        bases = self.file.bases
        upper_bound = next((base for base in bases if base >= end_offset), self.end_offset)
        segment = bisect_right(bases, from_offset)
        return self.transaction_index.overlapping(from_offset, upper_bound, bases[segment - 1] if segment else bases[0])

    def truncate(self, to_offset: int) -> bool:
        """Cut the log to end at `to_offset`, or before it if that lies within a batch. Returns whether anything went."""
        if to_offset >= self.end_offset:
            # A term that began here without writing anything is what the logs disagree about (UnifiedLog.truncateTo).
            while self._epochs and self._epochs[-1][1] >= self.end_offset:
                self._epochs.pop()
            return False
        if to_offset < self.file.bases[0]:
            self.restart(to_offset)
            return True
        entries = self.file.entries
        length = bisect_right(entries, to_offset - 1, key=_base_offset) if to_offset > 0 else 0
        is_within_batch = length > 0 and entries[length - 1].last_offset >= to_offset
        if is_within_batch:
            length -= 1
        self.file.truncate(length)
        if not is_within_batch and self.file.end_offset < to_offset:
            # Within a gap that compaction left, the log ends there all the same: its next batch begins a segment of its own.
            self.file.roll(to_offset)
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
        verifications = self.producers.verifications
        self.producers.clear()
        self.transaction_index.clear()
        self._epochs.clear()
        self._active.clear()
        file, known_to = self.file, 0
        self.end_offset = file.bases[0]
        remnant = file.remnant
        if remnant is not None and remnant.offset <= file.end_offset:
            known_to = self.end_offset = remnant.offset
            self._epochs += remnant.epochs
            self.producers = remnant.producers.copy()
            self.producers.verifications = verifications
            self.transaction_index = TransactionIndex(remnant.aborted)
            self.transaction_index.remove_before(file.bases[0])
        for stored in file.entries[file.place_of(known_to) :] if known_to else file.entries:
            self._learn(stored)
        active_from = file.bases[-1]
        self.end_offset = max(self.end_offset, active_from)
        for stored in file.entries[file.place_of(active_from) :] if active_from else file.entries:
            self._active.appended(len(stored.data), stored.header.max_timestamp_ms)

    def _learn(self, stored: StoredBatch) -> None:
        header = stored.header
        epochs = self._epochs
        if not epochs or epochs[-1][0] < stored.leader_epoch:
            self._begin_epoch(stored.leader_epoch, stored.base_offset)
        if header.producer_id >= 0:
            if header.attributes & CONTROL:
                self._learn_marker(stored)
            else:
                self.producers.appended(header, stored.base_offset)
        self.end_offset = stored.last_offset + 1

    def _learn_marker(self, stored: StoredBatch) -> None:
        ended = self.producers.ended(stored)
        if ended is not None and ended.is_abort:
            self.transaction_index.append(ended)
