"""What a partition remembers of its producers: five batches each, to tell repeats from gaps, and the transaction that each is in.

Kafka: ProducerStateManager, ProducerStateEntry, ProducerAppendInfo (KIP-98, KIP-890). A 4.x broker never answers
UNKNOWN_PRODUCER_ID or DUPLICATE_SEQUENCE_NUMBER.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code, MalformedError
from producer.wire.end_markers import EndMarker, read_end_marker
from producer.wire.record_batch import CONTROL, SEQUENCE_MASK, TRANSACTIONAL
from sim.cluster.broker.log_transactions import LogTransactions
from sim.cluster.broker.verification import Verifications

if TYPE_CHECKING:
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.log_transactions import Ended
    from sim.cluster.stored_batch import StoredBatch

BATCHES_REMEMBERED = 5
"""ProducerStateEntry.NUM_BATCHES_TO_RETAIN: why more than five requests in flight are refused by producers."""

NOT_IN_TRANSACTION = -1
NO_COORDINATOR = -1
"""Nobody has written a marker."""

STRICT_SINCE = 2
"""Since this transaction.version each transaction has an epoch of its own: a marker's is higher than its records' (KIP-1228)."""


class _Appended(NamedTuple):
    """One batch that is in the log."""

    first_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int


class Described(NamedTuple):
    """What a partition tells of one producer."""

    producer_id: int
    epoch: int
    last_sequence: int
    """-1 where no batch of this epoch is remembered."""
    last_timestamp_ms: int
    coordinator_epoch: int
    """Of the last marker; -1 if nobody has written one."""
    transaction_from: int
    """Where its open transaction begins; -1 if none is open."""


class _Producer:
    """One producer id in one partition."""

    __slots__ = ("batches", "coordinator_epoch", "epoch", "last_timestamp_ms", "transaction_from")

    def __init__(self) -> None:
        self.epoch = -1
        self.batches: deque[_Appended] = deque(maxlen=BATCHES_REMEMBERED)
        self.last_timestamp_ms = -1
        self.coordinator_epoch = NO_COORDINATOR
        self.transaction_from = NOT_IN_TRANSACTION

    def copy(self) -> _Producer:
        """Give another one that knows the same."""
        other = _Producer()
        other.epoch, other.last_timestamp_ms = self.epoch, self.last_timestamp_ms
        other.coordinator_epoch, other.transaction_from = self.coordinator_epoch, self.transaction_from
        other.batches.extend(self.batches)
        return other


class ProducerStates:
    """The producers of one partition, by id. Followers keep it, too: any of them may lead next."""

    __slots__ = ("_producers", "transactions", "verifications")

    def __init__(self) -> None:
        self._producers: dict[int, _Producer] = {}
        self.transactions = LogTransactions()
        self.verifications = Verifications()

    def __len__(self) -> int:
        return len(self._producers)

    def copy(self) -> ProducerStates:
        """Give what is known now, for a snapshot (ProducerStateManager.takeSnapshot)."""
        other = ProducerStates()
        other._producers = {producer_id: one.copy() for producer_id, one in self._producers.items()}
        other.transactions = self.transactions.copy_open()
        return other

    def ids(self) -> tuple[int, ...]:
        """Every producer id that is remembered, in the order in which they came."""
        return tuple(self._producers)

    def remembered(self, producer_id: int) -> tuple[int, list[tuple[int, int, int, int]]] | None:
        """Give a producer's epoch, and first and last sequence and offset of each batch remembered; None if unknown."""
        producer = self._producers.get(producer_id)
        return None if producer is None else (producer.epoch, list(producer.batches))

    def described(self) -> tuple[Described, ...]:
        """Describe each producer, in the order in which they came."""
        return tuple(
            Described(
                producer_id,
                one.epoch,
                one.batches[-1].last_sequence if one.batches else -1,
                one.last_timestamp_ms,
                one.coordinator_epoch,
                one.transaction_from,
            )
            for producer_id, one in self._producers.items()
        )

    def last_offsets(self) -> dict[int, int]:
        """Give the offset of what each producer wrote last (ProducerStateEntry.lastDataOffset)."""
        return {producer_id: one.batches[-1].last_offset for producer_id, one in self._producers.items() if one.batches}

    # -- what a leader may append --------------------------------------------------------------------------------------

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
        if self.verifications and not self._is_next_verified(header):
            return self._epoch_or(header, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
        producer = self._producers.get(header.producer_id)
        if producer is None:
            # Nothing known, so nothing to compare: any sequence is taken (ProducerAppendInfo.checkSequence).
            return Code.NONE
        if header.producer_epoch < producer.epoch:
            return Code.INVALID_PRODUCER_EPOCH
        if header.producer_epoch > producer.epoch or not producer.batches:
            expected = 0
        else:
            expected = (producer.batches[-1].last_sequence + 1) & SEQUENCE_MASK
        if header.base_sequence != expected:
            return Code.OUT_OF_ORDER_SEQUENCE_NUMBER
        if producer.transaction_from >= 0 and not header.attributes & TRANSACTIONAL:
            return Code.INVALID_TXN_STATE
        return Code.NONE

    def _is_next_verified(self, header: BatchHeader) -> bool:
        """Whether a batch is not one that would overtake another, of a producer whose first batch here is being verified."""
        verification = self.verifications.get(header.producer_id)
        if verification is None:
            return True
        producer = self._producers.get(header.producer_id)
        is_first_here = producer is None or not producer.batches
        if verification.is_epoch_per_transaction and is_first_here and header.base_sequence != 0:
            return False
        return header.base_sequence <= verification.lowest_sequence

    def _epoch_or(self, header: BatchHeader, code: Code) -> Code:
        producer = self._producers.get(header.producer_id)
        is_old = producer is not None and header.producer_epoch < producer.epoch
        return Code.INVALID_PRODUCER_EPOCH if is_old else code

    def transaction_of(self, producer_id: int) -> int:
        """Give where a producer's open transaction begins; -1 if it has none here."""
        producer = self._producers.get(producer_id)
        return NOT_IN_TRANSACTION if producer is None else producer.transaction_from

    def is_in_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """Whether that producer has an open transaction here, under that epoch (UnifiedLog.hasOngoingTransaction)."""
        producer = self._producers.get(producer_id)
        return producer is not None and producer.transaction_from >= 0 and producer.epoch == producer_epoch

    def is_fenced(self, producer_id: int, producer_epoch: int) -> bool:
        """Whether a later epoch of that producer was here."""
        producer = self._producers.get(producer_id)
        return producer is not None and producer_epoch < producer.epoch

    def check_marker(
        self, producer_id: int, producer_epoch: int, *, coordinator_epoch: int, transaction_version: int
    ) -> Code:
        """Whether a leader may append the end of a transaction, as that coordinator wants (ProducerAppendInfo.appendEndTxnMarker)."""
        producer = self._producers.get(producer_id)
        if producer is None:
            return Code.NONE
        is_open = producer.transaction_from >= 0
        # Without an open transaction the same epoch again is the same marker again: its answer was lost, or another
        # coordinator writes what the one before wrote already (KAFKA-19999).
        lowest = producer.epoch + 1 if transaction_version >= STRICT_SINCE and is_open else producer.epoch
        if producer_epoch < lowest:
            return Code.INVALID_PRODUCER_EPOCH
        if coordinator_epoch < producer.coordinator_epoch:
            return Code.TRANSACTION_COORDINATOR_FENCED
        return Code.NONE

    # -- what is in the log --------------------------------------------------------------------------------------------

    def learn(self, stored: StoredBatch) -> None:
        """Remember what is now in the log, batch or marker."""
        if stored.header.attributes & CONTROL:
            self.ended(stored)
        else:
            self.appended(stored.header, stored.base_offset)

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
        if header.attributes & TRANSACTIONAL:
            self.verifications.end(header.producer_id)
            if producer.transaction_from < 0:
                producer.transaction_from = base_offset
                self.transactions.began(header.producer_id, base_offset)

    def ended(self, stored: StoredBatch) -> Ended | None:
        """Remember a marker that is now in the log. Gives the transaction that it ended; None if none was open.

        A marker that has gone bad on the disk counts as an abort: nobody is given what may not be committed.
        """
        header = stored.header
        marker: EndMarker | None
        try:
            marker = read_end_marker(stored.data)
        except MalformedError:
            marker = EndMarker(is_commit=False, coordinator_epoch=NO_COORDINATOR)
        if marker is None:
            return None
        producer_id = header.producer_id
        producer = self._producers.get(producer_id)
        if producer is None:
            producer = self._producers[producer_id] = _Producer()
        self.verifications.end(producer_id)
        if header.producer_epoch != producer.epoch:
            producer.epoch = header.producer_epoch
            producer.batches.clear()
        producer.coordinator_epoch = marker.coordinator_epoch
        producer.last_timestamp_ms = header.max_timestamp_ms
        first_offset, producer.transaction_from = producer.transaction_from, NOT_IN_TRANSACTION
        if first_offset < 0:
            return None
        return self.transactions.ended(producer_id, first_offset, stored.base_offset, is_abort=not marker.is_commit)

    def expire(self, *, now_ms: int, expiration_ms: int) -> None:
        """Forget producers whose last batch is that old, unless it is in an open transaction; their next one is taken with any sequence."""
        for producer_id, producer in tuple(self._producers.items()):
            if producer.transaction_from < 0 and now_ms - producer.last_timestamp_ms >= expiration_ms:
                del self._producers[producer_id]
        self.verifications.expire(now_ms=now_ms, expiration_ms=expiration_ms)

    def clear(self) -> None:
        """Forget everything, before the log is read again."""
        self._producers.clear()
        self.transactions.clear()
