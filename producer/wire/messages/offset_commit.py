"""OffsetCommit: a group's positions, to its coordinator. Topics go by id since version 10."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Int16, Int32, Int64, String, Uuid, since, until


class OffsetCommitRequestPartition(NamedTuple):
    """A position in one partition."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    """The next offset to read."""
    committed_leader_epoch: Annotated[Int32, since(6), IGNORABLE] = -1
    """Of the last record read; -1 where unknown."""
    committed_metadata: String | None = ""
    """Whatever the consumer wants to find again."""


class OffsetCommitRequestTopic(NamedTuple):
    """The partitions of one topic."""

    name: Annotated[String, until(9), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(10), IGNORABLE] = ZERO_ID
    partitions: tuple[OffsetCommitRequestPartition, ...] = ()


class OffsetCommitRequest(NamedTuple):
    """Remember these positions."""

    group_id: String = ""
    generation_id_or_member_epoch: Int32 = -1
    """A generation in the classic protocol, an epoch in the consumer protocol; -1 outside of a group."""
    member_id: String = ""
    group_instance_id: Annotated[String | None, since(7)] = None
    """A static member's name (KIP-345)."""
    retention_time_ms: Annotated[Int64, until(4), IGNORABLE] = -1
    """-1 for what the broker is configured to."""
    topics: tuple[OffsetCommitRequestTopic, ...] = ()


class OffsetCommitResponsePartition(NamedTuple):
    """Whether one position was remembered."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class OffsetCommitResponseTopic(NamedTuple):
    """The partitions of one topic."""

    name: Annotated[String, until(9), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(10), IGNORABLE] = ZERO_ID
    partitions: tuple[OffsetCommitResponsePartition, ...] = ()


class OffsetCommitResponse(NamedTuple):
    """Which positions were remembered."""

    throttle_time_ms: Annotated[Int32, since(3), IGNORABLE] = 0
    topics: tuple[OffsetCommitResponseTopic, ...] = ()
