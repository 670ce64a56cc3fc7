"""DescribeProducers: the idempotent and transactional producers that a partition's leader remembers (KIP-664)."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, Int64, String


class TopicRequest(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partition_indexes: tuple[Int32, ...] = ()


class DescribeProducersRequest(NamedTuple):
    """Say who writes to these."""

    topics: tuple[TopicRequest, ...] = ()


class ProducerState(NamedTuple):
    """What is remembered of one producer."""

    producer_id: Int64 = 0
    producer_epoch: Int32 = 0
    last_sequence: Int32 = -1
    last_timestamp: Int64 = -1
    """Of its last batch, in milliseconds; -1 where unknown."""
    coordinator_epoch: Int32 = 0
    """Of the last marker."""
    current_txn_start_offset: Int64 = -1
    """-1 outside of a transaction."""


class PartitionResponse(NamedTuple):
    """The producers of one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = None
    active_producers: tuple[ProducerState, ...] = ()


class TopicResponse(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[PartitionResponse, ...] = ()


class DescribeProducersResponse(NamedTuple):
    """The producers."""

    throttle_time_ms: Int32 = 0
    topics: tuple[TopicResponse, ...] = ()
