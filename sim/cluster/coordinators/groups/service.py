"""The group coordinator as the handlers of a broker see it: what is checked before any group is looked at, and who asks which shard.

Kafka: GroupCoordinatorService.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.join_group import JoinGroupResponse
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.context import told_as
from sim.cluster.coordinators.groups.consumer.describing import describe_consumer_group
from sim.cluster.coordinators.groups.consumer.request_checks import check_heartbeat
from sim.cluster.coordinators.groups.describing import describe, listed
from sim.cluster.coordinators.groups.shard import GroupShard
from sim.cluster.coordinators.groups.verifying import operation_of_commit, verify
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.coordinators.runtime import CoordinatorRuntime
from sim.cluster.coordinators.shard import CoordinatorError, Identity, Outcome
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.trace.events import OffsetsCompleted
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.wire.messages import consumer_group_describe
    from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
    from producer.wire.messages.describe_groups import DescribedGroup
    from producer.wire.messages.heartbeat import HeartbeatRequest
    from producer.wire.messages.join_group import JoinGroupRequest
    from producer.wire.messages.leave_group import MemberIdentity
    from producer.wire.messages.list_groups import ListedGroup
    from producer.wire.messages.offset_commit import OffsetCommitRequest
    from producer.wire.messages.offset_delete import OffsetDeleteRequest
    from producer.wire.messages.offset_fetch import OffsetFetchRequestGroup, OffsetFetchResponseGroup
    from producer.wire.messages.sync_group import SyncGroupRequest
    from producer.wire.messages.txn_offset_commit import TxnOffsetCommitRequest
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.coordinators.groups.classic_member import Caller, JoinReply, SyncReply
    from sim.cluster.metadata_states import MetadataDelta

    Answer = Callable[[Any], object]
    Refuse = Callable[[Code], object]


class _FirstAnswer:
    """Passes on the first answer, and no other."""

    __slots__ = ("_is_given", "_reply")

    def __init__(self, reply: Callable[[Any], object]) -> None:
        self._reply = reply
        self._is_given = False

    def give(self, response: Any) -> None:
        if not self._is_given:
            self._is_given = True
            self._reply(response)

    def give_if_any(self, response: Any) -> None:
        """An operation is done: what it answers, unless somebody answers later."""
        if response is not None:
            self.give(response)


class GroupCoordinator:
    """One broker's. Each verb calls back: with an answer, or with the code that the client is told."""

    def __init__(self, broker: HostingBroker, shard_type: type[GroupShard] = GroupShard) -> None:
        """`shard_type` is what coordinates the groups of one partition."""
        self._broker = broker
        self._config = broker.config
        self.runtime: CoordinatorRuntime[GroupShard] = CoordinatorRuntime(broker, CONSUMER_OFFSETS, shard_type)

    def partition_of(self, group_id: str) -> int:
        """Give the partition that a group belongs to: of the topic as it is, or as it would be made."""
        known = len(self._broker.image.partitions_of.get(CONSUMER_OFFSETS, {}))
        return partition_for(group_id, known or self._config.offsets_topic_partitions)

    def metadata_changed(self, delta: MetadataDelta) -> None:
        """Act on what the controller decided, after the replicas have."""
        removed = delta.removed_topics
        removed_names = [topic.name for topic in removed]
        if CONSUMER_OFFSETS in removed_names:
            self.runtime.removed()
        self.runtime.apply(delta.partitions)
        if removed:
            self.runtime.write_all(lambda shard: shard.topics_deleted(removed))
        names = frozenset([
            *removed_names,
            *[topic.name for topic in delta.topics],
            *[state.tp.topic for state in delta.partitions],
        ])  # fmt: skip
        if names:
            are_some_new = bool(delta.topics)
            self.runtime.tell_all(lambda shard: shard.consumer_groups.topics_changed(names, are_some_new=are_some_new))

    # -- members -------------------------------------------------------------------------------------------------------

    def join(self, caller: Caller, wanted: JoinGroupRequest, reply: JoinReply) -> None:
        """Join a group; the answer may come when the generation begins."""
        if not wanted.group_id:
            reply(JoinGroupResponse(error_code=Code.INVALID_GROUP_ID, member_id=wanted.member_id))
            return
        session_us = wanted.session_timeout_ms * MILLISECOND_US
        if not self._config.group_min_session_timeout_us <= session_us <= self._config.group_max_session_timeout_us:
            reply(JoinGroupResponse(error_code=Code.INVALID_SESSION_TIMEOUT, member_id=wanted.member_id))
            return
        first = _FirstAnswer(reply)
        self._write(
            wanted.group_id,
            lambda shard: shard.joins.join(caller, wanted, first.give),
            first.give_if_any,
            lambda code: first.give(JoinGroupResponse(error_code=code)),
        )

    def sync(self, wanted: SyncGroupRequest, reply: SyncReply) -> None:
        """Ask for an assignment, or give all; the answer may come when the leader has."""
        if not wanted.group_id:
            reply(SyncGroupResponse(error_code=Code.INVALID_GROUP_ID))
            return
        first = _FirstAnswer(reply)
        self._write(
            wanted.group_id,
            lambda shard: shard.syncs.sync(wanted, first.give),
            first.give_if_any,
            lambda code: first.give(SyncGroupResponse(error_code=code)),
        )

    def heartbeat(self, wanted: HeartbeatRequest, answer: Answer, refuse: Refuse) -> None:
        """Give a sign of life. While the group is loaded that is always well."""
        if not wanted.group_id:
            refuse(Code.INVALID_GROUP_ID)
            return
        self._write(wanted.group_id, lambda shard: shard.departures.heartbeat(wanted), answer, refuse)

    def leave(self, group_id: str, members: tuple[MemberIdentity, ...], answer: Answer, refuse: Refuse) -> None:
        """Let members go."""
        if not group_id:
            refuse(Code.INVALID_GROUP_ID)
            return
        self._write(group_id, lambda shard: shard.departures.leave(group_id, members), answer, refuse)

    def consumer_heartbeat(
        self,
        caller: Caller,
        wanted: ConsumerGroupHeartbeatRequest,
        answer: Answer,
        refuse: Callable[[CoordinatorError], object],
    ) -> None:
        """Take a heartbeat by the consumer protocol; what is refused may have a text."""
        try:
            check_heartbeat(wanted, caller.version)
        except CoordinatorError as error:
            refuse(error)
            return
        self.runtime.write(
            self.partition_of(wanted.group_id),
            lambda shard: shard.consumer_groups.heartbeats.heartbeat(caller, wanted),
            answer=answer,
            refuse=refuse,
        )

    # -- positions -----------------------------------------------------------------------------------------------------

    def commit(self, wanted: OffsetCommitRequest, version: int, answer: Answer, refuse: Refuse) -> None:
        """Commit positions, of partitions that there are."""
        self._write(wanted.group_id, lambda shard: shard.offsets.commit(wanted, version), answer, refuse)

    def fetch(
        self,
        wanted: OffsetFetchRequestGroup,
        answer: Callable[[OffsetFetchResponseGroup], object],
        refuse: Callable[[CoordinatorError], object],
        *,
        is_stable: bool,
    ) -> None:
        """Tell a group's positions; a stable answer waits until all that was written before is committed."""
        partition = self.partition_of(wanted.group_id)
        if is_stable:
            self.runtime.write(
                partition,
                lambda shard: Outcome(shard.offsets.fetch(wanted, is_committed=False)),
                answer=answer,
                refuse=refuse,
            )
            return
        try:
            response = self.runtime.read(partition).offsets.fetch(wanted, is_committed=True)
        except CoordinatorError as error:
            refuse(error)
        else:
            answer(response)

    def commit_in_transaction(
        self, wanted: TxnOffsetCommitRequest, version: int, answer: Answer, refuse: Refuse
    ) -> None:
        """Write positions, of partitions that there are, that count when their transaction commits."""
        if not wanted.group_id:
            refuse(Code.INVALID_GROUP_ID)
            return
        tp = TopicPartition(CONSUMER_OFFSETS, self.partition_of(wanted.group_id))
        verify(
            self._broker,
            tp,
            wanted.transactional_id,
            Identity(wanted.producer_id, wanted.producer_epoch),
            operation_of_commit(version),
            verified=lambda guard: self._write(
                wanted.group_id,
                lambda shard: shard.transactional_commits.commit(wanted, version, guard),
                answer,
                refuse,
            ),
            refuse=lambda code: refuse(told_as(code)),
        )

    def complete_transaction(self, partition: int, producer_id: int, *, committed: bool) -> None:
        """A marker was appended to that partition of `__consumer_offsets`: what the transaction wrote there counts now, or never."""
        ended = self.runtime.marker_appended(partition, producer_id, is_commit=committed)
        if ended:
            broker = self._broker
            positions = tuple([(where.group, *where.place, position.value.offset) for where, position in ended])
            broker.trace.emit(
                OffsetsCompleted(broker.world.now_us, broker.broker_id, partition, producer_id, committed, positions)
            )

    def delete_offsets(self, wanted: OffsetDeleteRequest, answer: Answer, refuse: Refuse) -> None:
        """Let positions be gone."""
        if not wanted.group_id:
            refuse(Code.INVALID_GROUP_ID)
            return
        self._write(wanted.group_id, lambda shard: shard.offsets.delete(wanted), answer, refuse)

    # -- groups --------------------------------------------------------------------------------------------------------

    def describe(self, group_id: str, version: int) -> DescribedGroup:
        """Describe a group by the classic protocol. Raises CoordinatorError if it is not coordinated here."""
        return describe(self.runtime.read(self.partition_of(group_id)).groups, group_id, version)

    def describe_consumer_group(self, group_id: str) -> consumer_group_describe.DescribedGroup:
        """Describe a group by the consumer protocol. Raises CoordinatorError if it is not coordinated here."""
        shard = self.runtime.read(self.partition_of(group_id))
        return describe_consumer_group(shard.groups, shard.consumer_groups.topics, group_id)

    def list_groups(self, states: tuple[str, ...], types: tuple[str, ...]) -> tuple[ListedGroup, ...]:
        """List what is coordinated here. Raises CoordinatorError while some of it is being loaded."""
        shards = self.runtime.read_all()
        groups = [group for shard in shards for group in shard.groups.all(is_committed=True)]
        return listed(groups, states, types)

    def delete_groups(self, group_ids: tuple[str, ...], answer: Answer, refuse: Refuse) -> None:
        """Let groups of one partition be gone; the answer has a result for each."""
        self._write(group_ids[0], lambda shard: shard.delete_groups(group_ids), answer, refuse)

    def _write(self, group_id: str, operation: Callable[[GroupShard], Outcome], answer: Answer, refuse: Refuse) -> None:
        self.runtime.write(
            self.partition_of(group_id), operation, answer=answer, refuse=partial(_refuse_with_code, refuse)
        )


def _refuse_with_code(refuse: Refuse, error: CoordinatorError) -> None:
    refuse(told_as(error.code))
