"""ConsumerGroupHeartbeat: somebody joins, changes what it reads, says what it owns, and is told what to have.

Kafka: GroupMetadataManager.consumerGroupHeartbeat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages import consumer_group_heartbeat as messages
from sim.cluster.coordinators.groups.classic_group import ClassicGroup
from sim.cluster.coordinators.groups.consumer.assignment import is_owned, without_epochs
from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
from sim.cluster.coordinators.groups.consumer.departures import check_instance, known_static_member
from sim.cluster.coordinators.groups.consumer.member import (
    JOINING_EPOCH,
    LEFT_EPOCH,
    LEFT_FOR_A_WHILE_EPOCH,
    ConsumerMember,
)
from sim.cluster.coordinators.groups.consumer.record_kinds import (
    current_record,
    member_record,
    member_tombstones,
    target_record,
)
from sim.cluster.coordinators.groups.consumer.timing import timing_of
from sim.cluster.coordinators.groups.member_ids import new_uuid, uuid_text
from sim.cluster.coordinators.shard import CoordinatorError, Outcome
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.classic_member import Caller
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.departures import ConsumerDepartures
    from sim.cluster.coordinators.groups.consumer.member_change import MemberChanges
    from sim.cluster.coordinators.groups.consumer.sessions import Sessions
    from sim.cluster.coordinators.groups.consumer.upgrade import Upgrade
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground

    Request = messages.ConsumerGroupHeartbeatRequest


class Heartbeats:
    """Answers ConsumerGroupHeartbeat."""

    def __init__(
        self,
        ground: Ground,
        groups: Groups,
        *,
        changes: MemberChanges,
        sessions: Sessions,
        departures: ConsumerDepartures,
        upgrade: Upgrade,
    ) -> None:
        self._ground = ground
        self._groups = groups
        self._changes = changes
        self._sessions = sessions
        self._departures = departures
        self._upgrade = upgrade
        self._config = ground.broker.config

    def heartbeat(self, caller: Caller, wanted: Request) -> Outcome:
        """Take a heartbeat. Raises CoordinatorError for who has to come again, or may not come."""
        if wanted.member_epoch in {LEFT_EPOCH, LEFT_FOR_A_WHILE_EPOCH}:
            return self._departures.leave(wanted)
        records: list[CoordinatorRecord] = []
        group = self._group(wanted, records)
        check_room(group, wanted.member_id, self._config.group_consumer_max_size)
        member_id = wanted.member_id or uuid_text(new_uuid(self._ground))
        claimed = _claimed(wanted)
        if wanted.instance_id is None:
            before = self._dynamic(group, member_id, wanted, claimed)
        else:
            before = self._static(group, member_id, wanted, claimed, records)
        change = self._changes.begin(group, before, _updated(before, caller, wanted), records)
        change.subscribe(may_describe=caller.may_describe)
        change.assign()
        member = change.reconcile(claimed)
        self._sessions.expect_heartbeat(group.group_id, member)
        is_told = wanted.member_epoch == JOINING_EPOCH or _is_full(wanted) or member.assigned != before.assigned
        answer = messages.ConsumerGroupHeartbeatResponse(
            member_id=member.member_id,
            member_epoch=member.member_epoch,
            heartbeat_interval_ms=self._heartbeat_interval_ms(group.group_id),
            assignment=_assignment(without_epochs(member.assigned)) if is_told else None,
        )
        return Outcome(answer, tuple(records))

    def _heartbeat_interval_ms(self, group_id: str) -> int:
        return timing_of(self._ground.broker, group_id).heartbeat_interval_us // MILLISECOND_US

    # -- the group -----------------------------------------------------------------------------------------------------

    def _group(self, wanted: Request, records: list[CoordinatorRecord]) -> ConsumerGroup:
        """Give the group: as it is, a new one for who joins, or one made of a classic group."""
        is_joining = wanted.member_epoch == JOINING_EPOCH
        found = self._groups.find(wanted.group_id)
        if isinstance(found, ConsumerGroup):
            return found
        if not is_joining:
            text = f"Consumer group {wanted.group_id} not found."
            if found is not None:
                text = f"Group {wanted.group_id} is not a consumer group."
            raise CoordinatorError(Code.GROUP_ID_NOT_FOUND, text)
        if isinstance(found, ClassicGroup):
            if not found.is_empty:
                return self._upgrade.upgraded(found, records)
            records.extend(found.tombstones())
        # It is there when its records are replayed.
        return ConsumerGroup(wanted.group_id, self._ground.timeline)

    # -- the member ----------------------------------------------------------------------------------------------------

    def _dynamic(
        self, group: ConsumerGroup, member_id: str, wanted: Request, claimed: Assignment | None
    ) -> ConsumerMember:
        member = group.find(member_id)
        if member is None:
            is_joining = wanted.member_epoch == JOINING_EPOCH
            member = ConsumerMember(member_id) if is_joining else group.member(member_id)
        _check_epoch(member, wanted.member_epoch, claimed)
        return member

    def _static(
        self,
        group: ConsumerGroup,
        member_id: str,
        wanted: Request,
        claimed: Assignment | None,
        records: list[CoordinatorRecord],
    ) -> ConsumerMember:
        instance_id = wanted.instance_id or ""
        if wanted.member_epoch != JOINING_EPOCH:
            member = known_static_member(group, instance_id)
            check_instance(member, member_id)
            _check_epoch(member, wanted.member_epoch, claimed)
            return member
        known = group.static_member(instance_id)
        if known is None:
            return group.find(member_id) or ConsumerMember(member_id)
        if known.classic is None and known.member_epoch != LEFT_FOR_A_WHILE_EPOCH:
            text = (
                f"Static member {member_id} with instance id {instance_id} cannot join the group "
                f"because the instance id is owned by {known.member_id} member."
            )
            raise CoordinatorError(Code.UNRELEASED_INSTANCE_ID, text)
        return replace_static(group, known, member_id, records)


def replace_static(
    group: ConsumerGroup, known: ConsumerMember, member_id: str, records: list[CoordinatorRecord]
) -> ConsumerMember:
    """Let a static member go on under another id, with all that it has. Its timers run on, and find nobody."""
    member = known._replace(member_id=member_id, member_epoch=JOINING_EPOCH, previous_epoch=JOINING_EPOCH)
    records.extend(member_tombstones(group.group_id, known.member_id))
    records.append(member_record(group.group_id, member))
    records.append(target_record(group.group_id, member_id, group.target_of(known.member_id)))
    records.append(current_record(group.group_id, member))
    return member


def check_room(group: ConsumerGroup, member_id: str, members_max: int) -> None:
    """Raise GROUP_MAX_SIZE_REACHED if the group is full, and that is no member."""
    if len(group.members) >= members_max and group.find(member_id) is None:
        text = f"The consumer group has reached its maximum capacity of {members_max} members."
        raise CoordinatorError(Code.GROUP_MAX_SIZE_REACHED, text)


def _check_epoch(member: ConsumerMember, epoch: int, claimed: Assignment | None) -> None:
    """Raise FENCED_MEMBER_EPOCH unless that is the member's epoch, or the one before with no more than it has now.

    Such a member may not have heard of its new epoch.
    """
    if epoch in {JOINING_EPOCH, member.member_epoch}:
        return
    if epoch == member.previous_epoch and epoch < member.member_epoch and is_owned(member.assigned, claimed):
        return
    than = "greater" if epoch > member.member_epoch else "smaller"
    text = (
        f"The consumer group member has a {than} member epoch ({epoch}) than the one known by the group coordinator "
        f"({member.member_epoch}). The member must abandon all its partitions and rejoin."
    )
    raise CoordinatorError(Code.FENCED_MEMBER_EPOCH, text)


def _updated(member: ConsumerMember, caller: Caller, wanted: Request) -> ConsumerMember:
    """Give the member with what its request says; null is what has not changed."""
    names = wanted.subscribed_topic_names
    regex = wanted.subscribed_topic_regex
    return member._replace(
        instance_id=member.instance_id if wanted.instance_id is None else wanted.instance_id,
        rack_id=member.rack_id if wanted.rack_id is None else wanted.rack_id,
        rebalance_timeout_ms=(
            member.rebalance_timeout_ms if wanted.rebalance_timeout_ms == -1 else wanted.rebalance_timeout_ms
        ),
        server_assignor=member.server_assignor if wanted.server_assignor is None else wanted.server_assignor,
        topic_names=member.topic_names if names is None else tuple(sorted(dict.fromkeys(names))),
        topic_regex=member.topic_regex if regex is None else regex,
        client_id=caller.client_id,
        client_host=caller.client_host,
        classic=None,
    )


def _claimed(wanted: Request) -> Assignment | None:
    """Give what the member says that it owns; None if it does not say."""
    if wanted.topic_partitions is None:
        return None
    return {topic.topic_id: tuple(topic.partitions) for topic in wanted.topic_partitions}


def _is_full(wanted: Request) -> bool:
    """Whether the request says everything, as it does after an error."""
    is_subscription_said = wanted.subscribed_topic_names is not None or wanted.subscribed_topic_regex is not None
    return wanted.rebalance_timeout_ms != -1 and is_subscription_said and wanted.topic_partitions is not None


def _assignment(assigned: Assignment) -> messages.Assignment:
    return messages.Assignment(tuple([messages.TopicPartitions(*topic) for topic in sorted(assigned.items())]))
