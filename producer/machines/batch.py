"""The life of one batch, from its first record to its verdict."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from producer.machines.transitions import move
from producer.records import NO_IDENTITY, NO_SEQUENCE, Headers, ProducerIdentity, TopicPartition
from producer.wire.record_batch import BATCH_OVERHEAD

if TYPE_CHECKING:
    from producer.errors import ErrorCode


class BatchState(Enum):
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


class BatchInput(Enum):
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

RawRecord = tuple[bytes | None, bytes | None, Headers, int]
"""(key, value, headers, timestamp in epoch milliseconds), as `encode_batch` takes it."""


class Batch:
    """Records for one partition that travel, succeed and fail together (ProducerBatch)."""

    __slots__ = ("attempts", "base_sequence", "compression_ratio", "created_us", "encoded", "first_timestamp_ms",
                 "identity", "is_part", "is_resequenced", "largest_record_bytes", "last_error", "leader_epoch_tried",
                 "limit_bytes", "may_be_written", "not_before_us", "number", "partition", "records", "reserved_bytes",
                 "size_bytes", "state", "tokens")  # fmt: skip

    def __init__(
        self, *, number: int, partition: TopicPartition, created_us: int, reserved_bytes: int, first_timestamp_ms: int
    ) -> None:
        self.number = number
        self.partition = partition
        self.created_us = created_us
        self.reserved_bytes = reserved_bytes
        """What it took from `buffer.memory`."""
        self.first_timestamp_ms = first_timestamp_ms
        self.state = BatchState.OPEN
        self.records: list[RawRecord] = []
        self.tokens: list[Any] = []
        self.size_bytes = BATCH_OVERHEAD
        """Uncompressed, exact."""
        self.limit_bytes = reserved_bytes
        """Full at this estimated size."""
        self.largest_record_bytes = 0
        self.compression_ratio = 1.0
        """What compression is expected to leave of a byte; 1 without a codec."""
        self.is_part = False
        """Whether it holds a part of a batch that was too large."""
        self.encoded: bytes | None = None
        self.identity: ProducerIdentity = NO_IDENTITY
        self.base_sequence = NO_SEQUENCE
        self.is_resequenced = False
        """Whether it took new sequences after it had been sent (ProducerBatch.sequenceHasBeenReset)."""
        self.attempts = 0
        self.not_before_us = 0
        self.leader_epoch_tried = -1
        self.may_be_written = False
        """Whether an attempt ended in a way that may hide an append; its outcome can then not be `failed`."""
        self.last_error: ErrorCode | None = None
        """How the latest attempt failed."""

    def feed(self, given: BatchInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"batch {self.number} of {self.partition}")

    @property
    def record_count(self) -> int:
        return len(self.records)

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

    def add(self, record: RawRecord, token: object, size_bytes: int) -> None:
        """Take one more record of that encoded size."""
        self.records.append(record)
        self.tokens.append(token)
        self.size_bytes += size_bytes
        self.largest_record_bytes = max(self.largest_record_bytes, size_bytes)

    @property
    def has_sequence(self) -> bool:
        return self.base_sequence != NO_SEQUENCE

    @property
    def is_over(self) -> bool:
        return self.state in _OVER
