"""A new target for a group: what its assignor gives each member, as records (Kafka's TargetAssignmentBuilder)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_ASSIGNED
from sim.cluster.coordinators.groups.consumer.assignors import ASSIGNORS
from sim.cluster.coordinators.groups.consumer.assignors.group_spec import GroupSpec, MemberSpec
from sim.cluster.coordinators.groups.consumer.group_subscriptions import are_alike, topics_of
from sim.cluster.coordinators.groups.consumer.record_kinds import target_metadata_record, target_record
from sim.cluster.coordinators.keys import java_hash_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.shard import CoordinatorRecord


def new_target(
    group: ConsumerGroup,
    members: Mapping[str, ConsumerMember],
    topics: Topics,
    *,
    assignor: str,
    epoch: int,
    now_ms: int,
) -> tuple[dict[str, Assignment], list[CoordinatorRecord]]:
    """Give what each of these members shall have in that epoch of the group, and the records that say what is new of it."""
    before = group.targets
    specs = []
    for member_id in java_hash_order(members):
        member = members[member_id]
        read = topics.ids_of(topics_of(member, group.resolved))
        specs.append(MemberSpec(member_id, member.instance_id, read, _assigned_before(group, member, before)))
    partitions = {topic_id: topics.partitions_of(topic_id) for spec in specs for topic_id in spec.topic_ids}
    found = ASSIGNORS[assignor](GroupSpec(tuple(specs), are_alike(members.values()), partitions))
    records = [
        target_record(group.group_id, member_id, found[member_id])
        for member_id in found
        if before.get(member_id) != found[member_id]
    ]
    return found, [*records, target_metadata_record(group.group_id, epoch, now_ms)]


def _assigned_before(group: ConsumerGroup, member: ConsumerMember, before: Mapping[str, Assignment]) -> Assignment:
    known = group.static_member(member.instance_id)
    # A static member that comes back under another id shall have what it had.
    owner = member.member_id if known is None else known.member_id
    return before.get(owner, NOTHING_ASSIGNED)
