"""AlterPartitionReassignments: partitions move to other brokers (KIP-455)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int16, Int32, String, since


class ReassignablePartition(NamedTuple):
    """Where one partition shall be."""

    partition_index: Int32 = 0
    replicas: tuple[Int32, ...] | None = None
    """Null gives up the move that is under way."""


class ReassignableTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[ReassignablePartition, ...] = ()


class AlterPartitionReassignmentsRequest(NamedTuple):
    """Move these."""

    timeout_ms: Int32 = 60000
    allow_replication_factor_change: Annotated[Boolean, since(1)] = True
    """False refuses a move that would change the number of replicas (KIP-860)."""
    topics: tuple[ReassignableTopic, ...] = ()


class ReassignablePartitionResponse(NamedTuple):
    """Whether one partition moves."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""


class ReassignableTopicResponse(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[ReassignablePartitionResponse, ...] = ()


class AlterPartitionReassignmentsResponse(NamedTuple):
    """Which partitions move."""

    throttle_time_ms: Int32 = 0
    allow_replication_factor_change: Annotated[Boolean, since(1), IGNORABLE] = True
    error_code: Int16 = 0
    error_message: String | None = ""
    responses: tuple[ReassignableTopicResponse, ...] = ()
