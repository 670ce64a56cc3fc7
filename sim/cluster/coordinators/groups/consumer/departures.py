"""Members go: they say so, are missed, or are fenced; a static member may leave for a while and find what it had.

Kafka: GroupMetadataManager.consumerGroupLeave, consumerGroupFenceMembers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatResponse
from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_OWNED, with_epoch, without_epochs
from sim.cluster.coordinators.groups.consumer.group_subscriptions import all_topics, regexes_of
from sim.cluster.coordinators.groups.consumer.member import LEFT_FOR_A_WHILE_EPOCH
from sim.cluster.coordinators.groups.consumer.record_kinds import (
    current_record,
    epoch_record,
    member_tombstones,
    regular_expression_tombstone,
)
from sim.cluster.coordinators.shard import CoordinatorError, Outcome

if TYPE_CHECKING:
    from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.downgrade import Downgrade
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.sessions import Sessions
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import CoordinatorRecord


class ConsumerDepartures:
    """Lets members be gone."""

    def __init__(self, groups: Groups, topics: Topics, sessions: Sessions, downgrade: Downgrade) -> None:
        self._groups = groups
        self._topics = topics
        self._sessions = sessions
        self._downgrade = downgrade

    def leave(self, wanted: ConsumerGroupHeartbeatRequest) -> Outcome:
        """Take a heartbeat that says goodbye. Raises CoordinatorError for who is no member."""
        group = self._groups.existing_consumer(wanted.group_id)
        answer = ConsumerGroupHeartbeatResponse(member_id=wanted.member_id, member_epoch=wanted.member_epoch)
        if wanted.instance_id is None:
            return self.remove(group, (group.member(wanted.member_id),), answer)
        member = known_static_member(group, wanted.instance_id)
        check_instance(member, wanted.member_id)
        if wanted.member_epoch != LEFT_FOR_A_WHILE_EPOCH:
            return self.remove(group, (member,), answer)
        # What it has is counted as had for ever, so that its next life, under another id, may commit for it.
        leaving = member._replace(
            member_epoch=LEFT_FOR_A_WHILE_EPOCH,
            assigned=with_epoch(without_epochs(member.assigned), 0),
            revoking=NOTHING_OWNED,
        )
        return Outcome(answer, (current_record(group.group_id, leaving),))

    def fence(self, group_id: str, member_id: str) -> Outcome:
        """Let a member be gone whose time is over, if it is still one."""
        group = self._groups.consumer(group_id)
        member = None if group is None else group.find(member_id)
        return Outcome() if group is None or member is None else self.remove(group, (member,), None)

    def remove(self, group: ConsumerGroup, leaving: tuple[ConsumerMember, ...], answer: object) -> Outcome:
        """Let members be gone: the group is counted on, and shares out anew with the next heartbeat."""
        if not leaving:
            return Outcome(answer)
        if self._downgrade.is_due_without(group, leaving):
            return self._downgrade.without(group, leaving)._replace(answer=answer)
        records: list[CoordinatorRecord] = []
        members = group.members
        for member in leaving:
            records.extend(member_tombstones(group.group_id, member.member_id))
            members.pop(member.member_id, None)
        left = regexes_of(members.values())
        resolved = group.resolved
        for regex in regexes_of(leaving):
            if regex not in left:
                records.append(regular_expression_tombstone(group.group_id, regex))
                resolved.pop(regex, None)
        topics = all_topics(members.values(), resolved)
        epoch = group.epoch.get().epoch + 1
        records.append(epoch_record(group.group_id, epoch, self._topics.metadata_hash(topics)))
        for member in leaving:
            self._sessions.cancel(group.group_id, member.member_id)
        return Outcome(answer, tuple(records))


def known_static_member(group: ConsumerGroup, instance_id: str) -> ConsumerMember:
    """Give the static member of that name. Raises UNKNOWN_MEMBER_ID."""
    member = group.static_member(instance_id)
    if member is None:
        raise CoordinatorError(Code.UNKNOWN_MEMBER_ID, f"Instance id {instance_id} is unknown.")
    return member


def check_instance(member: ConsumerMember, member_id: str) -> None:
    """Raise FENCED_INSTANCE_ID if another has taken the instance's place."""
    if member.member_id != member_id:
        text = (
            f"Static member {member_id} with instance id {member.instance_id} was fenced by member {member.member_id}."
        )
        raise CoordinatorError(Code.FENCED_INSTANCE_ID, text)
