"""Requests of the classic protocol to a group by the consumer protocol: its members of the one find those of the other.

A join is told its epoch as a generation, and nobody leads: the coordinator assigns, and SyncGroup tells it.
Kafka: GroupMetadataManager.classicGroupJoinToConsumerGroup and its like for SyncGroup, Heartbeat and LeaveGroup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code, MalformedError
from producer.wire.messages.heartbeat import HeartbeatResponse
from producer.wire.messages.join_group import JoinGroupResponse
from producer.wire.messages.leave_group import LeaveGroupResponse, MemberResponse
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.groups.consumer.assignment import without_epochs
from sim.cluster.coordinators.groups.consumer.departures import check_instance, known_static_member
from sim.cluster.coordinators.groups.consumer.heartbeats import check_room, replace_static
from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
from sim.cluster.coordinators.groups.consumer.member_state import MemberState
from sim.cluster.coordinators.groups.consumer.records import ClassicMemberMetadata, ClassicProtocol
from sim.cluster.coordinators.groups.consumer_protocol import Placed, read_subscription, version_of, write_assignment
from sim.cluster.coordinators.groups.member_ids import new_uuid, uuid_text
from sim.cluster.coordinators.groups.subscriptions import CONSUMER_PROTOCOL_TYPE
from sim.cluster.coordinators.shard import CoordinatorError, Outcome

if TYPE_CHECKING:
    from producer.wire.messages.heartbeat import HeartbeatRequest
    from producer.wire.messages.join_group import JoinGroupRequest
    from producer.wire.messages.leave_group import MemberIdentity
    from producer.wire.messages.sync_group import SyncGroupRequest
    from sim.cluster.coordinators.groups.classic_member import Caller
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.departures import ConsumerDepartures
    from sim.cluster.coordinators.groups.consumer.downgrade import Downgrade
    from sim.cluster.coordinators.groups.consumer.member_change import MemberChanges
    from sim.cluster.coordinators.groups.consumer.sessions import Sessions
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.groups.consumer_protocol_messages import ConsumerProtocolSubscription
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground

_KNOWN_MEMBER_ID_SINCE = 4
"""A new member is first told its id, and joins again with it (KIP-394)."""


class ClassicRequests:
    """Answers them."""

    def __init__(
        self,
        ground: Ground,
        *,
        topics: Topics,
        changes: MemberChanges,
        sessions: Sessions,
        departures: ConsumerDepartures,
        downgrade: Downgrade,
    ) -> None:
        self._ground = ground
        self._topics = topics
        self._changes = changes
        self._sessions = sessions
        self._departures = departures
        self._downgrade = downgrade
        self._config = ground.broker.config

    # -- JoinGroup -----------------------------------------------------------------------------------------------------

    def join(self, group: ConsumerGroup, caller: Caller, wanted: JoinGroupRequest) -> Outcome:
        """Take a JoinGroup; its answer is the outcome's. Raises CoordinatorError."""
        if not self._config.group_consumer_migration_policy.is_any:
            raise CoordinatorError(Code.INCONSISTENT_GROUP_PROTOCOL)
        is_unknown = not wanted.member_id
        member_id = wanted.member_id or uuid_text(new_uuid(self._ground))
        check_room(group, member_id, self._config.group_consumer_max_size)
        _check_protocols(group, wanted)
        instance_id = wanted.group_instance_id
        if is_unknown and instance_id is None and caller.version >= _KNOWN_MEMBER_ID_SINCE:
            return Outcome(JoinGroupResponse(error_code=Code.MEMBER_ID_REQUIRED, member_id=member_id))
        records: list[CoordinatorRecord] = []
        replaced = group.static_member(instance_id)
        before = _joining(group, wanted, member_id, replaced, records)
        subscription = _subscription(wanted)
        after = _updated(before, caller, wanted, subscription)
        change = self._changes.begin(group, before, after, records)
        change.subscribe(counts_unresolved=True)
        claimed = self._claimed(subscription)
        if replaced is not None and self._downgrade.is_due_with(group, replaced):
            is_stale = group.target_epoch.get().epoch < change.group_epoch
            if not is_stale:
                change.keep_target()
                after = change.reconcile(claimed)
            outcome = self._downgrade.with_replacement(group, replaced, after, records, is_stale=is_stale)
            return outcome._replace(answer=_joined(after))
        change.assign()
        after = change.reconcile(claimed)
        self._sessions.expect_heartbeat(group.group_id, after)
        self._sessions.joined(group.group_id, after)
        return Outcome(_joined(after), tuple(records))

    def _claimed(self, subscription: ConsumerProtocolSubscription) -> Assignment:
        claimed = {}
        for topic, partitions in subscription.owned_partitions:
            topic_id = self._topics.id_of(topic)
            if topic_id is not None:
                claimed[topic_id] = tuple(partitions)
        return claimed

    # -- SyncGroup -----------------------------------------------------------------------------------------------------

    def sync(self, group: ConsumerGroup, wanted: SyncGroupRequest) -> Outcome:
        """Tell a member what it was assigned. Raises CoordinatorError for who is not in its generation."""
        member, spoken = _classic_member(group, wanted.member_id, wanted.group_instance_id)
        _check_generation(member, wanted.generation_id)
        protocol = spoken.supported_protocols[0]
        is_other_type = wanted.protocol_type not in {None, CONSUMER_PROTOCOL_TYPE}
        if is_other_type or wanted.protocol_name not in {None, protocol.name}:
            raise CoordinatorError(Code.INCONSISTENT_GROUP_PROTOCOL)
        is_behind = group.target_epoch.get().epoch > member.member_epoch
        if is_behind and member.state is not MemberState.UNREVOKED_PARTITIONS:
            self._sessions.expect_join(group.group_id, member)
            raise CoordinatorError(Code.REBALANCE_IN_PROGRESS)
        self._sessions.synced(group.group_id, member.member_id)
        self._sessions.expect_heartbeat(group.group_id, member)
        answer = SyncGroupResponse(
            protocol_type=wanted.protocol_type,
            protocol_name=wanted.protocol_name,
            assignment=write_assignment(self._placed(member), version_of(protocol.metadata)),
        )
        return Outcome(answer)

    def _placed(self, member: ConsumerMember) -> list[Placed]:
        named = [(self._topics.name_of(topic), them) for topic, them in sorted(without_epochs(member.assigned).items())]
        return [Placed(topic, partitions) for topic, partitions in named if topic is not None]

    # -- Heartbeat and LeaveGroup --------------------------------------------------------------------------------------

    def heartbeat(self, group: ConsumerGroup, wanted: HeartbeatRequest) -> Outcome:
        """Take a sign of life, and say whether there is something to join for. Raises CoordinatorError."""
        member, _ = _classic_member(group, wanted.member_id, wanted.group_instance_id)
        _check_generation(member, wanted.generation_id)
        self._sessions.expect_heartbeat(group.group_id, member)
        if not _has_to_join(group, member):
            return Outcome(HeartbeatResponse())
        self._sessions.expect_join(group.group_id, member)
        return Outcome(HeartbeatResponse(error_code=Code.REBALANCE_IN_PROGRESS))

    def leave(self, group: ConsumerGroup, leaving: tuple[MemberIdentity, ...]) -> Outcome:
        """Let members go, whichever protocol they speak, each with an answer of its own."""
        told, gone = [], {}
        for one in leaving:
            code = Code.NONE
            try:
                if one.group_instance_id is None:
                    member = group.member(one.member_id)
                else:
                    member = known_static_member(group, one.group_instance_id)
                    if one.member_id:
                        check_instance(member, one.member_id)
                gone[member.member_id] = member
            except CoordinatorError as error:
                code = error.code
            told.append(MemberResponse(one.member_id, one.group_instance_id, code))
        return self._departures.remove(group, tuple(gone.values()), LeaveGroupResponse(members=tuple(told)))


def _check_protocols(group: ConsumerGroup, wanted: JoinGroupRequest) -> None:
    """Raise INCONSISTENT_GROUP_PROTOCOL unless it shares a protocol with every member that speaks the classic one."""
    names = [protocol.name for protocol in wanted.protocols]
    spoken = [
        [protocol.name for protocol in member.classic.supported_protocols]
        for member in group.members.values()
        if member.classic is not None
    ]
    is_shared = any(all(name in others for others in spoken) for name in names)
    if wanted.protocol_type != CONSUMER_PROTOCOL_TYPE or not is_shared:
        raise CoordinatorError(Code.INCONSISTENT_GROUP_PROTOCOL)


def _joining(
    group: ConsumerGroup,
    wanted: JoinGroupRequest,
    member_id: str,
    replaced: ConsumerMember | None,
    records: list[CoordinatorRecord],
) -> ConsumerMember:
    """Give who joins, as it was before."""
    instance_id = wanted.group_instance_id
    if instance_id is None:
        return group.find(member_id) or ConsumerMember(member_id)
    if not wanted.member_id:
        if replaced is None:
            return ConsumerMember(member_id)
        return replace_static(group, replaced, member_id, records)
    known = known_static_member(group, instance_id)
    check_instance(known, member_id)
    return known


def _subscription(wanted: JoinGroupRequest) -> ConsumerProtocolSubscription:
    try:
        return read_subscription(wanted.protocols[0].metadata)
    except MalformedError:
        # Kafka falls over it.
        raise CoordinatorError(Code.UNKNOWN_SERVER_ERROR) from None


def _updated(
    member: ConsumerMember, caller: Caller, wanted: JoinGroupRequest, subscription: ConsumerProtocolSubscription
) -> ConsumerMember:
    protocols = tuple([ClassicProtocol(protocol.name, protocol.metadata) for protocol in wanted.protocols])
    timeout_ms = wanted.session_timeout_ms if caller.version == 0 else wanted.rebalance_timeout_ms
    return member._replace(
        instance_id=wanted.group_instance_id or member.instance_id,
        rack_id=subscription.rack_id or member.rack_id,
        rebalance_timeout_ms=member.rebalance_timeout_ms if timeout_ms == -1 else timeout_ms,
        topic_names=tuple(sorted(dict.fromkeys(subscription.topics))),
        topic_regex="",
        client_id=caller.client_id,
        client_host=caller.client_host,
        classic=ClassicMemberMetadata(wanted.session_timeout_ms, protocols),
    )


def _joined(member: ConsumerMember) -> JoinGroupResponse:
    protocols = () if member.classic is None else member.classic.supported_protocols
    return JoinGroupResponse(
        generation_id=member.member_epoch,
        protocol_type=CONSUMER_PROTOCOL_TYPE,
        protocol_name=protocols[0].name,
        member_id=member.member_id,
    )


def _classic_member(
    group: ConsumerGroup, member_id: str, instance_id: str | None
) -> tuple[ConsumerMember, ClassicMemberMetadata]:
    """Give a member that speaks the classic protocol. Raises UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID."""
    if instance_id is None:
        member = group.member(member_id)
    else:
        member = known_static_member(group, instance_id)
        check_instance(member, member_id)
    if member.classic is None:
        raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)
    return member, member.classic


def _check_generation(member: ConsumerMember, generation: int) -> None:
    if member.member_epoch != generation:
        raise CoordinatorError(Code.ILLEGAL_GENERATION)


def _has_to_join(group: ConsumerGroup, member: ConsumerMember) -> bool:
    """Whether there is a newer target, or something to let go of, or something to take that was let go of."""
    if member.member_epoch < group.target_epoch.get().epoch or member.state is MemberState.UNREVOKED_PARTITIONS:
        return True
    return member.state is MemberState.UNRELEASED_PARTITIONS and not _is_waiting(group, member)


def _is_waiting(group: ConsumerGroup, member: ConsumerMember) -> bool:
    """Whether others still have something that it shall have."""
    owned = group.owned()
    return any(
        (topic_id, partition) in owned
        for topic_id, partitions in group.target_of(member.member_id).items()
        for partition in partitions
        if partition not in member.assigned.get(topic_id, {})
    )
