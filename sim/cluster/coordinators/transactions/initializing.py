"""InitProducerId for a transactional id: an identity, a higher epoch, or first the end of what is open (TransactionCoordinator).

Whoever comes without an identity is a new producer: who had the id before is shut out. Who names its identity goes on with it
(KIP-360), and is shut out itself if another had the id since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.coordinators.shard import CoordinatorError, Identity, Outcome
from sim.cluster.coordinators.transactions.ending import fence
from sim.cluster.coordinators.transactions.metadata import (
    LAST_EPOCH,
    NO_EPOCH,
    TransactionMetadata,
    with_new_producer_id,
    with_next_epoch,
)
from sim.cluster.coordinators.transactions.states import PREPARED, TransactionState

if TYPE_CHECKING:
    from sim.cluster.coordinators.transactions.shard import TransactionShard

ANOTHER_PRODUCER = "another producer"


def initialize(shard: TransactionShard, transactional_id: str, timeout_ms: int, expected: Identity | None) -> Outcome:
    """Give an identity. The answer is None when an open transaction has to end first: ask again.

    Raises CONCURRENT_TRANSACTIONS while one ends, and PRODUCER_FENCED.
    """
    known = shard.find(transactional_id)
    if known is None:
        known = shard.make(transactional_id, timeout_ms)
    known.check_not_pending()
    metadata = known.metadata
    if expected is not None and not _may_go_on(metadata, expected):
        raise CoordinatorError(Code.PRODUCER_FENCED)
    if metadata.state in PREPARED:
        raise CoordinatorError(Code.CONCURRENT_TRANSACTIONS)
    if metadata.state is TransactionState.ONGOING:
        return fence(shard, known, ANOTHER_PRODUCER)
    if metadata.is_exhausted and (expected is None or expected.producer_epoch == metadata.producer_epoch):
        following = with_new_producer_id(
            metadata, shard.take_producer_id(), timeout_ms, shard.now_ms, keeps_last_epoch=expected is not None
        )
    elif metadata.is_exhausted:
        # Kafka finds no epoch to give, and fails on it (prepareIncrementProducerEpoch): who asks names another epoch.
        raise CoordinatorError(Code.UNKNOWN_SERVER_ERROR)
    else:
        epoch = None if expected is None else expected.producer_epoch
        following = with_next_epoch(metadata, timeout_ms, epoch, shard.now_ms)
    return shard.change(known, following, answer=Identity(following.producer_id, following.producer_epoch))


def _may_go_on(metadata: TransactionMetadata, expected: Identity) -> bool:
    """Whether an identity may go on with this id: it has it, or had it until its epochs ran out, or nobody has."""
    if metadata.producer_epoch == NO_EPOCH or expected.producer_id == metadata.producer_id:
        return True
    return expected.producer_id == metadata.previous_producer_id and expected.producer_epoch >= LAST_EPOCH
