"""What `__transaction_state` holds: Kafka's own schemas, TransactionLogKey and TransactionLogValue."""

from typing import Annotated, NamedTuple

from producer.wire.schema import Int8, Int16, Int32, Int64, String, since, tag


class TransactionLogKey(NamedTuple):
    """A transactional id."""

    transactional_id: String = ""


class TransactionPartitions(NamedTuple):
    """The partitions of one topic that are in a transaction."""

    topic: String = ""
    partition_ids: tuple[Int32, ...] = ()


class TransactionLogValue(NamedTuple):
    """A transactional id as it stands. Written in version 1, or 0 where transaction.version is 0."""

    producer_id: Int64 = 0
    previous_producer_id: Annotated[Int64, since(1), tag(0)] = -1
    next_producer_id: Annotated[Int64, since(1), tag(1)] = -1
    producer_epoch: Int16 = 0
    transaction_timeout_ms: Int32 = 0
    transaction_status: Int8 = 0
    transaction_partitions: tuple[TransactionPartitions, ...] | None = ()
    """Null while the state is Empty."""
    transaction_last_update_timestamp_ms: Int64 = 0
    transaction_start_timestamp_ms: Int64 = 0
    client_transaction_version: Annotated[Int16, since(1), tag(2)] = 0
    next_producer_epoch: Annotated[Int16, since(1), tag(3)] = -1
    """Ahead of Apache Kafka 4.3, which has no such field (KIP-939)."""
