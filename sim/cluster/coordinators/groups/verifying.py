"""Before positions are written as part of a transaction: its coordinator says whether the group's partition is in it, or adds it.

Kafka: CoordinatorPartitionWriter.maybeStartTransactionVerification, and for a Produce `handlers/produce_verification.py` (KIP-890).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.transaction_questions import NO_GUARD, Operation, Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.coordinators.shard import Identity

_ABORTABLE_SINCE, _ADDS_SINCE = 4, 5

_NO_SEQUENCE = -1
"""Coordinators number no records."""


def operation_of_commit(version: int) -> Operation:
    """Give what a TxnOffsetCommit of that version lets its broker do."""
    if version >= _ADDS_SINCE:
        return Operation.ADD
    return Operation.VERIFY_ABORTABLE if version >= _ABORTABLE_SINCE else Operation.VERIFY


def verify(
    broker: HostingBroker,
    tp: TopicPartition,
    transactional_id: str,
    identity: Identity,
    operation: Operation,
    *,
    verified: Callable[[int], object],
    refuse: Callable[[Code], object],
) -> None:
    """Ask about a partition, unless the transaction is open in its log. `verified` is given the guard that the append has to show."""
    if not operation.is_epoch_per_transaction and not broker.config.transaction_partition_verification:
        verified(NO_GUARD)
        return
    partition = broker.partitions.get(tp)
    if partition is None:
        refuse(broker.code_without_replica(tp))
        return
    if not partition.is_leader:
        refuse(Code.NOT_LEADER_OR_FOLLOWER)
        return
    producers = partition.log.producers
    if producers.is_fenced(*identity):
        refuse(Code.INVALID_PRODUCER_EPOCH)
    elif producers.is_in_transaction(*identity):
        verified(NO_GUARD)
    else:
        guard = producers.verifications.begin(
            identity.producer_id,
            _NO_SEQUENCE,
            identity.producer_epoch,
            now_ms=broker.now_ms,
            is_epoch_per_transaction=operation.is_epoch_per_transaction,
        ).guard
        question = Question(transactional_id, *identity, (tp,), operation)
        broker.add_partitions.ask(question, lambda wrong: refuse(_told(wrong[tp])) if tp in wrong else verified(guard))


def _told(code: Code) -> Code:
    """Older producers do not come again for a lost connection; while a coordinator loads they do (CoordinatorOperationExceptionHelper)."""
    return Code.COORDINATOR_LOAD_IN_PROGRESS if code is Code.NETWORK_EXCEPTION else code
