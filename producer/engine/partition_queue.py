"""The batches of one partition that wait to leave, oldest first, and the one among them that takes records."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from producer.engine.batch import Batch, BatchInput, BatchState
from producer.engine.sequence import precedes

if TYPE_CHECKING:
    from producer.records import TopicPartition


class PartitionQueue:
    """Batches in the order in which they may leave; records go into the last one while it is open."""

    __slots__ = ("batches", "is_muted", "open", "partition", "place")

    def __init__(self, partition: TopicPartition, place: int) -> None:
        self.partition = partition
        self.place = place
        """How many partitions were used before this one."""
        self.batches: deque[Batch] = deque()
        self.open: Batch | None = None
        """The batch that takes records: the last one, or none."""
        self.is_muted = False
        """With one request in flight, a partition waits for the answer before its next batch leaves."""

    def begin(self, batch: Batch) -> None:
        """Let a new batch take the records."""
        self.batches.append(batch)
        self.open = batch

    def seal(self) -> None:
        """Put no more records into the open batch, if there is one."""
        if self.open is not None:
            self.open.feed(BatchInput.SEAL)
            self.open = None

    def take_first(self) -> Batch:
        """Take the batch whose turn it is; there must be one."""
        return self._taken(self.batches.popleft())

    def take_all(self) -> list[Batch]:
        """Take every batch."""
        taken = list(self.batches)
        self.batches.clear()
        self.open = None
        return taken

    def take_unsent(self) -> list[Batch]:
        """Take every batch without a sequence; those that have one came back, and stand before them."""
        taken = [batch for batch in self.batches if not batch.has_sequence]
        if taken:
            self.batches = deque(batch for batch in self.batches if batch.has_sequence)
            self.open = None
        return taken

    def take_expired(self, created_until_us: int) -> list[Batch]:
        """Take the batches that were created by then, oldest first."""
        taken: list[Batch] = []
        while self.batches and (oldest := self._oldest()).created_us <= created_until_us:
            self.batches.remove(oldest)
            taken.append(self._taken(oldest))
        return taken

    def put_back(self, batch: Batch, *, in_sequence: bool) -> None:
        """Take a batch back for its retry: before all others, or where its sequence belongs (insertInSequenceOrder)."""
        place = 0
        if in_sequence:
            while place < len(self.batches) and _precedes(self.batches[place], batch):
                place += 1
        self.batches.insert(place, batch)

    def mend(self) -> Batch | None:
        """Put the open batch in order after a `send` that was interrupted. Returns it if it is taken out: it is empty."""
        self.open = None
        if not self.batches or self.batches[-1].state is not BatchState.OPEN:
            return None
        last = self.batches[-1]
        last.even_out()
        if not last.record_count:
            return self.batches.pop()
        self.open = last
        return None

    def _taken(self, batch: Batch) -> Batch:
        if batch is self.open:
            self.open = None
        return batch

    def _oldest(self) -> Batch:
        """Give the batch that was created first; there must be one.

        Mostly it is the first. But without sequences a batch that comes back stands before an older one that came back
        earlier (reenqueue), and must not keep it beyond its time.
        """
        oldest = self.batches[0]
        if oldest.has_left:
            for batch in self.batches:
                if batch.created_us < oldest.created_us:
                    oldest = batch
                if not batch.has_left:
                    break
        return oldest


def _precedes(waiting: Batch, batch: Batch) -> bool:
    return waiting.has_sequence and precedes(waiting.base_sequence, batch.base_sequence)
