"""InitProducerId for a transactional id: an identity, a higher epoch, or first the end of what is open (TransactionCoordinator).

Whoever comes without an identity is a new producer: who had the id before is shut out. Who names its identity goes on with it
(KIP-360), and is shut out itself if another had the id since. Who wants what is open to be kept is given it as it is, to end it
as somebody else says (KIP-939, of which Apache Kafka 4.3 has not that half).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Identity, Outcome
from sim.cluster.coordinators.transactions.ending import fence
from sim.cluster.coordinators.transactions.metadata import (
    EPOCH_BUMP_SINCE,
    LAST_EPOCH,
    NO_EPOCH,
    TransactionMetadata,
    kept,
    with_new_producer_id,
    with_next_epoch,
)
from sim.cluster.coordinators.transactions.states import PREPARED, TransactionState

if TYPE_CHECKING:
    from sim.cluster.coordinators.transactions.shard import TransactionShard
    from sim.cluster.coordinators.transactions.transactional_id import TransactionalId

ANOTHER_PRODUCER = "another producer"

NOBODY = Identity(NO_PRODUCER_ID, NO_EPOCH)


class Wish(NamedTuple):
    """What a producer asks for."""

    timeout_ms: int
    expected: Identity | None = None
    """The identity that it goes on with; None for a new producer."""
    keeps: bool = False
    """Whether what is open stays open (KIP-939)."""


class Given(NamedTuple):
    """What a producer is given."""

    identity: Identity
    ongoing: Identity = NOBODY
    """Who wrote the transaction that was kept for it, if one was."""


def initialize(shard: TransactionShard, transactional_id: str, wish: Wish) -> Outcome:
    """Give an identity. The answer is None when an open transaction has to end first: ask again.

    Raises CONCURRENT_TRANSACTIONS while one ends, and PRODUCER_FENCED.
    """
    known = shard.find(transactional_id)
    if known is None:
        known = shard.make(transactional_id, wish.timeout_ms)
    known.check_not_pending()
    metadata, expected = known.metadata, wish.expected
    if expected is not None and not _may_go_on(metadata, expected):
        raise CoordinatorError(Code.PRODUCER_FENCED)
    if metadata.state in PREPARED:
        raise CoordinatorError(Code.CONCURRENT_TRANSACTIONS)
    if metadata.state is TransactionState.ONGOING:
        return _keep(shard, known, wish.timeout_ms) if wish.keeps else fence(shard, known, ANOTHER_PRODUCER)
    if metadata.is_exhausted and (expected is None or expected.producer_epoch == metadata.producer_epoch):
        following = with_new_producer_id(
            metadata, shard.take_producer_id(), wish.timeout_ms, shard.now_ms, keeps_last_epoch=expected is not None
        )
    elif metadata.is_exhausted:
        # Kafka finds no epoch to give, and fails on it (prepareIncrementProducerEpoch): who asks names another epoch.
        raise CoordinatorError(Code.UNKNOWN_SERVER_ERROR)
    else:
        epoch = None if expected is None else expected.producer_epoch
        following = with_next_epoch(metadata, wish.timeout_ms, epoch, shard.now_ms)
    return shard.change(known, following, answer=Given(following.owner))


def _keep(shard: TransactionShard, known: TransactionalId, timeout_ms: int) -> Outcome:
    """Leave the transaction open for who asks. Raises UNSUPPORTED_VERSION unless each transaction has an epoch of its own."""
    metadata = known.metadata
    if shard.transaction_version < EPOCH_BUMP_SINCE:
        # Only with the next epoch at its end is a late request of the one before told from the next one's.
        raise CoordinatorError(Code.UNSUPPORTED_VERSION)
    fresh_id = shard.take_producer_id() if metadata.is_exhausted else NO_PRODUCER_ID
    following = kept(metadata, fresh_id, timeout_ms, shard.now_ms)
    wrote = Identity(metadata.producer_id, metadata.producer_epoch)
    return shard.change(
        known, following, answer=Given(following.owner, wrote), done=partial(_told_when_kept, shard, known)
    )


def _told_when_kept(shard: TransactionShard, known: TransactionalId, code: Code) -> None:
    if code is Code.NONE:
        shard.tell_kept(known)


def _may_go_on(metadata: TransactionMetadata, expected: Identity) -> bool:
    """Whether an identity may go on with this id: it has it, or had it until its epochs ran out, or nobody has."""
    if metadata.producer_epoch == NO_EPOCH or expected.producer_id == metadata.owner.producer_id:
        return True
    return expected.producer_id == metadata.previous_producer_id and expected.producer_epoch >= LAST_EPOCH
