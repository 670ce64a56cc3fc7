"""ListPartitionReassignments: the moves that are under way (KIP-455)."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, String


class ListPartitionReassignmentsTopics(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partition_indexes: tuple[Int32, ...] = ()


class ListPartitionReassignmentsRequest(NamedTuple):
    """Say which of these move."""

    timeout_ms: Int32 = 60000
    topics: tuple[ListPartitionReassignmentsTopics, ...] | None = None
    """Null for all."""


class OngoingPartitionReassignment(NamedTuple):
    """One move."""

    partition_index: Int32 = 0
    replicas: tuple[Int32, ...] = ()
    """Those of now, the added ones among them."""
    adding_replicas: tuple[Int32, ...] = ()
    removing_replicas: tuple[Int32, ...] = ()


class OngoingTopicReassignment(NamedTuple):
    """The moves in one topic."""

    name: String = ""
    partitions: tuple[OngoingPartitionReassignment, ...] = ()


class ListPartitionReassignmentsResponse(NamedTuple):
    """The moves."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""
    topics: tuple[OngoingTopicReassignment, ...] = ()
