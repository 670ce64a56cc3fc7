"""ListOffsets: the first, the last, or the first offset at a time."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int8, Int16, Int32, Int64, String, since

LATEST = -1
"""As a timestamp: the end of the log (its last stable offset for read_committed)."""
EARLIEST = -2
"""As a timestamp: the start of the log."""


class ListOffsetsPartition(NamedTuple):
    """What is asked of one partition."""

    partition_index: Int32 = 0
    current_leader_epoch: Annotated[Int32, since(4), IGNORABLE] = -1
    """-1 asks for no check."""
    timestamp: Int64 = 0
    """Milliseconds; LATEST or EARLIEST; or another of the negative numbers that Kafka has for places in a log."""


class ListOffsetsTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[ListOffsetsPartition, ...] = ()


class ListOffsetsRequest(NamedTuple):
    """Ask for offsets by time."""

    replica_id: Int32 = 0
    """-1 for a consumer."""
    isolation_level: Annotated[Int8, since(2)] = 0
    """0 read_uncommitted, 1 read_committed."""
    topics: tuple[ListOffsetsTopic, ...] = ()
    timeout_ms: Annotated[Int32, since(10), IGNORABLE] = 0
    """How long the broker may look into tiered storage."""


class ListOffsetsPartitionResponse(NamedTuple):
    """The offset found; -1 if there is none."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    timestamp: Int64 = -1
    offset: Int64 = -1
    leader_epoch: Annotated[Int32, since(4)] = -1


class ListOffsetsTopicResponse(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[ListOffsetsPartitionResponse, ...] = ()


class ListOffsetsResponse(NamedTuple):
    """The offsets found."""

    throttle_time_ms: Annotated[Int32, since(2), IGNORABLE] = 0
    topics: tuple[ListOffsetsTopicResponse, ...] = ()
