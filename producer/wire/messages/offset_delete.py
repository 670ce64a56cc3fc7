"""OffsetDelete: positions of a group go (KIP-496)."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, String


class OffsetDeleteRequestPartition(NamedTuple):
    """One partition."""

    partition_index: Int32 = 0


class OffsetDeleteRequestTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[OffsetDeleteRequestPartition, ...] = ()


class OffsetDeleteRequest(NamedTuple):
    """Forget these positions."""

    group_id: String = ""
    topics: tuple[OffsetDeleteRequestTopic, ...] = ()


class OffsetDeleteResponsePartition(NamedTuple):
    """Whether one position is gone."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class OffsetDeleteResponseTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[OffsetDeleteResponsePartition, ...] = ()


class OffsetDeleteResponse(NamedTuple):
    """Which positions are gone."""

    error_code: Int16 = 0
    throttle_time_ms: Int32 = 0
    topics: tuple[OffsetDeleteResponseTopic, ...] = ()
