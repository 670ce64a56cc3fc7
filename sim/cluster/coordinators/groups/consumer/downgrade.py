"""A group by the consumer protocol becomes a classic one when the last member goes that speaks the consumer protocol.

Kafka: GroupMetadataManager.convertToClassicGroup, ClassicGroup.fromConsumerGroup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.join_group import JoinGroupRequestProtocol
from sim.cluster.coordinators.groups.classic_group import ClassicGroup
from sim.cluster.coordinators.groups.classic_member import ClassicMember
from sim.cluster.coordinators.groups.classic_state import ClassicState
from sim.cluster.coordinators.groups.consumer.records import ClassicMemberMetadata
from sim.cluster.coordinators.groups.consumer_protocol import Placed, version_of, write_assignment
from sim.cluster.coordinators.groups.subscriptions import CONSUMER_PROTOCOL_TYPE
from sim.cluster.coordinators.shard import Outcome

if TYPE_CHECKING:
    from producer.errors import Code
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.groups.rebalances import Rebalances
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground


class Downgrade:
    """Makes classic groups out of those by the consumer protocol."""

    def __init__(self, ground: Ground, groups: Groups, topics: Topics, rebalances: Rebalances) -> None:
        self._groups = groups
        self._topics = topics
        self._rebalances = rebalances
        self._config = ground.broker.config

    def is_due_without(self, group: ConsumerGroup, leaving: tuple[ConsumerMember, ...]) -> bool:
        """Whether all members but these speak the classic protocol, and there are some."""
        gone = [member.member_id for member in leaving]
        staying = [member for member_id, member in group.members.items() if member_id not in gone]
        return bool(staying) and self._may_be_of(staying)

    def is_due_with(self, group: ConsumerGroup, replaced: ConsumerMember) -> bool:
        """Whether a static member is the last one to speak the consumer protocol, and another takes its place that does not."""
        others = [member for member_id, member in group.members.items() if member_id != replaced.member_id]
        return replaced.classic is None and self._may_be_of(others, more=1)

    def _may_be_of(self, members: list[ConsumerMember], *, more: int = 0) -> bool:
        is_allowed = self._config.group_consumer_migration_policy.may_downgrade
        has_room = len(members) + more <= self._config.group_max_size
        return is_allowed and has_room and all(member.classic is not None for member in members)

    def without(self, group: ConsumerGroup, leaving: tuple[ConsumerMember, ...]) -> Outcome:
        """Make the group classic, without these members; the others join again."""
        gone = [member.member_id for member in leaving]
        members = [member for member_id, member in group.members.items() if member_id not in gone]
        records = list(group.tombstones())
        classic = self._made_of(group, members, {})
        self._install(classic, records)
        self._rebalances.prepare(classic)
        return _in_memory(records)

    def with_replacement(
        self,
        group: ConsumerGroup,
        replaced: ConsumerMember,
        joining: ConsumerMember,
        records: list[CoordinatorRecord],
        *,
        is_stale: bool,
    ) -> Outcome:
        """Make the group classic, with `joining` in the place of `replaced`; all join again if the target `is_stale`.

        `records` let the one replace the other already.
        """
        members = [joining if member_id == replaced.member_id else one for member_id, one in group.members.items()]
        classic = self._made_of(group, members, {joining.member_id: replaced.member_id})
        records.extend(group.tombstones_as({replaced.member_id: joining.member_id}))
        self._install(classic, records)
        if is_stale:
            self._rebalances.prepare(classic)
        return _in_memory(records)

    def _made_of(self, group: ConsumerGroup, members: list[ConsumerMember], aliases: dict[str, str]) -> ClassicGroup:
        classic = ClassicGroup(group.group_id, self._groups.now_ms)
        classic.state = ClassicState.STABLE
        classic.generation_id = group.epoch.get().epoch
        classic.protocol_type = CONSUMER_PROTOCOL_TYPE
        for member in members:
            classic.add(_classic_member(member, member.classic or ClassicMemberMetadata()), None)
        classic.protocol_name = classic.select_protocol()
        classic.learn_subscription()
        for one in classic.all_members:
            target = group.target_of(aliases.get(one.member_id, one.member_id))
            version = version_of(one.metadata_of(classic.protocol_name))
            one.assignment = write_assignment(self._placed(target), version)
        return classic

    def _placed(self, target: Assignment) -> list[Placed]:
        named = [(self._topics.name_of(topic_id), target[topic_id]) for topic_id in sorted(target)]
        return [Placed(topic, partitions) for topic, partitions in named if topic is not None]

    def _install(self, classic: ClassicGroup, records: list[CoordinatorRecord]) -> None:
        records.append(classic.record({one.member_id: one.assignment for one in classic.all_members}))
        self._groups.put(classic)
        for one in classic.all_members:
            self._rebalances.expect_heartbeat(classic, one)


def _classic_member(member: ConsumerMember, spoken: ClassicMemberMetadata) -> ClassicMember:
    return ClassicMember(
        member.member_id,
        member.instance_id,
        client_id=member.client_id,
        client_host=member.client_host,
        rebalance_timeout_ms=member.rebalance_timeout_ms,
        session_timeout_ms=spoken.session_timeout_ms,
        protocol_type=CONSUMER_PROTOCOL_TYPE,
        protocols=tuple([JoinGroupRequestProtocol(one.name, one.metadata) for one in spoken.supported_protocols]),
    )


def _in_memory(records: list[CoordinatorRecord]) -> Outcome:
    """Give what is true in memory already, and is not replayed."""
    return Outcome(records=tuple(records), appended=_ignored)


def _ignored(_: Code) -> None:
    return None
