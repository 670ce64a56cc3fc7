"""The kinds of records of groups, by their numbers, and how they are written (GroupCoordinatorRecordHelpers)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.records import (
    GroupMetadataKey,
    GroupMetadataValue,
    OffsetCommitKey,
    OffsetCommitValue,
)
from sim.cluster.coordinators.messages import RecordKind

if TYPE_CHECKING:
    from sim.cluster.coordinators.shard import CoordinatorRecord

OFFSET_COMMIT = RecordKind(1, OffsetCommitKey, OffsetCommitValue, highest=4, flexible_since=4)
OLD_OFFSET_COMMIT = RecordKind(0, OffsetCommitKey, OffsetCommitValue, highest=4, flexible_since=4)
"""The number that it had once; brokers read it still."""
GROUP_METADATA = RecordKind(2, GroupMetadataKey, GroupMetadataValue, highest=4, flexible_since=4)

_OFFSET_VERSION = 4
_OFFSET_VERSION_THAT_EXPIRES = 1
"""The only one with an expire timestamp."""
_GROUP_VERSION = 3
"""The highest that is not flexible, as Kafka 4.3 writes."""
NO_EXPIRY = -1


def offset_record(key: OffsetCommitKey, value: OffsetCommitValue) -> CoordinatorRecord:
    """Write a position."""
    has_expiry = value.expire_timestamp != NO_EXPIRY
    return OFFSET_COMMIT.record(key, value, version=_OFFSET_VERSION_THAT_EXPIRES if has_expiry else _OFFSET_VERSION)


def offset_tombstone(group: str, topic: str, partition: int) -> CoordinatorRecord:
    """Write that a position is gone."""
    return OFFSET_COMMIT.tombstone(OffsetCommitKey(group, topic, partition))


def group_record(group: str, value: GroupMetadataValue) -> CoordinatorRecord:
    """Write a generation."""
    return GROUP_METADATA.record(GroupMetadataKey(group), value, version=_GROUP_VERSION)


def group_tombstone(group: str) -> CoordinatorRecord:
    """Write that a group is gone."""
    return GROUP_METADATA.tombstone(GroupMetadataKey(group))
