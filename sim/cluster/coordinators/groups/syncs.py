"""SyncGroup of the classic protocol: the leader assigns, and all are told when that is committed.

Kafka: GroupMetadataManager.classicGroupSync.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.context import told_as
from sim.cluster.coordinators.groups.classic_state import ClassicState
from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
from sim.cluster.coordinators.groups.rebalances import NOTHING
from sim.cluster.coordinators.shard import CoordinatorError, Outcome

if TYPE_CHECKING:
    from producer.wire.messages.sync_group import SyncGroupRequest
    from sim.cluster.coordinators.groups.classic_group import ClassicGroup
    from sim.cluster.coordinators.groups.classic_member import SyncReply
    from sim.cluster.coordinators.groups.consumer.consumer_groups import ConsumerGroups
    from sim.cluster.coordinators.groups.rebalances import Rebalances
    from sim.cluster.coordinators.groups.registry import Groups


class Syncs:
    """Answers SyncGroup, at once or when the leader has assigned."""

    def __init__(self, groups: Groups, rebalances: Rebalances, consumer_groups: ConsumerGroups) -> None:
        self._groups = groups
        self._rebalances = rebalances
        self._consumer_groups = consumer_groups

    def sync(self, wanted: SyncGroupRequest, reply: SyncReply) -> Outcome:
        """Take a SyncGroup. The answer is the outcome's, or `reply` is called, also after this. Raises CoordinatorError for who is not in this generation."""
        found = self._groups.find(wanted.group_id)
        if isinstance(found, ConsumerGroup) and not found.is_empty:
            return self._consumer_groups.classic_requests.sync(found, wanted)
        group = self._groups.classic(wanted.group_id)
        if group is None or group.is_empty:
            raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)
        self._check(group, wanted)
        member = group.members[wanted.member_id]
        self._rebalances.note_sync(group, wanted.member_id)
        if group.state is ClassicState.STABLE:
            reply(
                SyncGroupResponse(
                    protocol_type=group.protocol_type, protocol_name=group.protocol_name, assignment=member.assignment
                )
            )
            return NOTHING
        member.sync_reply = reply
        return self._assign(group, wanted) if member.member_id == group.leader else NOTHING

    def _check(self, group: ClassicGroup, wanted: SyncGroupRequest) -> None:
        if group.state is ClassicState.DEAD:
            raise CoordinatorError(Code.COORDINATOR_NOT_AVAILABLE)
        group.check_member(wanted.member_id, wanted.group_instance_id)
        if wanted.generation_id != group.generation_id:
            raise CoordinatorError(Code.ILLEGAL_GENERATION)
        if _differ(wanted.protocol_type, group.protocol_type) or _differ(wanted.protocol_name, group.protocol_name):
            raise CoordinatorError(Code.INCONSISTENT_GROUP_PROTOCOL)
        if group.state is ClassicState.PREPARING_REBALANCE:
            raise CoordinatorError(Code.REBALANCE_IN_PROGRESS)

    def _assign(self, group: ClassicGroup, wanted: SyncGroupRequest) -> Outcome:
        given = {one.member_id: one.assignment for one in wanted.assignments}
        # Whom the leader left out is assigned nothing.
        assignments = {member.member_id: given.get(member.member_id, b"") for member in group.all_members}
        generation_id = wanted.generation_id
        return Outcome(
            records=(group.record(assignments),),
            appended=lambda code: self._assigned(group, generation_id, assignments, code),
        )

    def _assigned(self, group: ClassicGroup, generation_id: int, assignments: dict[str, bytes], code: Code) -> None:
        if group.state is not ClassicState.COMPLETING_REBALANCE or group.generation_id != generation_id:
            # Another generation began meanwhile.
            return
        if code is Code.NONE:
            self._rebalances.assign(group, assignments)
        else:
            self._rebalances.refuse_syncs(group, told_as(code))
            self._rebalances.prepare_or_complete(group)


def _differ(wanted: str | None, known: str | None) -> bool:
    return wanted is not None and known is not None and wanted != known
