"""One partition of `__consumer_offsets`: its groups and their positions, put together.

Kafka: GroupCoordinatorShard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.delete_groups import DeletableGroupResult
from producer.wire.messages.join_group import JoinGroupRequestProtocol
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.groups.classic_group import ClassicGroup, refused_join
from sim.cluster.coordinators.groups.classic_member import ClassicMember
from sim.cluster.coordinators.groups.classic_state import ClassicInput
from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
from sim.cluster.coordinators.groups.consumer.consumer_groups import ConsumerGroups
from sim.cluster.coordinators.groups.consumer.replay import replay
from sim.cluster.coordinators.groups.departures import Departures
from sim.cluster.coordinators.groups.joins import Joins
from sim.cluster.coordinators.groups.offsets import Offsets
from sim.cluster.coordinators.groups.rebalances import Rebalances
from sim.cluster.coordinators.groups.record_kinds import GROUP_METADATA, OFFSET_COMMIT, OLD_OFFSET_COMMIT
from sim.cluster.coordinators.groups.registry import Groups
from sim.cluster.coordinators.groups.syncs import Syncs
from sim.cluster.coordinators.groups.transactional_commits import TransactionalCommits
from sim.cluster.coordinators.messages import number_of
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Outcome

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.pending_offsets import PlaceOfGroup, Position
    from sim.cluster.coordinators.groups.records import GroupMetadataKey, GroupMetadataValue
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground
    from sim.cluster.metadata_states import RemovedTopic

_EXPIRY_TIMER = ("expire",)
_NO_TIMEOUT = -1


class GroupShard:
    """What may be asked of one partition's groups."""

    def __init__(self, ground: Ground, groups: Groups | None = None) -> None:
        """`groups` are those that are there before anything is replayed; none of them, mostly."""
        self._ground = ground
        self.groups = Groups(ground) if groups is None else groups
        self.rebalances = Rebalances(ground, self.groups)
        self.offsets = Offsets(ground, self.groups, self.rebalances)
        self.transactional_commits = TransactionalCommits(self.groups, self.offsets)
        self.consumer_groups = ConsumerGroups(ground, self.groups, self.rebalances)
        self.joins = Joins(ground, self.groups, self.rebalances, self.consumer_groups)
        self.syncs = Syncs(self.groups, self.rebalances, self.consumer_groups)
        self.departures = Departures(self.groups, self.rebalances, self.consumer_groups)

    # -- for the runtime -----------------------------------------------------------------------------------------------

    def replay(self, key: bytes, value: bytes | None, producer_id: int = NO_PRODUCER_ID) -> None:
        """Take one record; kinds that are not known here are passed over."""
        number = number_of(key)
        if number in {OFFSET_COMMIT.number, OLD_OFFSET_COMMIT.number}:
            read_value = None if value is None else OFFSET_COMMIT.read_value(value)
            self.offsets.replay(OFFSET_COMMIT.read_key(key), read_value, producer_id)
        elif number == GROUP_METADATA.number:
            self._replay_group(
                GROUP_METADATA.read_key(key), None if value is None else GROUP_METADATA.read_value(value)
            )
        else:
            replay(self.groups, number, key, value)

    def end_transaction(self, producer_id: int, *, is_commit: bool) -> tuple[tuple[PlaceOfGroup, Position], ...]:
        """Let the positions that a transaction held count, or forget them. Gives them."""
        return self.offsets.end_transaction(producer_id, is_commit=is_commit)

    def _replay_group(self, key: GroupMetadataKey, value: GroupMetadataValue | None) -> None:
        if value is None:
            self.groups.remove(key.group)
            return
        group = ClassicGroup.from_record(key.group, value, self.groups.now_ms)
        leader = group.leader
        for member in value.members:
            has_timeout = member.rebalance_timeout != _NO_TIMEOUT
            group.add(
                ClassicMember(
                    member.member_id,
                    member.group_instance_id,
                    client_id=member.client_id,
                    client_host=member.client_host,
                    rebalance_timeout_ms=member.rebalance_timeout if has_timeout else member.session_timeout,
                    session_timeout_ms=member.session_timeout,
                    protocol_type=value.protocol_type,
                    protocols=(JoinGroupRequestProtocol(value.protocol or "", member.subscription),),
                    assignment=member.assignment,
                ),
                None,
            )
        group.leader = leader or group.leader
        group.learn_subscription()
        self.groups.put(group)

    def loaded(self) -> None:
        """Count every member's session from now, and look from time to time for what is unused."""
        for group in self.groups.all():
            if isinstance(group, ClassicGroup):
                for member in group.all_members:
                    self.rebalances.expect_heartbeat(group, member)
                if len(group.members) > self._ground.broker.config.group_max_size:
                    self.rebalances.prepare(group)
            elif isinstance(group, ConsumerGroup):
                self.consumer_groups.loaded(group)
        self._expire_later()

    def unloaded(self) -> None:
        """Whoever waits for a generation, or for an assignment, asks another broker."""
        for group in self.groups.all():
            if isinstance(group, ClassicGroup):
                group.move(ClassicInput.UNLOADED, self.groups.now_ms)
                for member in group.all_members:
                    member.answer_join(refused_join(Code.NOT_COORDINATOR, member.member_id))
                    member.answer_sync(SyncGroupResponse(error_code=Code.NOT_COORDINATOR))

    # -- groups that go ------------------------------------------------------------------------------------------------

    def delete_groups(self, group_ids: tuple[str, ...]) -> Outcome:
        """Let groups without members be gone, with their positions; each has an answer of its own."""
        records: list[CoordinatorRecord] = []
        told = []
        for group_id in group_ids:
            code = Code.NONE
            try:
                group = self.groups.get(group_id)
                group.check_delete()
                records.extend(self.offsets.tombstones_of(group_id))
                records.extend(group.tombstones())
            except CoordinatorError as error:
                code = error.code
            told.append(DeletableGroupResult(group_id, code))
        return Outcome(tuple(told), tuple(records))

    def topics_deleted(self, removed: tuple[RemovedTopic, ...]) -> Outcome:
        """Let positions in topics that are gone be gone."""
        return Outcome(records=self.offsets.tombstones_of_topics(removed), is_atomic=False)

    def _expire_later(self) -> None:
        self._ground.schedule(
            _EXPIRY_TIMER, self._ground.broker.config.offsets_retention_check_interval_us, self._expire
        )

    def _expire(self) -> Outcome:
        """Let positions that nobody uses be gone, and groups that have nothing left (GroupCoordinatorShard.cleanupGroupMetadata)."""
        self._expire_later()
        records: list[CoordinatorRecord] = []
        for group in self.groups.all():
            if self.offsets.expired(group, records) and group.is_empty:
                records.extend(group.tombstones())
        return Outcome(records=tuple(records), is_atomic=False)
