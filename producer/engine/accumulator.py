"""Batches that wait, one queue a partition, and when each may leave as far as time decides.

The rules of `org.apache.kafka.clients.producer.internals.RecordAccumulator`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US
from producer.engine.batch import NO_LIMIT, Batch, BatchInput, BatchState
from producer.engine.compression_ratio import CompressionRatios
from producer.engine.incomplete import Incomplete
from producer.engine.partition_queue import PartitionQueue
from producer.wire.record_batch import BATCH_OVERHEAD, record_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producer.records import Headers, TopicPartition

# Asked for with each turn; to find a member in its enumeration takes Python 3.11 five times as long.
_OPEN = BatchState.OPEN


class Accumulator:
    """Queues by partition, in the order in which partitions were first used."""

    __slots__ = ("_batch_bytes", "_changed", "_linger_us", "_numbers", "_occupied", "_used", "flush_through",
                 "incomplete", "queues", "ratios")  # fmt: skip

    def __init__(self, *, batch_bytes: int, linger_us: int, is_compressed: bool = False) -> None:
        self._batch_bytes = batch_bytes
        self._linger_us = linger_us
        self._numbers = 0
        self.queues: dict[TopicPartition, PartitionQueue] = {}
        self._used: dict[str, list[PartitionQueue]] = {}
        self._changed: dict[str, None] = {}
        self._occupied: dict[int, PartitionQueue] = {}
        """By its place, every queue that has batches, and some that had; whoever looks for them forgets those."""
        self.incomplete = Incomplete()
        self.ratios = CompressionRatios() if is_compressed else None
        """What compression is expected to leave; None without a codec."""
        self.flush_through = 0
        """Batches up to this number do not linger any more."""

    @property
    def last_number(self) -> int:
        """The number of the newest batch; 0 before the first."""
        return self._numbers

    def queue(self, partition: TopicPartition) -> PartitionQueue:
        """The queue of a partition, made when there is none."""
        found = self.queues.get(partition)
        if found is None:
            found = self.queues[partition] = PartitionQueue(partition, len(self.queues))
            self._used.setdefault(partition.topic, []).append(found)
            self._changed[partition.topic] = None
        return found

    def used(self, topic: str) -> Sequence[PartitionQueue]:
        """The queues of a topic, in the order in which its partitions were first used."""
        return self._used.get(topic, ())

    def waiting(self) -> list[PartitionQueue]:
        """The queues that have batches, in the order in which partitions were first used.

        What this costs depends on how many there are of these, and not on how many partitions were ever used.
        """
        occupied = self._occupied
        found: list[PartitionQueue] = []
        for place in sorted(occupied):
            queue = occupied[place]
            if queue.batches:
                found.append(queue)
            else:
                del occupied[place]
        return found

    def open(self, queue: PartitionQueue, *, now_us: int, reserved_bytes: int, first_timestamp_ms: int) -> Batch:
        """Begin a batch that has taken `reserved_bytes` of the buffer."""
        self._numbers += 1
        batch = Batch(
            number=self._numbers,
            partition=queue.partition,
            created_us=now_us,
            reserved_bytes=reserved_bytes,
            first_timestamp_ms=first_timestamp_ms,
            compression_ratio=1.0 if self.ratios is None else self.ratios.estimate(queue.partition.topic),
        )
        self._occupied[queue.place] = queue
        queue.begin(batch)
        self.incomplete.begin(batch)
        return batch

    def put_back(self, batch: Batch, *, in_sequence: bool) -> None:
        """Take a batch back for another attempt."""
        queue = self.queue(batch.partition)
        self._occupied[queue.place] = queue
        queue.put_back(batch, in_sequence=in_sequence)

    def split(self, large: Batch) -> list[Batch]:
        """Give the records of a batch that was refused as too large, in order, as smaller batches ready to leave.

        Parts are of batch.size first, and half as large each time a part is refused again (splitAndReenqueue).
        """
        target_bytes = self._batch_bytes
        if large.is_part:
            target_bytes = max(BATCH_OVERHEAD + large.largest_record_bytes, large.size_bytes // 2)
        parts: list[Batch] = []
        part: Batch | None = None
        for (key, value, headers, timestamp_ms), token in zip(large.records(), large.tokens, strict=True):
            alone_bytes = self.bytes_alone(key, value, headers) - BATCH_OVERHEAD
            if part is None or part.size_bytes + alone_bytes > target_bytes:
                self._numbers += 1
                part = Batch(
                    number=self._numbers,
                    partition=large.partition,
                    created_us=large.created_us,
                    # The buffer's bytes stay with the first part, until it has its verdict.
                    reserved_bytes=0 if parts else large.reserved_bytes,
                    first_timestamp_ms=timestamp_ms,
                )
                part.is_part = True
                # It takes the records it was made for.
                part.limit_bytes = NO_LIMIT
                part.may_be_written = large.may_be_written
                parts.append(part)
            part.append(key, value, headers, timestamp_ms, token)
        for part in parts:
            part.feed(BatchInput.SEAL)
        self.incomplete.split(large, parts)
        return parts

    @staticmethod
    def bytes_alone(key: bytes | None, value: bytes | None, headers: Headers) -> int:
        """Bytes of a batch that holds this record alone."""
        return BATCH_OVERHEAD + record_size(
            -1 if key is None else len(key), -1 if value is None else len(value), headers, 0, 0
        )

    def due_us(self, queue: PartitionQueue, *, leader_epoch: int, hurry: bool) -> int:
        """When the queue's first batch may leave, as far as time decides: in the past for a full one.

        A retry does not wait out its back-off once another leader is known (KIP-951); `hurry` ends every linger.
        """
        if not queue.batches or queue.is_muted:
            return NEVER_US
        first = queue.batches[0]
        if first.attempts:
            return first.created_us if leader_epoch > first.leader_epoch_tried else first.not_before_us
        if hurry or len(queue.batches) > 1 or first.state is not _OPEN or first.is_full:
            return first.created_us
        if first.number <= self.flush_through:
            return first.created_us
        return first.created_us + self._linger_us

    def take_expired(self, created_until_us: int) -> list[Batch]:
        """Take the waiting batches that were created by then, oldest first within each partition."""
        return [batch for queue in self.waiting() for batch in queue.take_expired(created_until_us)]

    def take_all(self) -> list[Batch]:
        """Take every batch that waits."""
        return [batch for queue in self.waiting() for batch in self.take_from(queue)]

    def take_unsent(self) -> list[Batch]:
        """Take every batch that has never left."""
        taken: list[Batch] = []
        for queue in self.waiting():
            self._changed[queue.partition.topic] = None
            taken += queue.take_unsent()
        return taken

    def take_from(self, queue: PartitionQueue) -> list[Batch]:
        """Take every batch that waits in one of the queues."""
        self._changed[queue.partition.topic] = None
        return queue.take_all()

    def take_changed(self) -> list[str]:
        """Take the topics of queues that are new, or were emptied, since the last time."""
        changed = list(self._changed)
        self._changed.clear()
        return changed

    def mend(self) -> None:
        """Put queues in order after a `send` that was interrupted."""
        self._used.clear()
        for queue in self.queues.values():
            self._used.setdefault(queue.partition.topic, []).append(queue)
            emptied = queue.mend()
            if emptied is not None:
                self.incomplete.end(emptied)
