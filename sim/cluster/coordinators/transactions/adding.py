"""What belongs to a transaction: partitions added by the producer or for it, and partitions that are asked about (KIP-890)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from sim.cluster.coordinators.shard import CoordinatorError, Identity, Outcome
from sim.cluster.coordinators.transactions.metadata import with_partitions
from sim.cluster.coordinators.transactions.states import PREPARED, TransactionState

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.coordinators.transactions.shard import TransactionShard
    from sim.cluster.coordinators.transactions.transactional_id import TransactionalId


class Addition(NamedTuple):
    """Somebody wants partitions to be in a transaction, or to hear whether they are."""

    transactional_id: str
    identity: Identity
    partitions: tuple[TopicPartition, ...]
    client_version: int
    """By which transaction.version the producer speaks."""


def add(shard: TransactionShard, wanted: Addition) -> Outcome:
    """Add partitions; the first of them begins the transaction. Raises CoordinatorError for who may not."""
    # Asked first: what is on its way may be the next producer id, under which whoever asks goes on.
    shard.get(wanted.transactional_id).check_not_pending()
    known = _of(shard, wanted)
    _check_open(known)
    metadata = known.metadata
    if metadata.state is TransactionState.ONGOING and all(tp in metadata.partitions for tp in wanted.partitions):
        return Outcome(is_immediate=True)
    return shard.change(known, with_partitions(metadata, wanted.partitions, wanted.client_version, shard.now_ms))


def verify(shard: TransactionShard, wanted: Addition) -> dict[TopicPartition, Code]:
    """Say of each partition whether it is in the transaction. A change on its way is not looked at: the append is checked again.

    Raises CoordinatorError for who may not.
    """
    known = _of(shard, wanted)
    _check_open(known)
    mine = known.metadata.partitions
    return {tp: Code.NONE if tp in mine else Code.TRANSACTION_ABORTABLE for tp in wanted.partitions}


def _of(shard: TransactionShard, wanted: Addition) -> TransactionalId:
    known = shard.get(wanted.transactional_id)
    known.check_producer_id(wanted.identity.producer_id)
    if known.metadata.owner.producer_epoch != wanted.identity.producer_epoch:
        raise CoordinatorError(Code.PRODUCER_FENCED)
    if known.metadata.is_kept and known.metadata.state is TransactionState.ONGOING:
        # It was prepared: nothing joins any more, whoever asks.
        raise CoordinatorError(Code.INVALID_TXN_STATE)
    return known


def _check_open(known: TransactionalId) -> None:
    if known.metadata.state in PREPARED:
        raise CoordinatorError(Code.CONCURRENT_TRANSACTIONS)
