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


class BatchInput(Enum):
    SEAL = "seal"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    RETRY = "retry"
    GIVE_UP = "give up"


TRANSITIONS: dict[tuple[BatchState, BatchInput], BatchState] = {
    (BatchState.OPEN, BatchInput.SEAL): BatchState.SEALED,
    (BatchState.OPEN, BatchInput.GIVE_UP): BatchState.FAILED,
    (BatchState.SEALED, BatchInput.SEND): BatchState.IN_FLIGHT,
    (BatchState.SEALED, BatchInput.GIVE_UP): BatchState.FAILED,
    (BatchState.IN_FLIGHT, BatchInput.ACKNOWLEDGE): BatchState.DELIVERED,
    (BatchState.IN_FLIGHT, BatchInput.RETRY): BatchState.RETRYING,
    (BatchState.IN_FLIGHT, BatchInput.GIVE_UP): BatchState.FAILED,
    (BatchState.RETRYING, BatchInput.SEND): BatchState.IN_FLIGHT,
    (BatchState.RETRYING, BatchInput.GIVE_UP): BatchState.FAILED,
}

RawRecord = tuple[bytes | None, bytes | None, Headers, int]
"""(key, value, headers, timestamp in epoch milliseconds), as `encode_batch` takes it."""


class Batch:
    """Records for one partition that travel, succeed and fail together (ProducerBatch)."""

    __slots__ = ("attempts", "base_sequence", "created_us", "encoded", "first_timestamp_ms", "identity",
                 "is_resequenced", "last_error", "leader_epoch_tried", "may_be_written", "not_before_us", "number",
                 "partition", "records", "reserved_bytes", "size_bytes", "state", "tokens")  # fmt: skip

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
    def has_sequence(self) -> bool:
        return self.base_sequence != NO_SEQUENCE

    @property
    def is_over(self) -> bool:
        return self.state is BatchState.DELIVERED or self.state is BatchState.FAILED
