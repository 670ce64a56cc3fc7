"""AddPartitionsToTxn: what a transaction will write to; since version 4 between brokers, for several at once (KIP-890)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int16, Int32, Int64, String, since, until


class AddPartitionsToTxnTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[Int32, ...] = ()


class AddPartitionsToTxnTransaction(NamedTuple):
    """The partitions of one transaction."""

    transactional_id: String = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    verify_only: Boolean = False
    """Only say whether they are in it."""
    topics: tuple[AddPartitionsToTxnTopic, ...] = ()


class AddPartitionsToTxnRequest(NamedTuple):
    """These belong to the transaction."""

    transactions: Annotated[tuple[AddPartitionsToTxnTransaction, ...], since(4)] = ()
    v3_and_below_transactional_id: Annotated[String, until(3)] = ""
    v3_and_below_producer_id: Annotated[Int64, until(3)] = 0
    v3_and_below_producer_epoch: Annotated[Int16, until(3)] = 0
    v3_and_below_topics: Annotated[tuple[AddPartitionsToTxnTopic, ...], until(3)] = ()


class AddPartitionsToTxnPartitionResult(NamedTuple):
    """Whether one partition is in."""

    partition_index: Int32 = 0
    partition_error_code: Int16 = 0


class AddPartitionsToTxnTopicResult(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    results_by_partition: tuple[AddPartitionsToTxnPartitionResult, ...] = ()


class AddPartitionsToTxnResult(NamedTuple):
    """The partitions of one transaction."""

    transactional_id: String = ""
    topic_results: tuple[AddPartitionsToTxnTopicResult, ...] = ()


class AddPartitionsToTxnResponse(NamedTuple):
    """Which partitions are in."""

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(4), IGNORABLE] = 0
    results_by_transaction: Annotated[tuple[AddPartitionsToTxnResult, ...], since(4)] = ()
    results_by_topic_v3_and_below: Annotated[tuple[AddPartitionsToTxnTopicResult, ...], until(3)] = ()
