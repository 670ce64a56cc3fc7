"""How a classic group comes to its next generation: who is awaited, for how long, and who is left behind.

Kafka: GroupMetadataManager, from prepareRebalance to completeClassicGroupJoin, and its timers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.groups.classic_group import refused_join
from sim.cluster.coordinators.groups.classic_state import ClassicInput, ClassicState, can_rebalance
from sim.cluster.coordinators.shard import Outcome
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.classic_group import ClassicGroup
    from sim.cluster.coordinators.groups.classic_member import ClassicMember
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import Ground

NOTHING = Outcome()
"""Nothing to write; whoever waits is answered by itself."""

_STATES_WITH_GENERATION = (ClassicState.COMPLETING_REBALANCE, ClassicState.STABLE)


class Rebalances:
    """Joins, syncs and departures of members end here."""

    def __init__(self, ground: Ground, groups: Groups) -> None:
        self._ground = ground
        self._groups = groups
        self.config = ground.broker.config

    # -- beginning -----------------------------------------------------------------------------------------------------

    def prepare_or_complete(self, group: ClassicGroup) -> Outcome:
        """Members changed: begin a rebalance, or see whether the one that goes on is complete by that."""
        return self.prepare(group) if can_rebalance(group.state) else self.complete_if_all_joined(group)

    def prepare(self, group: ClassicGroup) -> Outcome:
        """Let everybody join again. A group's first rebalance waits a while for others who may come."""
        if group.state is ClassicState.COMPLETING_REBALANCE:
            self.refuse_syncs(group, Code.REBALANCE_IN_PROGRESS)
        group.pending_syncs.clear()
        self._ground.cancel(_sync_timer(group.group_id))
        is_initial = group.state is ClassicState.EMPTY
        if is_initial:
            delay_us = self.config.group_initial_rebalance_delay_us
            remaining_us = max(group.rebalance_timeout_ms * MILLISECOND_US - delay_us, 0)
            self._put_off(group.group_id, delay_us, remaining_us)
        group.move(ClassicInput.REBALANCE, self._groups.now_ms)
        if is_initial:
            return NOTHING
        if group.have_all_joined:
            return self.complete(group)
        self._await_joins(group)
        return NOTHING

    def _put_off(self, group_id: str, delay_us: int, remaining_us: int) -> None:
        self._ground.schedule(
            _join_timer(group_id), delay_us, lambda: self._initial_delay_over(group_id, delay_us, remaining_us)
        )

    def _initial_delay_over(self, group_id: str, delay_us: int, remaining_us: int) -> Outcome:
        group = self._groups.classic(group_id)
        if group is None:
            return NOTHING
        if group.has_new_member and remaining_us:
            group.has_new_member = False
            next_us = min(self.config.group_initial_rebalance_delay_us, remaining_us)
            self._put_off(group_id, next_us, max(remaining_us - delay_us, 0))
            return NOTHING
        return self.complete(group)

    def _await_joins(self, group: ClassicGroup) -> None:
        group_id = group.group_id
        self._ground.schedule(
            _join_timer(group_id), group.rebalance_timeout_ms * MILLISECOND_US, lambda: self._joins_expired(group_id)
        )

    def _joins_expired(self, group_id: str) -> Outcome:
        group = self._groups.classic(group_id)
        return NOTHING if group is None else self.complete(group)

    # -- completing the joins ------------------------------------------------------------------------------------------

    def complete_if_all_joined(self, group: ClassicGroup) -> Outcome:
        """Begin the generation unless somebody is awaited; a group's first one begins when its delay is over."""
        is_ready = group.state is ClassicState.PREPARING_REBALANCE and group.previous_state is not ClassicState.EMPTY
        return self.complete(group) if is_ready and group.have_all_joined else NOTHING

    def complete(self, group: ClassicGroup) -> Outcome:
        """Begin the generation with whoever has joined. Static members are members even if they have not."""
        self._ground.cancel(_join_timer(group.group_id))
        for member in group.all_members:
            if not member.is_awaiting_join and member.group_instance_id is None:
                group.remove(member.member_id)
                self.cancel_heartbeat(group, member.member_id)
        if group.state is ClassicState.DEAD:
            return NOTHING
        if not group.elect_joined_leader() and group.members:
            # Nobody came but whoever may stay away: wait once more.
            self._await_joins(group)
            return NOTHING
        group.begin_generation(self._groups.now_ms)
        if group.is_empty:
            # What is in memory holds whether it can be written or not.
            return Outcome(records=(group.record({}),), appended=_ignored)
        self._tell_joined(group)
        return NOTHING

    def _tell_joined(self, group: ClassicGroup) -> None:
        for member in group.all_members:
            members = group.members_for_leader() if member.member_id == group.leader else ()
            member.answer_join(group.joined(member.member_id, leader=group.leader, members=members))
            self.expect_heartbeat(group, member)
            member.is_new = False
            group.pending_syncs[member.member_id] = None
        group_id, generation_id = group.group_id, group.generation_id
        self._ground.schedule(
            _sync_timer(group_id),
            group.rebalance_timeout_ms * MILLISECOND_US,
            lambda: self._syncs_expired(group_id, generation_id),
        )

    # -- syncs ---------------------------------------------------------------------------------------------------------

    def note_sync(self, group: ClassicGroup, member_id: str) -> None:
        """A member asked for its assignment."""
        group.pending_syncs.pop(member_id, None)
        if group.state not in _STATES_WITH_GENERATION or not group.pending_syncs:
            self._ground.cancel(_sync_timer(group.group_id))

    def _syncs_expired(self, group_id: str, generation_id: int) -> Outcome:
        group = self._groups.classic(group_id)
        is_meant = group is not None and group.generation_id == generation_id and group.state in _STATES_WITH_GENERATION
        if group is None or not is_meant or not group.pending_syncs:
            return NOTHING
        for member_id in tuple(group.pending_syncs):
            group.remove(member_id)
            self.cancel_heartbeat(group, member_id)
        return self.prepare(group)

    def refuse_syncs(self, group: ClassicGroup, code: Code) -> None:
        """Whatever was assigned holds no more."""
        for member in group.all_members:
            member.assignment = b""
            self._answer_sync(group, member, SyncGroupResponse(error_code=code))

    def assign(self, group: ClassicGroup, assignments: dict[str, bytes]) -> None:
        """Give every member what it is assigned, if it asked."""
        for member in group.all_members:
            member.assignment = assignments.get(member.member_id, b"")
            response = SyncGroupResponse(
                protocol_type=group.protocol_type, protocol_name=group.protocol_name, assignment=member.assignment
            )
            self._answer_sync(group, member, response)
        group.move(ClassicInput.ASSIGNED, self._groups.now_ms)

    def _answer_sync(self, group: ClassicGroup, member: ClassicMember, response: SyncGroupResponse) -> None:
        if member.answer_sync(response):
            self.expect_heartbeat(group, member)

    # -- signs of life -------------------------------------------------------------------------------------------------

    def expect_heartbeat(self, group: ClassicGroup, member: ClassicMember) -> None:
        """Count a member's session from now."""
        self.expect_within(group, member.member_id, member.session_timeout_ms * MILLISECOND_US)

    def expect_within(self, group: ClassicGroup, member_id: str, timeout_us: int) -> None:
        """Miss whoever has that id, a member or not yet, after that time."""
        group_id = group.group_id
        self._ground.schedule(
            _heartbeat_timer(group_id, member_id), timeout_us, lambda: self._session_expired(group_id, member_id)
        )

    def cancel_heartbeat(self, group: ClassicGroup, member_id: str) -> None:
        """Miss it no more."""
        self._ground.cancel(_heartbeat_timer(group.group_id, member_id))

    def _session_expired(self, group_id: str, member_id: str) -> Outcome:
        group = self._groups.classic(group_id)
        if group is None or group.state is ClassicState.DEAD:
            return NOTHING
        if member_id in group.pending_members:
            group.remove(member_id)
            return self._complete_after_removal(group)
        member = group.members.get(member_id)
        if member is None or member.is_satisfying_heartbeat:
            return NOTHING
        self.remove_member(group, member)
        if group.state in _STATES_WITH_GENERATION:
            return self.prepare_or_complete(group)
        return self._complete_after_removal(group)

    def _complete_after_removal(self, group: ClassicGroup) -> Outcome:
        is_awaiting = group.state is ClassicState.PREPARING_REBALANCE
        return self.complete(group) if is_awaiting and group.have_all_joined else NOTHING

    def remove_member(self, group: ClassicGroup, member: ClassicMember) -> None:
        """Let a member be gone; what it waits for will not come."""
        self.cancel_heartbeat(group, member.member_id)
        member.answer_join(refused_join(Code.UNKNOWN_MEMBER_ID, ""))
        group.remove(member.member_id)


def _join_timer(group_id: str) -> tuple[str, ...]:
    return "join", group_id


def _sync_timer(group_id: str) -> tuple[str, ...]:
    return "sync", group_id


def _heartbeat_timer(group_id: str, member_id: str) -> tuple[str, ...]:
    return "heartbeat", group_id, member_id


def _ignored(_: Code) -> None:
    return None
