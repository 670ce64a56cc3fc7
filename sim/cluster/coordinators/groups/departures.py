"""Heartbeat and LeaveGroup of the classic protocol: members stay, and members go.

Kafka: GroupMetadataManager.classicGroupHeartbeat, classicGroupLeave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.heartbeat import HeartbeatResponse
from producer.wire.messages.leave_group import LeaveGroupResponse, MemberResponse
from sim.cluster.coordinators.groups.classic_state import ClassicState
from sim.cluster.coordinators.groups.rebalances import NOTHING
from sim.cluster.coordinators.shard import CoordinatorError, Outcome

if TYPE_CHECKING:
    from producer.wire.messages.heartbeat import HeartbeatRequest
    from producer.wire.messages.leave_group import MemberIdentity
    from sim.cluster.coordinators.groups.classic_group import ClassicGroup
    from sim.cluster.coordinators.groups.consumer.consumer_groups import ConsumerGroups
    from sim.cluster.coordinators.groups.rebalances import Rebalances
    from sim.cluster.coordinators.groups.registry import Groups


class Departures:
    """Answers Heartbeat and LeaveGroup."""

    def __init__(self, groups: Groups, rebalances: Rebalances, consumer_groups: ConsumerGroups) -> None:
        self._groups = groups
        self._rebalances = rebalances
        self._consumer_groups = consumer_groups

    def heartbeat(self, wanted: HeartbeatRequest) -> Outcome:
        """Take a sign of life. Raises CoordinatorError for who is not in this generation."""
        found = self._groups.consumer(wanted.group_id)
        if found is not None:
            return self._consumer_groups.classic_requests.heartbeat(found, wanted)
        group = self._groups.classic(wanted.group_id)
        if group is None:
            raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)
        if group.state is ClassicState.DEAD:
            raise CoordinatorError(Code.COORDINATOR_NOT_AVAILABLE)
        group.check_member(wanted.member_id, wanted.group_instance_id)
        if wanted.generation_id != group.generation_id:
            raise CoordinatorError(Code.ILLEGAL_GENERATION)
        self._rebalances.expect_heartbeat(group, group.members[wanted.member_id])
        is_rebalancing = group.state is ClassicState.PREPARING_REBALANCE
        return Outcome(HeartbeatResponse(error_code=Code.REBALANCE_IN_PROGRESS if is_rebalancing else Code.NONE))

    def leave(self, group_id: str, members: tuple[MemberIdentity, ...]) -> Outcome:
        """Let members go, each with an answer of its own."""
        found = self._groups.consumer(group_id)
        if found is not None:
            return self._consumer_groups.classic_requests.leave(found, members)
        group = self._groups.classic(group_id)
        if group is None:
            raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)
        if group.state is ClassicState.DEAD:
            raise CoordinatorError(Code.COORDINATOR_NOT_AVAILABLE)
        told = tuple(
            MemberResponse(member.member_id, member.group_instance_id, self._leave(group, member)) for member in members
        )
        outcome = NOTHING
        if any(one.error_code == Code.NONE for one in told):
            outcome = self._after_departure(group)
        return outcome._replace(answer=LeaveGroupResponse(members=told))

    def _after_departure(self, group: ClassicGroup) -> Outcome:
        if group.state in {ClassicState.STABLE, ClassicState.COMPLETING_REBALANCE}:
            return self._rebalances.prepare_or_complete(group)
        return self._rebalances.complete_if_all_joined(group)

    def _leave(self, group: ClassicGroup, leaving: MemberIdentity) -> Code:
        member_id, instance_id = leaving.member_id, leaving.group_instance_id
        if not member_id:
            # An administrator knows a static member by its name alone.
            if instance_id is None or instance_id not in group.static_members:
                return Code.UNKNOWN_MEMBER_ID
            member_id = group.static_members[instance_id]
        elif member_id in group.pending_members:
            group.remove(member_id)
            self._rebalances.cancel_heartbeat(group, member_id)
            return Code.NONE
        else:
            try:
                group.check_member(member_id, instance_id)
            except CoordinatorError as error:
                return error.code
        self._rebalances.remove_member(group, group.members[member_id])
        return Code.NONE
