"""DescribeTopicPartitions: topics, page by page, with the replicas that may still be elected (KIP-966)."""

from typing import NamedTuple

from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from producer.wire.schema import ZERO_ID, Boolean, Int16, Int32, String, Uuid


class TopicRequest(NamedTuple):
    """A topic."""

    name: String = ""


class Cursor(NamedTuple):
    """Where the next page begins."""

    topic_name: String = ""
    partition_index: Int32 = 0


class DescribeTopicPartitionsRequest(NamedTuple):
    """Describe these."""

    topics: tuple[TopicRequest, ...] = ()
    """Empty for all."""
    response_partition_limit: Int32 = 2000
    cursor: Cursor | None = None
    """Null for the first page."""


class DescribeTopicPartitionsResponsePartition(NamedTuple):
    """One partition."""

    error_code: Int16 = 0
    partition_index: Int32 = 0
    leader_id: Int32 = 0
    """-1 while there is none."""
    leader_epoch: Int32 = -1
    replica_nodes: tuple[Int32, ...] = ()
    isr_nodes: tuple[Int32, ...] = ()
    eligible_leader_replicas: tuple[Int32, ...] | None = None
    """Out of the ISR, and yet known to have all that was committed."""
    last_known_elr: tuple[Int32, ...] | None = None
    """The last of them, now that there is none."""
    offline_replicas: tuple[Int32, ...] = ()


class DescribeTopicPartitionsResponseTopic(NamedTuple):
    """One topic."""

    error_code: Int16 = 0
    name: String | None = ""
    topic_id: Uuid = ZERO_ID
    is_internal: Boolean = False
    partitions: tuple[DescribeTopicPartitionsResponsePartition, ...] = ()
    topic_authorized_operations: Int32 = OPERATIONS_UNKNOWN
    """A bit field."""


class DescribeTopicPartitionsResponse(NamedTuple):
    """One page."""

    throttle_time_ms: Int32 = 0
    topics: tuple[DescribeTopicPartitionsResponseTopic, ...] = ()
    next_cursor: Cursor | None = None
    """Null on the last page."""
