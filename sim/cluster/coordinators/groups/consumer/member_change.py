"""One member's change on its way through the group: its records, the group's epoch, the target, and the member's next step.

Kafka: the three numbered steps of GroupMetadataManager.consumerGroupHeartbeat, which classic members of such a group take too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_ASSIGNED
from sim.cluster.coordinators.groups.consumer.assignors import DEFAULT_ASSIGNOR
from sim.cluster.coordinators.groups.consumer.group_subscriptions import all_topics, regexes_of, topics_of
from sim.cluster.coordinators.groups.consumer.member_state import MemberState
from sim.cluster.coordinators.groups.consumer.reconciliation import Reconciliation
from sim.cluster.coordinators.groups.consumer.record_kinds import (
    current_record,
    epoch_record,
    member_record,
    partition_metadata_tombstone,
)
from sim.cluster.coordinators.groups.consumer.regular_expression_refresh import RegexChange
from sim.cluster.coordinators.groups.consumer.target_assignment import new_target
from sim.cluster.coordinators.groups.consumer.timing import timing_of
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.regular_expression_refresh import RegularExpressionRefresh
    from sim.cluster.coordinators.groups.consumer.sessions import Sessions
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground


class MemberChanges:
    """What every change stands on."""

    def __init__(
        self, ground: Ground, topics: Topics, sessions: Sessions, regular_expressions: RegularExpressionRefresh
    ) -> None:
        self.broker = ground.broker
        self.topics = topics
        self.sessions = sessions
        self.regular_expressions = regular_expressions

    def begin(
        self,
        group: ConsumerGroup,
        before: ConsumerMember,
        after: ConsumerMember,
        records: list[CoordinatorRecord],
    ) -> MemberChange:
        """Begin with a member as it was and as it is to be. The caller writes `records`, in the end."""
        return MemberChange(self, group, before, after, records)


class MemberChange:
    """One of them. The steps are taken in the order in which they stand here."""

    def __init__(
        self,
        shared: MemberChanges,
        group: ConsumerGroup,
        before: ConsumerMember,
        after: ConsumerMember,
        records: list[CoordinatorRecord],
    ) -> None:
        self._shared = shared
        self._group = group
        self._before = before
        self._after = after
        self._records = records
        self._now_ms = shared.broker.now_ms
        self._members = group.members
        replaced = group.static_member(after.instance_id)
        if replaced is not None:
            # Under whichever id the instance is known: it is the same one.
            self._members.pop(replaced.member_id, None)
        self._members[after.member_id] = after
        self.has_new_subscription = False
        self.group_epoch = group.epoch.get().epoch
        self._target_epoch = group.target_epoch.get().epoch
        self._target: Assignment = NOTHING_ASSIGNED

    def subscribe(self, *, counts_unresolved: bool = False, may_describe: Callable[[str], bool] | None = None) -> None:
        """Write the member if it changed, and count the group on if what it reads did, or if the topics did.

        A regular expression counts once it is resolved, or at once with `counts_unresolved`; it matches what `may_describe` says.
        """
        group, before, after = self._group, self._before, self._after
        has_new_names = before.topic_names != after.topic_names
        if before != after:
            self._records.append(member_record(group.group_id, after))
        change = self._shared.regular_expressions.change(
            group, before, after, self._members, self._records, may_describe
        )
        self.has_new_subscription = has_new_names or change is not RegexChange.NONE
        is_counted = (
            has_new_names or change is RegexChange.RESOLVED or (counts_unresolved and self.has_new_subscription)
        )
        if is_counted or group.are_topics_to_be_looked_at:
            self._count_on(is_counted=is_counted)

    def _count_on(self, *, is_counted: bool) -> None:
        group = self._group
        members = self._members.values()
        left = regexes_of(members)
        resolved = {regex: found for regex, found in group.resolved.items() if regex in left}
        metadata_hash = self._shared.topics.metadata_hash(all_topics(members, resolved))
        if is_counted or metadata_hash != group.epoch.get().metadata_hash:
            self.group_epoch += 1
            self._records.append(epoch_record(group.group_id, self.group_epoch, metadata_hash))
        group.topics_seen_in_epoch = self.group_epoch
        if group.has_partition_metadata.get():
            self._records.append(partition_metadata_tombstone(group.group_id))

    def assign(self) -> None:
        """Make a new target for the group's epoch, unless there was one just now; then a later heartbeat does."""
        group, after = self._group, self._after
        if self._target_epoch >= self.group_epoch or not self._may_assign():
            self.keep_target()
            return
        assignor = group.preferred_assignor(self._members.values()) or DEFAULT_ASSIGNOR
        found, records = new_target(
            group, self._members, self._shared.topics, assignor=assignor, epoch=self.group_epoch, now_ms=self._now_ms
        )
        self._records.extend(records)
        self._target_epoch, self._target = self.group_epoch, found[after.member_id]

    def _may_assign(self) -> bool:
        interval_us = timing_of(self._shared.broker, self._group.group_id).assignment_interval_us
        last_ms = self._group.target_epoch.get().timestamp_ms
        return not last_ms or not interval_us or (self._now_ms - last_ms) * MILLISECOND_US >= interval_us

    def keep_target(self) -> None:
        """Go by the target that there is."""
        group, after = self._group, self._after
        known = group.static_member(after.instance_id)
        if known is not None:
            self._target = group.target_of(known.member_id)
        elif after.instance_id is None:
            self._target = group.target_of(after.member_id)

    def reconcile(self, claimed: Assignment | None) -> ConsumerMember:
        """Take the member's next step towards the target; `claimed` is what it says it owns. Gives it as it is then."""
        member = self._after
        if member.is_reconciled_to(self._target_epoch) and not self.has_new_subscription:
            return member
        step = Reconciliation(
            self._target,
            target_epoch=self._target_epoch,
            subscribed=self._shared.topics.ids_of(topics_of(member, self._group.resolved)),
            owned=self._group.owned(),
            claimed=claimed,
        )
        reached = step.step(member, has_new_subscription=self.has_new_subscription)
        if reached != member:
            self._records.append(current_record(self._group.group_id, reached))
            if reached.classic is None:
                self._limit(reached)
        return reached

    def _limit(self, member: ConsumerMember) -> None:
        group_id = self._group.group_id
        if member.state is MemberState.UNREVOKED_PARTITIONS:
            self._shared.sessions.limit_revocation(group_id, member)
        else:
            self._shared.sessions.end_revocation(group_id, member.member_id)
