"""The life of one batch, from its first record to its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import NO_IDENTITY, NO_SEQUENCE, Headers, ProducerIdentity, Run, TopicPartition
from producer.transitions import Symbol, move
from producer.wire.record_batch import BATCH_OVERHEAD, SHORT, SIZED, record_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.errors import ErrorCode


class BatchState(Symbol):
    OPEN = "open"
    """Records still come in."""
    SEALED = "sealed"
    """Encoded, with its sequence if it has one; no byte of it changes without a new sequence."""
    IN_FLIGHT = "in flight"
    RETRYING = "retrying"
    """Back in the accumulator after an attempt that may be repeated."""
    DELIVERED = "delivered"
    FAILED = "failed"
    SPLIT = "split"
    """Too large for the broker: its records live on in smaller batches."""


class BatchInput(Symbol):
    SEAL = "seal"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    RETRY = "retry"
    GIVE_UP = "give up"
    SPLIT = "split"


TRANSITIONS: dict[tuple[BatchState, BatchInput], BatchState] = {
    (BatchState.OPEN, BatchInput.SEAL): BatchState.SEALED,
    (BatchState.OPEN, BatchInput.GIVE_UP): BatchState.FAILED,
    (BatchState.SEALED, BatchInput.SEND): BatchState.IN_FLIGHT,
    (BatchState.SEALED, BatchInput.GIVE_UP): BatchState.FAILED,
    (BatchState.IN_FLIGHT, BatchInput.ACKNOWLEDGE): BatchState.DELIVERED,
    (BatchState.IN_FLIGHT, BatchInput.RETRY): BatchState.RETRYING,
    (BatchState.IN_FLIGHT, BatchInput.GIVE_UP): BatchState.FAILED,
    (BatchState.IN_FLIGHT, BatchInput.SPLIT): BatchState.SPLIT,
    (BatchState.RETRYING, BatchInput.SEND): BatchState.IN_FLIGHT,
    (BatchState.RETRYING, BatchInput.GIVE_UP): BatchState.FAILED,
}

_OVER = (BatchState.DELIVERED, BatchState.FAILED, BatchState.SPLIT)

ESTIMATING_FACTOR = 1.05
"""Estimates of compressed sizes err on the safe side (MemoryRecordsBuilder.COMPRESSION_RATE_ESTIMATION_FACTOR)."""

NO_LIMIT = 1 << 62

RawRecord = tuple[bytes | None, bytes | None, Headers, int]
"""(key, value, headers, timestamp in epoch milliseconds)."""


class Batch:
    """Records for one partition that travel, succeed and fail together (ProducerBatch).

    They are kept in columns: a tuple for each record would make the garbage collector's work half as much again.
    """

    __slots__ = ("attempts", "base_sequence", "compression_ratio", "created_us", "encoded", "first_timestamp_ms",
                 "full_bytes", "headers", "identity", "is_part", "is_resequenced", "keys", "largest_record_bytes", "last_error",
                 "leader_epoch_tried", "limit_bytes", "may_be_written", "not_before_us", "number", "partition",
                 "reserved_bytes", "size_bytes", "state", "timestamps_ms", "tokens", "values")  # fmt: skip

    def __init__(
        self,
        *,
        number: int,
        partition: TopicPartition,
        created_us: int,
        reserved_bytes: int,
        first_timestamp_ms: int,
        compression_ratio: float = 1.0,
    ) -> None:
        self.number = number
        self.partition = partition
        self.created_us = created_us
        self.reserved_bytes = reserved_bytes
        """What it took from `buffer.memory`."""
        self.first_timestamp_ms = first_timestamp_ms
        self.state = BatchState.OPEN
        self.keys: list[bytes | None] = []
        self.values: list[bytes | None] = []
        self.timestamps_ms: list[int] = []
        self.headers: dict[int, Headers] = {}
        """Of those records that have some, by their place in the batch."""
        self.tokens: list[Any] = []
        self.size_bytes = BATCH_OVERHEAD
        """Uncompressed, exact."""
        self.limit_bytes = reserved_bytes
        """Full at this estimated size; `append` goes no further."""
        self.full_bytes = reserved_bytes
        """No batch of a smaller size is full; a larger one may be, as `is_full` says."""
        self.largest_record_bytes = 0
        self.compression_ratio = compression_ratio
        """What compression is expected to leave of a byte; 1 without a codec."""
        self.is_part = False
        """Whether it holds a part of a batch that was too large."""
        self.encoded: bytes | None = None
        self.identity: ProducerIdentity = NO_IDENTITY
        self.base_sequence = NO_SEQUENCE
        self.is_resequenced = False
        """Whether it took new sequences since it was sent: an answer is to the old ones (ProducerBatch.sequenceHasBeenReset)."""
        self.attempts = 0
        self.not_before_us = 0
        self.leader_epoch_tried = -1
        self.may_be_written = False
        """Whether an attempt ended in a way that may hide an append; its outcome can then not be `failed`."""
        self.last_error: ErrorCode | None = None
        """How the latest attempt failed."""
        if compression_ratio != 1.0:
            payload_bytes = (reserved_bytes - BATCH_OVERHEAD) / (compression_ratio * ESTIMATING_FACTOR)
            self.full_bytes = BATCH_OVERHEAD + int(payload_bytes)

    def __str__(self) -> str:
        return f"batch {self.number} of {self.partition}"

    def feed(self, given: BatchInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=self)

    @property
    def record_count(self) -> int:
        return len(self.values)

    def records(self) -> Iterator[RawRecord]:
        """Give the records one by one."""
        for index, (key, value, timestamp_ms) in enumerate(
            zip(self.keys, self.values, self.timestamps_ms, strict=True)
        ):
            yield key, value, self.headers.get(index, ()), timestamp_ms

    @property
    def estimated_bytes(self) -> int:
        """What it will take on the wire, as far as earlier batches of the topic tell."""
        if self.encoded is not None:
            return len(self.encoded)
        if self.compression_ratio == 1.0:
            return self.size_bytes
        return BATCH_OVERHEAD + int((self.size_bytes - BATCH_OVERHEAD) * self.compression_ratio * ESTIMATING_FACTOR)

    @property
    def is_full(self) -> bool:
        return self.estimated_bytes >= self.limit_bytes

    def append(self, key: bytes | None, value: bytes | None, headers: Headers, timestamp_ms: int, token: object) -> int:
        """Take one more record. Returns its encoded bytes, 0 if there is no room for it and nothing has changed."""
        offset_delta = len(self.values)
        timestamp_delta_ms = timestamp_ms - self.first_timestamp_ms
        try:
            # What `record_size` would say: this is asked for each record that is sent.
            size_bytes = SIZED[
                (4 if offset_delta < SHORT else 5)
                + (1 if key is None else SIZED[len(key)])
                + (1 if value is None else SIZED[len(value)])
            ]
        except IndexError:
            size_bytes = 0
        if not size_bytes or headers or not 0 <= timestamp_delta_ms < SHORT or offset_delta >= len(SIZED):
            key_size = -1 if key is None else len(key)
            value_size = -1 if value is None else len(value)
            size_bytes = record_size(key_size, value_size, headers, timestamp_delta_ms, offset_delta)
        # What a codec will make of this very record is not counted on.
        used_bytes = self.size_bytes if self.compression_ratio == 1.0 else self.estimated_bytes
        if used_bytes + size_bytes > self.limit_bytes:
            return 0
        if headers:
            self.headers[offset_delta] = headers
        self.keys.append(key)
        self.values.append(value)
        self.timestamps_ms.append(timestamp_ms)
        self.tokens.append(token)
        self.size_bytes += size_bytes
        if size_bytes > self.largest_record_bytes:  # noqa: PLR1730 - asked for each record, where a call counts
            self.largest_record_bytes = size_bytes
        return size_bytes

    def even_out(self) -> None:
        """Take back what of a record, or of a run, got into some columns only: its `append` was interrupted."""
        columns: tuple[list[Any], ...] = (self.keys, self.values, self.timestamps_ms, self.tokens)
        count = min(map(len, columns))
        for column in columns:
            del column[count:]
        self.headers = {place: headers for place, headers in self.headers.items() if place < count}
        sizes = [
            record_size(
                -1 if key is None else len(key),
                -1 if value is None else len(value),
                headers,
                timestamp_ms - self.first_timestamp_ms,
                place,
            )
            for place, (key, value, headers, timestamp_ms) in enumerate(self.records())
        ]
        self.size_bytes = BATCH_OVERHEAD + sum(sizes)

    def extend(self, run: Run, begin: int, timestamp_ms: int) -> int:
        """Take records of a run, from its place `begin` on, as long as there is room. Returns how many."""
        end = len(run.values)
        place = begin
        if run.shape is None or self.compression_ratio != 1.0:
            while place < end and self.append(run.keys[place], run.values[place], (), timestamp_ms, run.tokens[place]):
                place += 1
            return place - begin
        # Records of one shape are alike to the byte, as long as their offsets take as many bytes.
        while place < end:
            offset_delta = len(self.values)
            size_bytes = record_size(*run.shape, (), timestamp_ms - self.first_timestamp_ms, offset_delta)
            alike = next(limit for limit in (SHORT, len(SIZED), NO_LIMIT) if limit > offset_delta) - offset_delta
            count = min((self.limit_bytes - self.size_bytes) // size_bytes, alike, end - place)
            if count <= 0:
                break
            upto = place + count
            self.keys += run.keys[place:upto]
            self.values += run.values[place:upto]
            self.tokens += run.tokens[place:upto]
            self.timestamps_ms += [timestamp_ms] * count
            self.size_bytes += count * size_bytes
            self.largest_record_bytes = max(self.largest_record_bytes, size_bytes)
            place = upto
        return place - begin

    @property
    def has_sequence(self) -> bool:
        return self.base_sequence != NO_SEQUENCE

    @property
    def has_left(self) -> bool:
        """Whether it was sent before, by itself or as part of a larger one."""
        return self.attempts > 0 or self.is_part

    @property
    def is_over(self) -> bool:
        return self.state in _OVER
