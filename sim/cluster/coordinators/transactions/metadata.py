"""What is known of a transactional id, and what it becomes: pure values, one function a transition (Kafka's TransactionMetadata).

Each function gives the value that is to be written; it holds once its record is on the whole ISR.
"""

from __future__ import annotations

from typing import NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from producer.transitions import move
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Identity
from sim.cluster.coordinators.transactions.states import TRANSITIONS, TransactionInput, TransactionState

NO_EPOCH = -1
NO_TIME = -1
EPOCH_MAX = (1 << 15) - 1
LAST_EPOCH = EPOCH_MAX - 1
"""The highest that a producer is given: one more is left to shut it out with."""

NO_TIMEOUT_MS = (1 << 31) - 1
"""Of a transaction that somebody else decides about: it never ends by itself (isDistributedTwoPhaseCommitTxn)."""

EPOCH_BUMP_SINCE = 2
"""Since this transaction.version each transaction has an epoch of its own (KIP-890)."""


class TransactionMetadata(NamedTuple):
    """A transactional id as a record has it; the last epoch alone is nowhere written, and a new coordinator does not know it."""

    producer_id: int
    producer_epoch: int
    timeout_ms: int
    """How long a transaction may take, from the first partition on."""
    last_update_ms: int
    state: TransactionState = TransactionState.EMPTY
    partitions: tuple[TopicPartition, ...] = ()
    """What is in the transaction; once it is prepared, what has no marker yet."""
    start_ms: int = NO_TIME
    """When the first partition was added."""
    previous_producer_id: int = NO_PRODUCER_ID
    """Under which the last change was made."""
    next_producer_id: int = NO_PRODUCER_ID
    """Which the producer goes on with when the markers are written: the epochs of this one ran out, or it was kept."""
    last_epoch: int = NO_EPOCH
    """The epoch before this one, where the same producer had it: so a request that is made again is recognised."""
    client_version: int = 0
    """By which transaction.version the producer spoke when the state was entered."""
    next_producer_epoch: int = NO_EPOCH
    """With the next producer id, for whom the transaction was kept: who wrote it has no say in it any more (KIP-939)."""

    @property
    def is_kept(self) -> bool:
        """Whether the transaction was left open for another producer than the one that wrote it."""
        return self.next_producer_epoch != NO_EPOCH

    @property
    def owner(self) -> Identity:
        """Who may end the transaction: who wrote it, or for whom it was kept."""
        if self.is_kept:
            return Identity(self.next_producer_id, self.next_producer_epoch)
        return Identity(self.producer_id, self.producer_epoch)

    @property
    def never_times_out(self) -> bool:
        """Whether somebody else decides how it ends, however long that takes."""
        return self.timeout_ms == NO_TIMEOUT_MS

    @property
    def is_exhausted(self) -> bool:
        """Whether no producer can be given a higher epoch."""
        return self.owner.producer_epoch >= LAST_EPOCH

    @property
    def has_epochs_of_its_own(self) -> bool:
        """Whether the producer has another epoch for its next transaction (KIP-890)."""
        return self.client_version >= EPOCH_BUMP_SINCE

    @property
    def is_commit(self) -> bool:
        """How a prepared transaction ends."""
        return self.state is TransactionState.PREPARE_COMMIT


def created(producer_id: int, timeout_ms: int, now_ms: int) -> TransactionMetadata:
    """A transactional id that nobody had: without an epoch until it is initialized."""
    return TransactionMetadata(producer_id, NO_EPOCH, timeout_ms, now_ms)


def _moved(known: TransactionMetadata, given: TransactionInput) -> TransactionMetadata:
    state = move(TRANSITIONS, known.state, given, whose=f"transactional id of producer {known.producer_id}")
    return known._replace(state=state, previous_producer_id=known.producer_id)


def with_next_epoch(
    known: TransactionMetadata, timeout_ms: int, expected_epoch: int | None, now_ms: int
) -> TransactionMetadata:
    """Give the producer the next epoch; or the same again, if it was given and the answer got lost.

    Without `expected_epoch` it is a new producer, and the one before is shut out. Raises PRODUCER_FENCED.
    """
    assert not known.is_exhausted, f"producer {known.producer_id} has epoch {known.producer_epoch}"
    epoch, last_epoch = known.producer_epoch + 1, NO_EPOCH
    if expected_epoch is not None:
        if known.producer_epoch in {NO_EPOCH, expected_epoch}:
            last_epoch = known.producer_epoch
        elif expected_epoch == known.last_epoch:
            epoch, last_epoch = known.producer_epoch, known.last_epoch
        else:
            raise CoordinatorError(Code.PRODUCER_FENCED)
    return _initialized(known, timeout_ms, now_ms)._replace(producer_epoch=epoch, last_epoch=last_epoch)


def with_new_producer_id(
    known: TransactionMetadata, producer_id: int, timeout_ms: int, now_ms: int, *, keeps_last_epoch: bool
) -> TransactionMetadata:
    """Give the producer another id: the epochs of the one before ran out."""
    last_epoch = known.producer_epoch if keeps_last_epoch else NO_EPOCH
    return _initialized(known, timeout_ms, now_ms)._replace(
        producer_id=producer_id, producer_epoch=0, last_epoch=last_epoch
    )


def _initialized(known: TransactionMetadata, timeout_ms: int, now_ms: int) -> TransactionMetadata:
    return _moved(known, TransactionInput.INITIALIZE)._replace(
        timeout_ms=timeout_ms, partitions=(), start_ms=NO_TIME, last_update_ms=now_ms
    )


def with_partitions(
    known: TransactionMetadata, added: tuple[TopicPartition, ...], client_version: int, now_ms: int
) -> TransactionMetadata:
    """Add what the transaction writes to; the first addition begins it."""
    begins = known.state is not TransactionState.ONGOING
    return _moved(known, TransactionInput.ADD_PARTITIONS)._replace(
        partitions=tuple(dict.fromkeys((*known.partitions, *added))),
        start_ms=now_ms if begins else known.start_ms,
        last_update_ms=now_ms,
        client_version=client_version,
    )


def kept(known: TransactionMetadata, next_producer_id: int, timeout_ms: int, now_ms: int) -> TransactionMetadata:
    """Leave an open transaction open, for another producer (KIP-939). `next_producer_id` is a fresh one if epochs ran out.

    Markers carry the identity that wrote, so that stays; the other one is who is listened to. The longer time-out holds: neither
    asked to be ended sooner.
    """
    next_id, next_epoch = _next_owner(known, next_producer_id)
    return _moved(known, TransactionInput.KEEP)._replace(
        previous_producer_id=known.owner.producer_id,
        next_producer_id=next_id,
        next_producer_epoch=next_epoch,
        timeout_ms=max(known.timeout_ms, timeout_ms),
        last_update_ms=now_ms,
    )


def _next_owner(known: TransactionMetadata, next_producer_id: int) -> Identity:
    """Give the identity behind the owner's: its next epoch, or a fresh id's first."""
    if next_producer_id != NO_PRODUCER_ID:
        return Identity(next_producer_id, 0)
    return Identity(known.owner.producer_id, known.owner.producer_epoch + 1)


def fenced(known: TransactionMetadata, *, has_failed_before: bool) -> TransactionMetadata:
    """Shut out who writes in this transaction: nobody is ever told that epoch.

    If it could not be written the last time, it is the same epoch again.
    """
    keeps_epoch = has_failed_before or known.producer_epoch == EPOCH_MAX
    return _moved(known, TransactionInput.FENCE)._replace(
        producer_epoch=known.producer_epoch if keeps_epoch else known.producer_epoch + 1
    )


def prepared(
    known: TransactionMetadata, *, is_commit: bool, client_version: int, next_producer_id: int, now_ms: int
) -> TransactionMetadata:
    """Decide how the transaction ends. With KIP-890 its markers carry the next epoch, which outdates whatever is under way."""
    given = TransactionInput.PREPARE_COMMIT if is_commit else TransactionInput.PREPARE_ABORT
    begins = known.state not in {TransactionState.ONGOING, TransactionState.PREPARE_EPOCH_FENCE}
    epoch, last_epoch = known.producer_epoch, known.last_epoch
    if client_version >= EPOCH_BUMP_SINCE:
        # Beyond the last one nothing is left, and an abort has to come to its end all the same.
        epoch, last_epoch = min(epoch + 1, EPOCH_MAX), epoch
    previous_id, next_epoch = known.producer_id, NO_EPOCH
    if known.is_kept:
        # The owner's as well: what it asked before this, and that comes late, must not end what it begins next.
        previous_id, last_epoch = known.owner
        next_producer_id, next_epoch = _next_owner(known, next_producer_id)
    return _moved(known, given)._replace(
        producer_epoch=epoch,
        last_epoch=last_epoch,
        previous_producer_id=previous_id,
        next_producer_id=next_producer_id,
        next_producer_epoch=next_epoch,
        start_ms=now_ms if begins else known.start_ms,
        last_update_ms=now_ms,
        client_version=client_version,
    )


def completed(known: TransactionMetadata, now_ms: int) -> TransactionMetadata:
    """Every marker is written. If the epochs ran out, the producer goes on under its next id; who was given a kept one, as itself."""
    done = _moved(known, TransactionInput.COMPLETE)._replace(
        next_producer_id=NO_PRODUCER_ID, next_producer_epoch=NO_EPOCH, partitions=(), last_update_ms=now_ms
    )
    if known.is_kept:
        producer_id, producer_epoch = known.owner
        return done._replace(
            producer_id=producer_id, producer_epoch=producer_epoch, previous_producer_id=known.previous_producer_id
        )
    if known.has_epochs_of_its_own and known.next_producer_id != NO_PRODUCER_ID:
        return done._replace(producer_id=known.next_producer_id, producer_epoch=0)
    return done
