"""JoinGroup of the classic protocol: ids are given, members added, taken back, replaced, or refused.

Kafka: GroupMetadataManager.classicGroupJoin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.messages.join_group import JoinGroupRequestProtocol
from sim.cluster.coordinators.context import told_as
from sim.cluster.coordinators.groups.classic_group import ClassicGroup, refused_join
from sim.cluster.coordinators.groups.classic_member import Caller, ClassicMember
from sim.cluster.coordinators.groups.classic_state import ClassicState
from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
from sim.cluster.coordinators.groups.member_ids import new_uuid, uuid_digits
from sim.cluster.coordinators.groups.rebalances import NOTHING
from sim.cluster.coordinators.shard import CoordinatorError, Outcome
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from producer.wire.messages.join_group import JoinGroupRequest
    from sim.cluster.coordinators.groups.classic_member import JoinReply
    from sim.cluster.coordinators.groups.consumer.consumer_groups import ConsumerGroups
    from sim.cluster.coordinators.groups.rebalances import Rebalances
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import Ground

_KNOWN_MEMBER_ID_SINCE = 4
"""A new member is first told its id, and joins again with it (KIP-394)."""
_SKIPPED_ASSIGNMENT_SINCE = 9
"""A leader that comes back is told whom it led, and need not assign anew (KIP-814)."""


class _Before(NamedTuple):
    """What a static member and its group were before another took the member's place."""

    member_id: str
    leader: str | None
    protocols: tuple[JoinGroupRequestProtocol, ...]
    rebalance_timeout_ms: int
    session_timeout_ms: int


class _Join:
    """One JoinGroup on its way."""

    __slots__ = ("caller", "reply", "wanted")

    def __init__(self, caller: Caller, wanted: JoinGroupRequest, reply: JoinReply) -> None:
        self.caller = caller
        self.wanted = wanted
        self.reply = reply


class Joins:
    """Answers JoinGroup, at once or when the generation begins."""

    def __init__(self, ground: Ground, groups: Groups, rebalances: Rebalances, consumer_groups: ConsumerGroups) -> None:
        self._ground = ground
        self._groups = groups
        self._rebalances = rebalances
        self._consumer_groups = consumer_groups
        self._config = ground.broker.config

    def join(self, caller: Caller, wanted: JoinGroupRequest, reply: JoinReply) -> Outcome:
        """Take a JoinGroup. The answer is the outcome's, or `reply` is called, also after this: the first answer counts."""
        found = self._groups.find(wanted.group_id)
        if isinstance(found, ConsumerGroup) and not found.is_empty:
            return self._consumer_groups.classic_requests.join(found, caller, wanted)
        join = _Join(caller, wanted, reply)
        is_new_group = not isinstance(found, ClassicGroup)
        if is_new_group and wanted.member_id:
            reply(refused_join(Code.UNKNOWN_MEMBER_ID, wanted.member_id))
            return NOTHING
        group = found if isinstance(found, ClassicGroup) else ClassicGroup(wanted.group_id, self._groups.now_ms)
        if is_new_group:
            self._groups.put(group)
        outcome = self._join(group, join)
        if is_new_group and outcome is NOTHING:
            # The group exists from now on, and a failover shall know it; and not the one by the consumer protocol that it was.
            before = () if found is None else found.tombstones()
            records = (*before, group.record_without_members())
            return Outcome(records=records, appended=lambda code: self._recorded(join, code))
        return outcome

    def _recorded(self, join: _Join, code: Code) -> None:
        if code is not Code.NONE:
            join.reply(refused_join(told_as(code), ""))

    def _join(self, group: ClassicGroup, join: _Join) -> Outcome:
        member_id = join.wanted.member_id
        if not self._has_room(group, member_id):
            group.remove(member_id)
            join.reply(refused_join(Code.GROUP_MAX_SIZE_REACHED, ""))
            return NOTHING
        if group.state is ClassicState.DEAD:
            join.reply(refused_join(Code.COORDINATOR_NOT_AVAILABLE, member_id))
            return NOTHING
        if not group.supports(join.wanted.protocol_type, join.wanted.protocols):
            join.reply(refused_join(Code.INCONSISTENT_GROUP_PROTOCOL, member_id))
            return NOTHING
        return self._join_known(group, join) if member_id else self._join_new(group, join)

    def _has_room(self, group: ClassicGroup, member_id: str) -> bool:
        """Whether one more may join: who is a member already does, unless others were faster to join again."""
        members_max = self._config.group_max_size
        member = group.members.get(member_id)
        if group.state is ClassicState.PREPARING_REBALANCE:
            return (member is not None and member.is_awaiting_join) or group.awaiting_join < members_max
        if group.state in {ClassicState.COMPLETING_REBALANCE, ClassicState.STABLE}:
            return member is not None or len(group.members) < members_max
        return True

    # -- without an id -------------------------------------------------------------------------------------------------

    def _join_new(self, group: ClassicGroup, join: _Join) -> Outcome:
        instance_id = join.wanted.group_instance_id
        member_id = self._new_member_id(join.caller.client_id if instance_id is None else instance_id)
        if instance_id is not None:
            known_id = group.static_members.get(instance_id)
            if known_id is not None:
                return self._replace_static(group, join, instance_id, known_id, member_id)
        elif join.caller.version >= _KNOWN_MEMBER_ID_SINCE:
            group.pending_members[member_id] = None
            self._rebalances.expect_within(group, member_id, join.wanted.session_timeout_ms * MILLISECOND_US)
            join.reply(refused_join(Code.MEMBER_ID_REQUIRED, member_id))
            return NOTHING
        return self._add(group, join, member_id)

    def _new_member_id(self, prefix: str) -> str:
        """Give a name with a version 4 UUID behind it, as Kafka does."""
        return f"{prefix}-{uuid_digits(new_uuid(self._ground))}"

    def _add(self, group: ClassicGroup, join: _Join, member_id: str) -> Outcome:
        wanted = join.wanted
        member = ClassicMember(
            member_id,
            wanted.group_instance_id,
            client_id=join.caller.client_id,
            client_host=join.caller.client_host,
            rebalance_timeout_ms=_rebalance_timeout_ms(join),
            session_timeout_ms=wanted.session_timeout_ms,
            protocol_type=wanted.protocol_type,
            protocols=wanted.protocols,
        )
        member.is_new = True
        if group.state is ClassicState.PREPARING_REBALANCE and group.previous_state is ClassicState.EMPTY:
            group.has_new_member = True
        group.add(member, join.reply)
        # While it waits for others it need not give a sign of life, but not for ever: its client may be gone.
        self._rebalances.expect_within(group, member_id, self._config.group_new_member_join_timeout_us)
        return self._rebalances.prepare_or_complete(group)

    # -- with an id ----------------------------------------------------------------------------------------------------

    def _join_known(self, group: ClassicGroup, join: _Join) -> Outcome:
        wanted = join.wanted
        member_id = wanted.member_id
        if member_id in group.pending_members:
            if wanted.group_instance_id is not None:
                # Ids are given to dynamic members only; Kafka falls over one that has become static.
                join.reply(refused_join(Code.UNKNOWN_SERVER_ERROR, ""))
                return NOTHING
            return self._add(group, join, member_id)
        try:
            group.check_member(member_id, wanted.group_instance_id)
        except CoordinatorError as error:
            join.reply(refused_join(error.code, member_id))
            return NOTHING
        member = group.members[member_id]
        if group.state is ClassicState.EMPTY:
            join.reply(refused_join(Code.UNKNOWN_MEMBER_ID, member_id))
            return NOTHING
        if self._changes_nothing(group, member, join):
            is_told = member_id == group.leader and group.state is ClassicState.COMPLETING_REBALANCE
            members = group.members_for_leader() if is_told else ()
            join.reply(group.joined(member_id, leader=group.leader, members=members))
            return NOTHING
        self._update(member, join)
        return self._rebalances.prepare_or_complete(group)

    def _changes_nothing(self, group: ClassicGroup, member: ClassicMember, join: _Join) -> bool:
        """Whether the member is told of the generation that it is in: it may not have had the answer."""
        if group.state is ClassicState.PREPARING_REBALANCE or member.protocols != join.wanted.protocols:
            return False
        # A leader of a stable group joins again because it wants to assign anew.
        return group.state is ClassicState.COMPLETING_REBALANCE or member.member_id != group.leader

    def _update(self, member: ClassicMember, join: _Join) -> None:
        member.protocols = join.wanted.protocols
        member.rebalance_timeout_ms = _rebalance_timeout_ms(join)
        member.session_timeout_ms = join.wanted.session_timeout_ms
        member.join_reply = join.reply

    # -- a static member that comes back -------------------------------------------------------------------------------

    def _replace_static(self, group: ClassicGroup, join: _Join, instance_id: str, old_id: str, new_id: str) -> Outcome:
        leader = group.leader
        member = group.replace_static(instance_id, old_id, new_id)
        self._rebalances.expect_heartbeat(group, member)
        before = _Before(old_id, leader, member.protocols, member.rebalance_timeout_ms, member.session_timeout_ms)
        self._update(member, join)
        if group.state is ClassicState.STABLE:
            if group.protocol_name != group.select_protocol():
                return self._rebalances.prepare_or_complete(group)
            # It takes up what it had, and nobody else hears of it.
            assignments = {one.member_id: one.assignment for one in group.all_members}
            return Outcome(
                records=(group.record(assignments),),
                appended=lambda code: self._replaced(group, member, join, before, code),
            )
        if group.state is ClassicState.COMPLETING_REBALANCE:
            return self._rebalances.prepare(group)
        return self._rebalances.complete_if_all_joined(group)

    def _replaced(self, group: ClassicGroup, member: ClassicMember, join: _Join, before: _Before, code: Code) -> None:
        if code is not Code.NONE:
            self._take_back(group, member, before)
            refusal = refused_join(told_as(code), "")
            join.reply(refusal._replace(leader=before.leader or "", generation_id=group.generation_id))
        elif group.state is not ClassicState.STABLE:
            # A rebalance began meanwhile: the member is in it, and is answered with the others.
            return
        elif join.caller.version >= _SKIPPED_ASSIGNMENT_SINCE:
            is_leader = member.member_id == group.leader
            members = group.members_for_leader() if is_leader else ()
            member.answer_join(
                group.joined(member.member_id, leader=group.leader, members=members, skips_assignment=is_leader)
            )
        else:
            # Who believes that it does not lead asks for its assignment, and does not assign.
            member.answer_join(group.joined(member.member_id, leader=before.leader))

    def _take_back(self, group: ClassicGroup, member: ClassicMember, before: _Before) -> None:
        if group.members.get(member.member_id) is not member or member.group_instance_id is None:
            # It has gone meanwhile, or another has taken its place.
            return
        member.join_reply = None
        member.protocols = before.protocols
        member.rebalance_timeout_ms = before.rebalance_timeout_ms
        member.session_timeout_ms = before.session_timeout_ms
        self._rebalances.cancel_heartbeat(group, member.member_id)
        group.replace_static(member.group_instance_id, member.member_id, before.member_id)
        self._rebalances.expect_heartbeat(group, member)


def _rebalance_timeout_ms(join: _Join) -> int:
    """Version 0 has no time-out of its own for it (JoinGroupRequest.maybeOverrideRebalanceTimeout)."""
    return join.wanted.session_timeout_ms if join.caller.version == 0 else join.wanted.rebalance_timeout_ms
