"""The kinds of records of groups by the consumer protocol, and how each is written (GroupCoordinatorRecordHelpers)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.records import (
    ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupKey,
    ConsumerGroupMemberKey,
    ConsumerGroupMemberMetadataValue,
    ConsumerGroupMetadataValue,
    ConsumerGroupPartitionMetadataValue,
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataValue,
    CurrentTopicPartitions,
    TargetTopicPartitions,
)
from sim.cluster.coordinators.messages import RecordKind

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment, Owned
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.regular_expressions import Resolved
    from sim.cluster.coordinators.shard import CoordinatorRecord

METADATA = RecordKind(3, ConsumerGroupKey, ConsumerGroupMetadataValue, highest=0, flexible_since=0)
PARTITION_METADATA = RecordKind(4, ConsumerGroupKey, ConsumerGroupPartitionMetadataValue, highest=0, flexible_since=0)
MEMBER_METADATA = RecordKind(5, ConsumerGroupMemberKey, ConsumerGroupMemberMetadataValue, highest=0, flexible_since=0)
TARGET_METADATA = RecordKind(
    6, ConsumerGroupKey, ConsumerGroupTargetAssignmentMetadataValue, highest=0, flexible_since=0
)
TARGET_MEMBER = RecordKind(
    7, ConsumerGroupMemberKey, ConsumerGroupTargetAssignmentMemberValue, highest=0, flexible_since=0
)
CURRENT_ASSIGNMENT = RecordKind(
    8, ConsumerGroupMemberKey, ConsumerGroupCurrentMemberAssignmentValue, highest=0, flexible_since=0
)
REGULAR_EXPRESSION = RecordKind(
    16, ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue, highest=0, flexible_since=0
)
_VERSION = 0
"""Of every value."""


def epoch_record(group_id: str, epoch: int, metadata_hash: int) -> CoordinatorRecord:
    """Write the group's epoch."""
    return METADATA.record(
        ConsumerGroupKey(group_id), ConsumerGroupMetadataValue(epoch, metadata_hash), version=_VERSION
    )


def member_record(group_id: str, member: ConsumerMember) -> CoordinatorRecord:
    """Write who a member is and what it reads."""
    value = ConsumerGroupMemberMetadataValue(
        instance_id=member.instance_id,
        rack_id=member.rack_id,
        client_id=member.client_id,
        client_host=member.client_host,
        subscribed_topic_names=member.topic_names,
        subscribed_topic_regex=member.topic_regex,
        rebalance_timeout_ms=member.rebalance_timeout_ms,
        server_assignor=member.server_assignor,
        classic_member_metadata=member.classic,
    )
    return MEMBER_METADATA.record(ConsumerGroupMemberKey(group_id, member.member_id), value, version=_VERSION)


def target_record(group_id: str, member_id: str, assignment: Assignment) -> CoordinatorRecord:
    """Write what a member shall have."""
    topics = [TargetTopicPartitions(topic_id, assignment[topic_id]) for topic_id in sorted(assignment)]
    value = ConsumerGroupTargetAssignmentMemberValue(tuple(topics))
    return TARGET_MEMBER.record(ConsumerGroupMemberKey(group_id, member_id), value, version=_VERSION)


def target_metadata_record(group_id: str, epoch: int, timestamp_ms: int) -> CoordinatorRecord:
    """Write for which epoch of the group the target was made."""
    value = ConsumerGroupTargetAssignmentMetadataValue(epoch, timestamp_ms)
    return TARGET_METADATA.record(ConsumerGroupKey(group_id), value, version=_VERSION)


def current_record(group_id: str, member: ConsumerMember) -> CoordinatorRecord:
    """Write what a member has."""
    value = ConsumerGroupCurrentMemberAssignmentValue(
        member_epoch=member.member_epoch,
        previous_member_epoch=member.previous_epoch,
        state=member.state.value,
        assigned_partitions=_current(member.assigned),
        partitions_pending_revocation=_current(member.revoking),
    )
    return CURRENT_ASSIGNMENT.record(ConsumerGroupMemberKey(group_id, member.member_id), value, version=_VERSION)


def regular_expression_record(group_id: str, regex: str, resolved: Resolved) -> CoordinatorRecord:
    """Write what a regular expression matches."""
    value = ConsumerGroupRegularExpressionValue(resolved.topics, resolved.version, resolved.timestamp_ms)
    return REGULAR_EXPRESSION.record(ConsumerGroupRegularExpressionKey(group_id, regex), value, version=_VERSION)


def regular_expression_tombstone(group_id: str, regex: str) -> CoordinatorRecord:
    """Write that nobody is subscribed to it any more."""
    return REGULAR_EXPRESSION.tombstone(ConsumerGroupRegularExpressionKey(group_id, regex))


def partition_metadata_tombstone(group_id: str) -> CoordinatorRecord:
    """Write that what an older broker kept of the topics is gone."""
    return PARTITION_METADATA.tombstone(ConsumerGroupKey(group_id))


def member_tombstones(group_id: str, member_id: str) -> tuple[CoordinatorRecord, ...]:
    """Write that a member is gone, with what it had and should have."""
    key = ConsumerGroupMemberKey(group_id, member_id)
    return CURRENT_ASSIGNMENT.tombstone(key), TARGET_MEMBER.tombstone(key), MEMBER_METADATA.tombstone(key)


def group_tombstones(
    group_id: str, member_ids: tuple[str, ...], regexes: tuple[str, ...]
) -> tuple[CoordinatorRecord, ...]:
    """Write that a group is gone, with its members."""
    group = ConsumerGroupKey(group_id)
    members = [ConsumerGroupMemberKey(group_id, member_id) for member_id in member_ids]
    return (
        *[CURRENT_ASSIGNMENT.tombstone(member) for member in members],
        *[TARGET_MEMBER.tombstone(member) for member in members],
        TARGET_METADATA.tombstone(group),
        *[MEMBER_METADATA.tombstone(member) for member in members],
        *[regular_expression_tombstone(group_id, regex) for regex in regexes],
        PARTITION_METADATA.tombstone(group),
        METADATA.tombstone(group),
    )


def owned_of(current: tuple[CurrentTopicPartitions, ...], member_epoch: int) -> Owned:
    """Read what a member has. Before Kafka 4.3 no epochs were written with it: then it counts as got in the member's."""
    otherwise = max(member_epoch, 0)
    owned = {}
    for topic_id, partitions, epochs in current:
        if epochs is None or len(epochs) != len(partitions):
            owned[topic_id] = dict.fromkeys(partitions, otherwise)
        else:
            owned[topic_id] = dict(zip(partitions, epochs, strict=True))
    return owned


def _current(owned: Owned) -> tuple[CurrentTopicPartitions, ...]:
    topics = []
    for topic_id in sorted(owned):
        partitions = tuple(sorted(owned[topic_id]))
        epochs = tuple([owned[topic_id][partition] for partition in partitions])
        topics.append(CurrentTopicPartitions(topic_id, partitions, epochs))
    return tuple(topics)
