"""OffsetFetch: a group's positions, from its coordinator. Several groups at once since version 8."""

from typing import Annotated, NamedTuple

from producer.wire.schema import (
    IGNORABLE,
    ZERO_ID,
    Boolean,
    Int16,
    Int32,
    Int64,
    String,
    Uuid,
    nullable_since,
    since,
    until,
    versions,
)


class OffsetFetchRequestTopic(NamedTuple):
    """Partitions of one topic, up to version 7."""

    name: String = ""
    partition_indexes: tuple[Int32, ...] = ()


class OffsetFetchRequestTopics(NamedTuple):
    """Partitions of one topic, since version 8; by id since 10."""

    name: Annotated[String, until(9), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(10), IGNORABLE] = ZERO_ID
    partition_indexes: tuple[Int32, ...] = ()


class OffsetFetchRequestGroup(NamedTuple):
    """What is asked about one group."""

    group_id: String = ""
    member_id: Annotated[String | None, since(9), IGNORABLE] = None
    member_epoch: Annotated[Int32, since(9), IGNORABLE] = -1
    """-1 for who is no member by the consumer protocol."""
    topics: tuple[OffsetFetchRequestTopics, ...] | None = ()
    """Null for all topics with a position."""


class OffsetFetchRequest(NamedTuple):
    """Tell me these positions."""

    group_id: Annotated[String, until(7)] = ""
    topics: Annotated[tuple[OffsetFetchRequestTopic, ...] | None, until(7), nullable_since(2)] = ()
    """Null for all topics with a position."""
    groups: Annotated[tuple[OffsetFetchRequestGroup, ...], since(8)] = ()
    require_stable: Annotated[Boolean, since(7)] = False
    """Refuse while a transaction may still change a position (KIP-447)."""


class OffsetFetchResponsePartition(NamedTuple):
    """A position, up to version 7; an offset of -1 where there is none."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Annotated[Int32, since(5), IGNORABLE] = -1
    metadata: String | None = ""
    error_code: Int16 = 0


class OffsetFetchResponseTopic(NamedTuple):
    """The partitions of one topic, up to version 7."""

    name: String = ""
    partitions: tuple[OffsetFetchResponsePartition, ...] = ()


class OffsetFetchResponsePartitions(NamedTuple):
    """A position, since version 8; an offset of -1 where there is none."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Int32 = -1
    metadata: String | None = ""
    error_code: Int16 = 0


class OffsetFetchResponseTopics(NamedTuple):
    """The partitions of one topic, since version 8."""

    name: Annotated[String, until(9), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(10), IGNORABLE] = ZERO_ID
    partitions: tuple[OffsetFetchResponsePartitions, ...] = ()


class OffsetFetchResponseGroup(NamedTuple):
    """The positions of one group."""

    group_id: String = ""
    topics: tuple[OffsetFetchResponseTopics, ...] = ()
    error_code: Int16 = 0


class OffsetFetchResponse(NamedTuple):
    """The positions."""

    throttle_time_ms: Annotated[Int32, since(3), IGNORABLE] = 0
    topics: Annotated[tuple[OffsetFetchResponseTopic, ...], until(7)] = ()
    error_code: Annotated[Int16, versions(2, 7), IGNORABLE] = 0
    groups: Annotated[tuple[OffsetFetchResponseGroup, ...], since(8)] = ()
