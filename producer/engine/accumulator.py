"""Batches that wait, one queue a partition: which may leave, when the next one is due, which ran out of time.

The rules of `org.apache.kafka.clients.producer.internals.RecordAccumulator`. What a sequence allows is asked of the
caller (`may_drain`), for it depends on the producer's identity.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US
from producer.engine.batch import NO_LIMIT, Batch, BatchInput, BatchState
from producer.engine.compression_ratio import CompressionRatios
from producer.engine.sequence import precedes
from producer.wire.record_batch import BATCH_OVERHEAD, record_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.records import Headers, TopicPartition


class PartitionQueue:
    """The batches of one partition, oldest first; records go into the last one while it is open."""

    __slots__ = ("batches", "is_muted", "partition")

    def __init__(self, partition: TopicPartition) -> None:
        self.partition = partition
        self.batches: deque[Batch] = deque()
        self.is_muted = False
        """With one request in flight, a partition waits for the answer before its next batch leaves."""

    def put_back(self, batch: Batch, *, in_sequence: bool) -> None:
        """Take a batch back for its retry: before all others, or where its sequence belongs (insertInSequenceOrder)."""
        place = 0
        if in_sequence:
            while place < len(self.batches) and _precedes(self.batches[place], batch):
                place += 1
        self.batches.insert(place, batch)

    def oldest(self) -> Batch:
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


class Accumulator:
    """Queues by partition, in the order in which partitions were first used."""

    __slots__ = ("_batch_bytes", "_linger_us", "_numbers", "_starts", "flush_through", "queues", "ratios")

    def __init__(self, *, batch_bytes: int, linger_us: int, is_compressed: bool = False) -> None:
        self._batch_bytes = batch_bytes
        self._linger_us = linger_us
        self._numbers = 0
        self._starts: dict[int, int] = {}
        self.queues: dict[TopicPartition, PartitionQueue] = {}
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
            found = self.queues[partition] = PartitionQueue(partition)
        return found

    @staticmethod
    def try_append(
        queue: PartitionQueue,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        timestamp_ms: int,
        token: object,
    ) -> int:
        """Put a record into the open batch. Returns its bytes there, 0 if no batch has room; a full one is sealed."""
        batches = queue.batches
        if not batches:
            return 0
        batch = batches[-1]
        if batch.state is not BatchState.OPEN:
            return 0
        size_bytes = batch.append(key, value, headers, timestamp_ms, token)
        if not size_bytes:
            batch.feed(BatchInput.SEAL)
        return size_bytes

    def open(self, queue: PartitionQueue, *, now_us: int, reserved_bytes: int, first_timestamp_ms: int) -> Batch:
        """Begin a batch that has taken `reserved_bytes` of the buffer."""
        self._numbers += 1
        batch = Batch(
            number=self._numbers,
            partition=queue.partition,
            created_us=now_us,
            reserved_bytes=reserved_bytes,
            first_timestamp_ms=first_timestamp_ms,
        )
        batch.compression_ratio = self.ratios.estimate(queue.partition.topic) if self.ratios is not None else 1.0
        queue.batches.append(batch)
        return batch

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
        if hurry or len(queue.batches) > 1 or first.state is not BatchState.OPEN or first.is_full:
            return first.created_us
        if first.number <= self.flush_through:
            return first.created_us
        return first.created_us + self._linger_us

    def in_turn(self, node_id: int, queues: list[PartitionQueue]) -> Iterator[PartitionQueue]:
        """Give a broker's queues, beginning one further each time, so that none starves (drainIndex)."""
        start = self._starts.get(node_id, 0) % len(queues)
        self._starts[node_id] = start + 1
        for step in range(len(queues)):
            yield queues[(start + step) % len(queues)]

    def expired(self, now_us: int, delivery_timeout_us: int) -> list[Batch]:
        """Take out the waiting batches whose time is up, oldest first within each partition."""
        found: list[Batch] = []
        for queue in self.queues.values():
            while queue.batches and (oldest := queue.oldest()).created_us + delivery_timeout_us <= now_us:
                queue.batches.remove(oldest)
                found.append(oldest)
        return found

    def waiting(self) -> Iterator[Batch]:
        """Every batch in a queue."""
        for queue in self.queues.values():
            yield from queue.batches


def _precedes(waiting: Batch, batch: Batch) -> bool:
    return waiting.has_sequence and precedes(waiting.base_sequence, batch.base_sequence)
