"""What a partition remembers of its idempotent producers: five batches each, to tell repeats from gaps.

Kafka: ProducerStateManager, ProducerStateEntry, ProducerAppendInfo (KIP-98). A 4.x broker never answers
UNKNOWN_PRODUCER_ID or DUPLICATE_SEQUENCE_NUMBER.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.record_batch import SEQUENCE_MASK

if TYPE_CHECKING:
    from producer.wire.record_batch import BatchHeader

BATCHES_REMEMBERED = 5
"""ProducerStateEntry.NUM_BATCHES_TO_RETAIN: why more than five requests in flight are refused by producers."""


class _Appended(NamedTuple):
    """One batch that is in the log."""

    first_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int


class _Producer:
    """One producer id in one partition."""

    __slots__ = ("batches", "epoch", "last_timestamp_ms")

    def __init__(self) -> None:
        self.epoch = -1
        self.batches: deque[_Appended] = deque(maxlen=BATCHES_REMEMBERED)
        self.last_timestamp_ms = -1

    def copy(self) -> _Producer:
        """Give another one that knows the same."""
        other = _Producer()
        other.epoch, other.last_timestamp_ms = self.epoch, self.last_timestamp_ms
        other.batches.extend(self.batches)
        return other


class ProducerStates:
    """The producers of one partition, by id. Followers keep it, too: any of them may lead next."""

    __slots__ = ("_producers",)

    def __init__(self) -> None:
        self._producers: dict[int, _Producer] = {}

    def __len__(self) -> int:
        return len(self._producers)

    def copy(self) -> ProducerStates:
        """Give what is known now, for a snapshot (ProducerStateManager.takeSnapshot)."""
        other = ProducerStates()
        other._producers = {producer_id: one.copy() for producer_id, one in self._producers.items()}
        return other

    def ids(self) -> tuple[int, ...]:
        """Every producer id that is remembered, in the order in which they came."""
        return tuple(self._producers)

    def remembered(self, producer_id: int) -> tuple[int, list[tuple[int, int, int, int]]] | None:
        """Give a producer's epoch, and first and last sequence and offset of each batch remembered; None if unknown."""
        producer = self._producers.get(producer_id)
        return None if producer is None else (producer.epoch, list(producer.batches))

    def described(self) -> tuple[tuple[int, int, int, int], ...]:
        """Give each producer's id, epoch, last sequence and last timestamp in milliseconds, in the order in which they came."""
        return tuple(
            (producer_id, one.epoch, one.batches[-1].last_sequence, one.last_timestamp_ms)
            for producer_id, one in self._producers.items()
        )

    def duplicate_of(self, header: BatchHeader) -> tuple[int, int] | None:
        """Give (base offset, last offset) of the very same batch if it is among the five remembered, else None."""
        producer = self._producers.get(header.producer_id)
        if producer is None or producer.epoch != header.producer_epoch:
            return None
        first, last = header.base_sequence, header.last_sequence
        for batch in producer.batches:
            if batch.first_sequence == first and batch.last_sequence == last:
                return batch.base_offset, batch.last_offset
        return None

    def check(self, header: BatchHeader) -> Code:
        """Whether a leader may append this batch; asked after `duplicate_of`."""
        producer = self._producers.get(header.producer_id)
        if producer is None:
            # Nothing known, so nothing to compare: any sequence is taken (ProducerAppendInfo.checkSequence).
            return Code.NONE
        if header.producer_epoch < producer.epoch:
            return Code.INVALID_PRODUCER_EPOCH
        if header.producer_epoch > producer.epoch:
            return Code.NONE if header.base_sequence == 0 else Code.OUT_OF_ORDER_SEQUENCE_NUMBER
        expected = (producer.batches[-1].last_sequence + 1) & SEQUENCE_MASK
        return Code.NONE if header.base_sequence == expected else Code.OUT_OF_ORDER_SEQUENCE_NUMBER

    def appended(self, header: BatchHeader, base_offset: int) -> None:
        """Remember a batch that is now in the log."""
        producer = self._producers.get(header.producer_id)
        if producer is None:
            producer = self._producers[header.producer_id] = _Producer()
        if header.producer_epoch != producer.epoch:
            producer.epoch = header.producer_epoch
            producer.batches.clear()
        producer.last_timestamp_ms = header.max_timestamp_ms
        producer.batches.append(
            _Appended(header.base_sequence, header.last_sequence, base_offset, base_offset + header.last_offset_delta)
        )

    def expire(self, *, now_ms: int, expiration_ms: int) -> None:
        """Forget producers whose last batch is that old; their next one is taken with any sequence."""
        for producer_id, producer in tuple(self._producers.items()):
            if now_ms - producer.last_timestamp_ms >= expiration_ms:
                del self._producers[producer_id]

    def clear(self) -> None:
        """Forget everything, before the log is read again."""
        self._producers.clear()
