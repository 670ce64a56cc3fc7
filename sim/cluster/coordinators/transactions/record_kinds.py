"""The kind of records of `__transaction_state`, and how they are written and read (Kafka's TransactionLog)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.cluster.coordinators.messages import RecordKind
from sim.cluster.coordinators.transactions.metadata import TransactionMetadata
from sim.cluster.coordinators.transactions.records import (
    TransactionLogKey,
    TransactionLogValue,
    TransactionPartitions,
)
from sim.cluster.coordinators.transactions.states import TransactionState, state_of_number

if TYPE_CHECKING:
    from sim.cluster.coordinators.shard import CoordinatorRecord

TRANSACTION_LOG = RecordKind(0, TransactionLogKey, TransactionLogValue, highest=1, flexible_since=1)


def transaction_record(
    transactional_id: str, metadata: TransactionMetadata, *, transaction_version: int
) -> CoordinatorRecord:
    """Write a transactional id as it stands; with tagged fields if the cluster's transaction.version is 1 or more."""
    value = TransactionLogValue(
        metadata.producer_id,
        metadata.previous_producer_id,
        metadata.next_producer_id,
        metadata.producer_epoch,
        metadata.timeout_ms,
        metadata.state.number,
        None if metadata.state is TransactionState.EMPTY else _by_topic(metadata.partitions),
        metadata.last_update_ms,
        metadata.start_ms,
        metadata.client_version,
        metadata.next_producer_epoch,
    )
    version = int(transaction_version > 0)
    if not version:
        untagged = TransactionLogValue()
        value = value._replace(
            previous_producer_id=untagged.previous_producer_id,
            next_producer_id=untagged.next_producer_id,
            client_transaction_version=untagged.client_transaction_version,
            next_producer_epoch=untagged.next_producer_epoch,
        )
    return TRANSACTION_LOG.record(TransactionLogKey(transactional_id), value, version=version)


def transaction_tombstone(transactional_id: str) -> CoordinatorRecord:
    """Write that a transactional id is forgotten."""
    return TRANSACTION_LOG.tombstone(TransactionLogKey(transactional_id))


def metadata_of(value: TransactionLogValue) -> TransactionMetadata:
    """Read a transactional id. Raises ValueError for a state that Kafka does not have."""
    return TransactionMetadata(
        value.producer_id,
        value.producer_epoch,
        value.transaction_timeout_ms,
        value.transaction_last_update_timestamp_ms,
        state_of_number(value.transaction_status),
        tuple([
            TopicPartition(topic.topic, partition)
            for topic in value.transaction_partitions or ()
            for partition in topic.partition_ids
        ]),
        value.transaction_start_timestamp_ms,
        value.previous_producer_id,
        value.next_producer_id,
        client_version=value.client_transaction_version,
        next_producer_epoch=value.next_producer_epoch,
    )  # fmt: skip


def _by_topic(partitions: tuple[TopicPartition, ...]) -> tuple[TransactionPartitions, ...]:
    by_topic: dict[str, list[int]] = {}
    for tp in partitions:
        by_topic.setdefault(tp.topic, []).append(tp.partition)
    return tuple([TransactionPartitions(topic, tuple(numbers)) for topic, numbers in by_topic.items()])
