"""A group by the classic protocol: its members, its generation, and the protocol that they agree on.

Kafka: ClassicGroup. How it moves from generation to generation is in `rebalances.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.transitions import move
from producer.wire.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.groups.classic_member import ClassicMember
from sim.cluster.coordinators.groups.classic_state import TRANSITIONS, ClassicInput, ClassicState
from sim.cluster.coordinators.groups.group import Committer, Group
from sim.cluster.coordinators.groups.record_kinds import group_record, group_tombstone
from sim.cluster.coordinators.groups.records import GroupMetadataValue
from sim.cluster.coordinators.groups.subscriptions import CONSUMER_PROTOCOL_TYPE, subscribed_topics
from sim.cluster.coordinators.keys import java_hash_order
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.wire.messages.join_group import JoinGroupRequestProtocol
    from sim.cluster.coordinators.groups.classic_member import JoinReply
    from sim.cluster.coordinators.groups.group import CheckPartition
    from sim.cluster.coordinators.shard import CoordinatorRecord

_WITH_MEMBERS = (ClassicState.PREPARING_REBALANCE, ClassicState.COMPLETING_REBALANCE, ClassicState.STABLE)


class ClassicGroup(Group):
    """One group. Its members are in the order in which they came."""

    type_name = "classic"

    def __init__(self, group_id: str, now_ms: int) -> None:
        """Make an empty one."""
        super().__init__(group_id)
        self.protocol_type: str | None = None
        self.state = ClassicState.EMPTY
        self.previous_state = ClassicState.DEAD
        self.state_timestamp_ms: int | None = now_ms
        """Since when it is in this state; None for one that was recorded before that was kept."""
        self.generation_id = 0
        self.protocol_name: str | None = None
        self.leader: str | None = None
        self.members: dict[str, ClassicMember] = {}
        self.static_members: dict[str, str] = {}
        """group.instance.id -> member id."""
        self.pending_members: dict[str, None] = {}
        """Ids that were given, and that nobody has joined with yet."""
        self.pending_syncs: dict[str, None] = {}
        """Members of this generation that have yet to ask for their assignment."""
        self.has_new_member = False
        """Whether somebody joined since the initial rebalance was put off last."""
        self._subscribed: dict[str, None] | None = None

    @classmethod
    def from_record(cls, group_id: str, value: GroupMetadataValue, now_ms: int) -> ClassicGroup:
        """Make what the log says."""
        group = cls(group_id, now_ms)
        group.state = ClassicState.STABLE if value.members else ClassicState.EMPTY
        group.state_timestamp_ms = None if value.current_state_timestamp < 0 else value.current_state_timestamp
        group.generation_id = value.generation
        group.protocol_type = value.protocol_type or None
        group.protocol_name = value.protocol
        group.leader = value.leader
        return group

    @property
    def state_name(self) -> str:
        return self.state.value

    @property
    def is_empty(self) -> bool:
        return self.state is ClassicState.EMPTY

    def move(self, given: ClassicInput, now_ms: int) -> None:
        """Go to the next state."""
        self.previous_state = self.state
        self.state = move(TRANSITIONS, self.state, given, whose=f"group {self.group_id!r}")
        self.state_timestamp_ms = now_ms

    # -- members -------------------------------------------------------------------------------------------------------

    @property
    def all_members(self) -> tuple[ClassicMember, ...]:
        """All of them as they are now, so that whoever goes through them may change them."""
        return tuple(self.members.values())

    @property
    def rebalance_timeout_ms(self) -> int:
        """How long a rebalance may take: the longest that a member wants."""
        return max([0, *[member.rebalance_timeout_ms for member in self.members.values()]])

    @property
    def awaiting_join(self) -> int:
        """How many members have joined the generation to come."""
        return sum(1 for member in self.members.values() if member.is_awaiting_join)

    @property
    def have_all_joined(self) -> bool:
        """Whether nobody is waited for who could still join."""
        return not self.pending_members and all(member.is_awaiting_join for member in self.members.values())

    def add(self, member: ClassicMember, reply: JoinReply | None) -> None:
        """Let somebody be a member, who waits for an answer if there is a `reply`."""
        if member.group_instance_id is not None:
            self.static_members[member.group_instance_id] = member.member_id
        if not self.members:
            self.protocol_type = member.protocol_type
        if self.leader is None:
            self.leader = member.member_id
        self.members[member.member_id] = member
        member.join_reply = reply
        self.pending_members.pop(member.member_id, None)

    def remove(self, member_id: str) -> None:
        """Let a member, or an id that nobody joined with, be gone."""
        member = self.members.pop(member_id, None)
        if member is not None and member.group_instance_id is not None:
            self.static_members.pop(member.group_instance_id, None)
        if self.leader == member_id:
            self.leader = next(iter(self.members), None)
        self.pending_members.pop(member_id, None)
        self.pending_syncs.pop(member_id, None)

    def replace_static(self, group_instance_id: str, old_id: str, new_id: str) -> ClassicMember:
        """Let a static member go on under another id; whoever waits under the old one is fenced."""
        member = self.members.pop(old_id)
        member.answer_join(refused_join(Code.FENCED_INSTANCE_ID, old_id))
        member.answer_sync(SyncGroupResponse(error_code=Code.FENCED_INSTANCE_ID))
        member.member_id = new_id
        member.is_new = False
        self.members[new_id] = member
        if self.leader == old_id:
            self.leader = new_id
        self.static_members[group_instance_id] = new_id
        return member

    def elect_joined_leader(self) -> bool:
        """Let somebody lead who has joined. Returns whether there is one."""
        if self.leader is None:
            return False
        if not self.members[self.leader].is_awaiting_join:
            joined = next((one for one in self.members.values() if one.is_awaiting_join), None)
            if joined is None:
                return False
            self.leader = joined.member_id
        return True

    def check_member(self, member_id: str, group_instance_id: str | None) -> None:
        """Raise CoordinatorError unless that is a member, and the last one of its instance."""
        if group_instance_id is not None:
            known = self.static_members.get(group_instance_id)
            if known is None:
                raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)
            if known != member_id:
                raise CoordinatorError(Code.FENCED_INSTANCE_ID)
        if member_id not in self.members:
            raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)

    # -- protocols -----------------------------------------------------------------------------------------------------

    def supports(self, protocol_type: str, protocols: tuple[JoinGroupRequestProtocol, ...]) -> bool:
        """Whether somebody with these protocols can be a member beside those there are."""
        if self.state is ClassicState.EMPTY:
            return bool(protocol_type and protocols)
        common = self._common_protocols()
        return self.protocol_type == protocol_type and any(one.name in common for one in protocols)

    def _common_protocols(self) -> frozenset[str]:
        """Give the protocols that every member supports."""
        named: dict[str, int] = {}
        supported: dict[str, int] = {}
        for member in self.members.values():
            names = [protocol.name for protocol in member.protocols]
            for name in names:
                named[name] = named.get(name, 0) + 1
            for name in dict.fromkeys(names):
                supported[name] = supported.get(name, 0) + 1
        everybody = len(self.members)
        common = frozenset(name for name, count in supported.items() if count == everybody)
        # Kafka counts a name as often as a member has it, and then does not find it to be one that all have. Where it finds
        # none at all it falls over, and nobody is answered: then one that was named twice will do here.
        return frozenset(name for name in common if named[name] == everybody) or common

    def select_protocol(self) -> str:
        """Give the protocol with the most votes. Among equals Kafka takes the first of a HashMap, and so does this."""
        candidates = self._common_protocols()
        votes: dict[str, int] = {}
        for member in self.members.values():
            wanted = member.vote(candidates)
            votes[wanted] = votes.get(wanted, 0) + 1
        return min(java_hash_order(votes), key=lambda name: -votes[name])

    # -- generations ---------------------------------------------------------------------------------------------------

    def begin_generation(self, now_ms: int) -> None:
        """Count on, with who has joined: one protocol for all, or nobody at all."""
        self.generation_id += 1
        if self.members:
            self.protocol_name = self.select_protocol()
            self.learn_subscription()
            self.move(ClassicInput.JOINED, now_ms)
        else:
            self.protocol_name = None
            self.learn_subscription()
            self.move(ClassicInput.LEFT_EMPTY, now_ms)
        self.pending_syncs.clear()

    def learn_subscription(self) -> None:
        """Note which topics the members read, where that can be known."""
        self._subscribed = None
        if self.protocol_type == CONSUMER_PROTOCOL_TYPE:
            if not self.members:
                self._subscribed = {}
            elif self.protocol_name is not None:
                found = [subscribed_topics(one.metadata_of(self.protocol_name)) for one in self.members.values()]
                if None not in found:
                    self._subscribed = dict.fromkeys([topic for topics in found for topic in topics or ()])

    def members_for_leader(self) -> tuple[JoinGroupResponseMember, ...]:
        """Give what the leader needs to assign."""
        protocol = self.protocol_name
        return () if protocol is None else tuple(member.for_leader(protocol) for member in self.members.values())

    def joined(
        self,
        member_id: str,
        *,
        leader: str | None,
        members: tuple[JoinGroupResponseMember, ...] = (),
        skips_assignment: bool = False,
    ) -> JoinGroupResponse:
        """Give the answer to who is in this generation."""
        return JoinGroupResponse(
            generation_id=self.generation_id,
            protocol_type=self.protocol_type,
            protocol_name=self.protocol_name,
            leader=leader or "",
            skip_assignment=skips_assignment,
            member_id=member_id,
            members=members,
        )

    def record(self, assignments: Mapping[str, bytes]) -> CoordinatorRecord:
        """Write this generation, with what each member is assigned."""
        protocol = self.protocol_name
        members = [member.recorded(protocol or "", assignments[member.member_id]) for member in self.members.values()]
        timestamp_ms = -1 if self.state_timestamp_ms is None else self.state_timestamp_ms
        value = GroupMetadataValue(
            self.protocol_type or "", self.generation_id, protocol, self.leader, timestamp_ms, tuple(members)
        )
        return group_record(self.group_id, value)

    def record_without_members(self) -> CoordinatorRecord:
        """Write that there is a group, of which nothing else is known yet."""
        timestamp_ms = -1 if self.state_timestamp_ms is None else self.state_timestamp_ms
        return group_record(self.group_id, GroupMetadataValue(current_state_timestamp=timestamp_ms))

    # -- as any group --------------------------------------------------------------------------------------------------

    def check_commit(self, committer: Committer) -> CheckPartition | None:
        generation_id = committer.generation_or_epoch
        if self.state is ClassicState.DEAD:
            raise CoordinatorError(Code.COORDINATOR_NOT_AVAILABLE)
        if generation_id < 0 and self.is_empty:
            # Who assigns itself its partitions keeps its offsets here.
            return None
        if generation_id < 0 and not committer.member_id and committer.group_instance_id is None:
            if committer.is_transactional:
                return None
            raise CoordinatorError(Code.UNKNOWN_MEMBER_ID)
        self.check_member(committer.member_id, committer.group_instance_id)
        if generation_id != self.generation_id:
            raise CoordinatorError(Code.ILLEGAL_GENERATION)
        if self.state is ClassicState.COMPLETING_REBALANCE and not committer.is_transactional:
            raise CoordinatorError(Code.REBALANCE_IN_PROGRESS)
        return None

    def check_fetch(self, member: tuple[str | None, int], *, is_committed: bool) -> None:  # noqa: ARG002 - anybody is told
        self._check_not_dead()

    def check_delete_offsets(self) -> None:
        self._check_not_dead()
        if self.state in _WITH_MEMBERS and self.protocol_type != CONSUMER_PROTOCOL_TYPE:
            raise CoordinatorError(Code.NON_EMPTY_GROUP)

    def check_delete(self) -> None:
        self._check_not_dead()
        if self.state in _WITH_MEMBERS:
            raise CoordinatorError(Code.NON_EMPTY_GROUP)

    def _check_not_dead(self) -> None:
        if self.state is ClassicState.DEAD:
            raise CoordinatorError(Code.GROUP_ID_NOT_FOUND, f"Group {self.group_id} is in dead state.")

    def is_subscribed_to(self, topic: str) -> bool:
        if self._subscribed is None:
            return self.protocol_type == CONSUMER_PROTOCOL_TYPE
        return topic in self._subscribed

    def expires_since_ms(self, commit_timestamp_ms: int) -> int | None:
        if self.protocol_type is None:
            return commit_timestamp_ms
        if self.is_empty:
            return commit_timestamp_ms if self.state_timestamp_ms is None else self.state_timestamp_ms
        # A topic that nobody reads any more, in a group that is in use.
        is_known = self.protocol_type == CONSUMER_PROTOCOL_TYPE and self._subscribed is not None
        return commit_timestamp_ms if is_known and self.state is ClassicState.STABLE else None

    def tombstones(self) -> tuple[CoordinatorRecord, ...]:
        return (group_tombstone(self.group_id),)


def refused_join(code: Code, member_id: str) -> JoinGroupResponse:
    """Give the answer to who is not in."""
    return JoinGroupResponse(error_code=code, member_id=member_id)
