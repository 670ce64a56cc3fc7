"""A classic group in use becomes one by the consumer protocol when somebody joins by that: its members stay, and need not know.

Kafka: GroupMetadataManager.convertToConsumerGroup, ConsumerGroup.fromClassicGroup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from producer.errors import Code, MalformedError
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.groups.classic_group import refused_join
from sim.cluster.coordinators.groups.consumer.assignment import with_epoch
from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup, GroupEpoch, TargetEpoch
from sim.cluster.coordinators.groups.consumer.group_subscriptions import all_topics
from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
from sim.cluster.coordinators.groups.consumer.record_kinds import (
    current_record,
    epoch_record,
    member_record,
    target_metadata_record,
    target_record,
)
from sim.cluster.coordinators.groups.consumer.records import ClassicMemberMetadata, ClassicProtocol
from sim.cluster.coordinators.groups.consumer_protocol import read_assignment, read_subscription
from sim.cluster.coordinators.groups.subscriptions import CONSUMER_PROTOCOL_TYPE
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.classic_group import ClassicGroup
    from sim.cluster.coordinators.groups.classic_member import ClassicMember
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.sessions import Sessions
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground


class Upgrade:
    """Makes groups by the consumer protocol out of classic ones."""

    def __init__(self, ground: Ground, topics: Topics, sessions: Sessions) -> None:
        self._ground = ground
        self._topics = topics
        self._sessions = sessions
        self._config = ground.broker.config

    def upgraded(self, classic: ClassicGroup, records: list[CoordinatorRecord]) -> ConsumerGroup:
        """Give a classic group as one by the consumer protocol, and the records that make it so. Raises CoordinatorError."""
        self._check(classic)
        code = Code.REBALANCE_IN_PROGRESS
        for one in classic.all_members:
            # Whoever waits joins again, in the new group.
            one.answer_join(refused_join(code, one.member_id))
            one.answer_sync(SyncGroupResponse(error_code=code))
        group = self._made_of(classic)
        group_id, members = group.group_id, group.members.values()
        records.extend(classic.tombstones())
        records.extend([member_record(group_id, member) for member in members])
        epoch = group.epoch.get()
        records.append(epoch_record(group_id, epoch.epoch, epoch.metadata_hash))
        records.extend([target_record(group_id, one.member_id, group.target_of(one.member_id)) for one in members])
        records.append(target_metadata_record(group_id, group.target_epoch.get().epoch, 0))
        records.extend([current_record(group_id, member) for member in members])
        for member in members:
            self._sessions.expect_heartbeat(group_id, member)
        return group

    def _check(self, classic: ClassicGroup) -> None:
        if not self._config.group_consumer_migration_policy.may_upgrade:
            _refuse(classic, "online upgrade is disabled")
        if classic.protocol_type != CONSUMER_PROTOCOL_TYPE:
            _refuse(classic, "the group does not use the consumer embedded protocol")
        if len(classic.members) > self._config.group_consumer_max_size:
            _refuse(classic, "the group size exceeds the consumer group maximum size")

    def _made_of(self, classic: ClassicGroup) -> ConsumerGroup:
        group = ConsumerGroup(classic.group_id, self._ground.timeline)
        generation = classic.generation_id
        for one in classic.all_members:
            try:
                member, target = self._member(one, classic)
            except MalformedError:
                _refuse(classic, "the embedded consumer protocol is malformed")
            group.put(member)
            group.put_target(member.member_id, target)
        hash_ = self._topics.metadata_hash(all_topics(group.members.values(), {}))
        group.epoch.put(GroupEpoch(generation, hash_))
        group.target_epoch.put(TargetEpoch(generation, 0))
        return group

    def _member(self, member: ClassicMember, classic: ClassicGroup) -> tuple[ConsumerMember, Assignment]:
        """Give a member as it is in this generation, and what it was assigned."""
        generation = classic.generation_id
        target: dict[bytes, tuple[int, ...]] = {}
        if member.assignment:
            assignment = read_assignment(member.assignment)
            if assignment.user_data:
                text = (
                    "an unsupported custom assignor is in use. Please refer to the documentation "
                    "or switch to a default assignor before re-attempting the upgrade"
                )
                _refuse(classic, text)
            for topic, partitions in assignment.assigned_partitions:
                topic_id = self._topics.id_of(topic)
                if topic_id is not None:
                    target[topic_id] = tuple(sorted(partitions))
        protocol = classic.protocol_name
        metadata = member.protocols[0].metadata if protocol is None else member.metadata_of(protocol)
        subscription = read_subscription(metadata)
        protocols = tuple([ClassicProtocol(one.name, one.metadata) for one in member.protocols])
        converted = ConsumerMember(
            member.member_id,
            member_epoch=generation,
            previous_epoch=generation,
            instance_id=member.group_instance_id,
            rack_id=subscription.rack_id or None,
            rebalance_timeout_ms=member.rebalance_timeout_ms,
            client_id=member.client_id,
            client_host=member.client_host,
            topic_names=tuple(sorted(dict.fromkeys(subscription.topics))),
            assigned=with_epoch(target, generation),
            classic=ClassicMemberMetadata(member.session_timeout_ms, protocols),
        )
        return converted, target


def _refuse(classic: ClassicGroup, reason: str) -> NoReturn:
    text = f"Cannot upgrade classic group {classic.group_id} to consumer group because {reason}."
    raise CoordinatorError(Code.GROUP_ID_NOT_FOUND, text)
