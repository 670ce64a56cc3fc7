"""A group by the consumer protocol: its epochs, its members, and what each of them shall have.

Kafka: ConsumerGroup, ModernGroup. All of it is what its records say; nothing is changed but by replaying them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_ASSIGNED, places
from sim.cluster.coordinators.groups.consumer.group_subscriptions import all_topics
from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
from sim.cluster.coordinators.groups.consumer.record_kinds import group_tombstones
from sim.cluster.coordinators.groups.group import Committer, Group
from sim.cluster.coordinators.groups.subscriptions import CONSUMER_PROTOCOL_TYPE
from sim.cluster.coordinators.keys import java_hash_order
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.coordinators.timeline import TimelineMap, TimelineValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.regular_expressions import Resolved
    from sim.cluster.coordinators.groups.group import CheckPartition
    from sim.cluster.coordinators.shard import CoordinatorRecord
    from sim.cluster.coordinators.timeline import Timeline

_FIRST_EPOCH = 1
_MEMBERS_COMMIT_SINCE = 9
"""The first OffsetCommit that knows epochs of members."""


class GroupEpoch(NamedTuple):
    """Counts what would change the target: who is a member, what they read, what the topics are."""

    epoch: int = _FIRST_EPOCH
    metadata_hash: int = 0


class TargetEpoch(NamedTuple):
    """For which epoch of the group the target was made, and when; 0 for a time that is not known."""

    epoch: int = _FIRST_EPOCH
    timestamp_ms: int = 0


class ConsumerGroup(Group):
    """One group."""

    type_name = "consumer"

    def __init__(self, group_id: str, timeline: Timeline) -> None:
        """Make an empty one."""
        super().__init__(group_id)
        self.protocol_type = CONSUMER_PROTOCOL_TYPE
        self.epoch: TimelineValue[GroupEpoch] = TimelineValue(timeline, GroupEpoch())
        self.target_epoch: TimelineValue[TargetEpoch] = TimelineValue(timeline, TargetEpoch())
        self.has_partition_metadata: TimelineValue[bool] = TimelineValue(timeline, value=False)
        """Whether an older broker left a record of the topics behind."""
        self._members: TimelineMap[str, ConsumerMember] = TimelineMap(timeline)
        self._targets: TimelineMap[str, Assignment] = TimelineMap(timeline)
        self._resolved: TimelineMap[str, Resolved] = TimelineMap(timeline)
        self.topics_seen_in_epoch: int | None = None
        """In which epoch the topics' metadata was last looked at; None when it has to be looked at anew."""

    # -- members -------------------------------------------------------------------------------------------------------

    @property
    def members(self) -> dict[str, ConsumerMember]:
        """All of them by their ids, in the order in which they came; a copy."""
        return dict(self._members.items())

    def find(self, member_id: str) -> ConsumerMember | None:
        """Give a member; None if it is none."""
        return self._members.get(member_id)

    def member(self, member_id: str) -> ConsumerMember:
        """Give a member. Raises UNKNOWN_MEMBER_ID."""
        found = self._members.get(member_id)
        if found is None:
            raise self._unknown(member_id)
        return found

    def _unknown(self, member_id: str) -> CoordinatorError:
        text = f"Member {member_id} is not a member of group {self.group_id}."
        return CoordinatorError(Code.UNKNOWN_MEMBER_ID, text)

    def static_member(self, instance_id: str | None) -> ConsumerMember | None:
        """Give the static member of that name; None if there is none."""
        if instance_id is None:
            return None
        found = [member for _, member in self._members.items() if member.instance_id == instance_id]
        return found[-1] if found else None

    def put(self, member: ConsumerMember) -> None:
        """Take a member as it is now."""
        self._members.put(member.member_id, member)

    def remove(self, member_id: str) -> None:
        """Let a member be gone."""
        self._members.remove(member_id)

    def owned(self) -> frozenset[tuple[bytes, int]]:
        """Give every topic and partition that some member has, be it one that it has to give up."""
        return frozenset([
            place
            for _, member in self._members.items()
            for owned in (member.assigned, member.revoking)
            for place in places(owned)
        ])  # fmt: skip

    # -- what they shall have ------------------------------------------------------------------------------------------

    @property
    def targets(self) -> dict[str, Assignment]:
        """What each member shall have; a copy."""
        return dict(self._targets.items())

    def target_of(self, member_id: str, *, is_committed: bool = False) -> Assignment:
        """Give what a member shall have."""
        return self._targets.get(member_id, is_committed=is_committed) or NOTHING_ASSIGNED

    def put_target(self, member_id: str, assignment: Assignment | None) -> None:
        """Set what a member shall have; None for one that is gone."""
        if assignment is None:
            self._targets.remove(member_id)
        else:
            self._targets.put(member_id, assignment)

    # -- regular expressions -------------------------------------------------------------------------------------------

    @property
    def resolved(self) -> dict[str, Resolved]:
        """What each regular expression was found to match; a copy."""
        return dict(self._resolved.items())

    def put_resolved(self, regex: str, resolved: Resolved | None) -> None:
        """Set what a regular expression matches; None for one to which nobody is subscribed any more."""
        if resolved is None:
            self._resolved.remove(regex)
        else:
            self._resolved.put(regex, resolved)

    # -- the topics' metadata ------------------------------------------------------------------------------------------

    @property
    def are_topics_to_be_looked_at(self) -> bool:
        """Whether the topics may have changed since, or the epoch in which they were looked at was never written."""
        seen = self.topics_seen_in_epoch
        return seen is None or self.epoch.get().epoch < seen

    # -- as others see it ----------------------------------------------------------------------------------------------

    def committed_members(self) -> tuple[ConsumerMember, ...]:
        """Give the members that readers may see."""
        return tuple([member for _, member in self._members.items(is_committed=True)])

    def preferred_assignor(self, members: Iterable[ConsumerMember]) -> str | None:
        """Give the assignor that most of the members want; None if none of them says."""
        votes: dict[str, int] = {}
        for member in members:
            if member.server_assignor is not None:
                votes[member.server_assignor] = votes.get(member.server_assignor, 0) + 1
        return min(java_hash_order(votes), key=lambda name: -votes[name]) if votes else None

    @property
    def state_name(self) -> str:
        """As readers may see it."""
        members = self.committed_members()
        assigned = self.target_epoch.get(is_committed=True).epoch
        if not members:
            return "Empty"
        if self.epoch.get(is_committed=True).epoch > assigned:
            return "Assigning"
        return "Stable" if all(member.is_reconciled_to(assigned) for member in members) else "Reconciling"

    @property
    def is_empty(self) -> bool:
        return not self.members

    # -- as any group --------------------------------------------------------------------------------------------------

    def check_commit(self, committer: Committer) -> CheckPartition | None:
        epoch = committer.generation_or_epoch
        if epoch < 0 and self.is_empty:
            # Who assigns itself its partitions keeps its offsets here.
            return None
        member = self.member(committer.member_id)
        is_too_old = committer.version < _MEMBERS_COMMIT_SINCE and not committer.is_transactional
        if member.classic is None and is_too_old:
            raise CoordinatorError(Code.UNSUPPORTED_VERSION)
        if epoch == member.member_epoch:
            return None
        if epoch > member.member_epoch:
            raise _stale(member)
        return lambda topic_id, partition: _check_partition(member, epoch, topic_id, partition)

    def check_fetch(self, member: tuple[str | None, int], *, is_committed: bool) -> None:
        member_id, epoch = member
        if member_id is None and epoch < 0:
            # An administrator, or who does not say who it is.
            return
        if member_id is None:
            # Kafka falls over it.
            raise CoordinatorError(Code.UNKNOWN_SERVER_ERROR)
        found = self._members.get(member_id, is_committed=is_committed)
        if found is None:
            raise self._unknown(member_id)
        if found.member_epoch != epoch:
            raise _stale(found)

    def check_delete_offsets(self) -> None:
        """Allow it: what a member reads is refused topic by topic."""

    def check_delete(self) -> None:
        if not self.is_empty:
            raise CoordinatorError(Code.NON_EMPTY_GROUP)

    def is_subscribed_to(self, topic: str) -> bool:
        return topic in all_topics(self.members.values(), self.resolved)

    def expires_since_ms(self, commit_timestamp_ms: int) -> int | None:
        return commit_timestamp_ms

    def tombstones(self) -> tuple[CoordinatorRecord, ...]:
        return self.tombstones_as({})

    def tombstones_as(self, aliases: Mapping[str, str]) -> tuple[CoordinatorRecord, ...]:
        """Give the records that let the group be gone, some of its members under another id."""
        member_ids = tuple([aliases.get(member_id, member_id) for member_id in self.members])
        return group_tombstones(self.group_id, member_ids, tuple(self.resolved))


def _stale(member: ConsumerMember) -> CoordinatorError:
    return CoordinatorError(Code.STALE_MEMBER_EPOCH if member.classic is None else Code.ILLEGAL_GENERATION)


def _check_partition(member: ConsumerMember, epoch: int, topic_id: bytes, partition: int) -> None:
    """Refuse an older epoch, unless the member has had the partition since that one or longer (KIP-1251)."""
    since = member.epoch_of(topic_id, partition)
    if since is None or epoch < since:
        raise _stale(member)
