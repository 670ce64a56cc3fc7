"""The classic protocol: join, be told the generation, be assigned by its leader; give everything up before the next one.

Kafka: AbstractCoordinator and ConsumerCoordinator with the range assignor, which rebalances eagerly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.backoff import NEVER_US
from producer.errors import Code, MalformedError
from producer.records import TopicPartition
from producer.transitions import Symbol, move
from producer.wire.api import ApiKey
from producer.wire.codec import decode
from producer.wire.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from producer.wire.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from producer.wire.messages.leave_group import LeaveGroupRequest, MemberIdentity
from producer.wire.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from sim.clients.consumer.group.membership import NO_EPOCH, Membership, Question, Reached, Word, word_of
from sim.clients.consumer.group.range_assignor import assign
from sim.cluster.coordinators.groups.consumer_protocol import (
    Placed,
    read_assignment,
    read_subscription,
    write_assignment,
    write_subscription,
)
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.client.cluster_view import ClusterView

SESSION_TIMEOUT_US = 45 * SECOND_US
"""session.timeout.ms."""
REBALANCE_TIMEOUT_US = 300 * SECOND_US
"""max.poll.interval.ms: how long the group waits for a member to join again."""
HEARTBEAT_INTERVAL_US = 3 * SECOND_US
"""heartbeat.interval.ms."""
JOIN_LAPSE_US = 5 * SECOND_US
"""How much longer than a rebalance may take an answer to JoinGroup is waited for (JOIN_GROUP_TIMEOUT_LAPSE)."""
RANGE = "range"
_PROTOCOL_TYPE = "consumer"
_SPOKEN = 0
"""The version of the consumers' own words: nothing of the later ones is said."""


class ClassicState(Symbol):
    UNJOINED = "unjoined"
    JOINING = "joining"
    JOINED = "joined"
    """It knows the generation, and has to ask for its assignment, or to give all."""
    SYNCING = "syncing"
    STABLE = "stable"
    BEATING = "beating"
    """Stable, and a heartbeat is on its way."""


class ClassicInput(Symbol):
    ASK = "ask"
    TOLD = "told"
    REBALANCE = "rebalance"


TRANSITIONS: Mapping[tuple[ClassicState, ClassicInput], ClassicState] = {
    (ClassicState.UNJOINED, ClassicInput.ASK): ClassicState.JOINING,
    (ClassicState.UNJOINED, ClassicInput.REBALANCE): ClassicState.UNJOINED,
    (ClassicState.JOINING, ClassicInput.TOLD): ClassicState.JOINED,
    (ClassicState.JOINING, ClassicInput.REBALANCE): ClassicState.UNJOINED,
    (ClassicState.JOINED, ClassicInput.ASK): ClassicState.SYNCING,
    (ClassicState.JOINED, ClassicInput.REBALANCE): ClassicState.UNJOINED,
    (ClassicState.SYNCING, ClassicInput.TOLD): ClassicState.STABLE,
    (ClassicState.SYNCING, ClassicInput.REBALANCE): ClassicState.UNJOINED,
    (ClassicState.STABLE, ClassicInput.ASK): ClassicState.BEATING,
    (ClassicState.STABLE, ClassicInput.REBALANCE): ClassicState.UNJOINED,
    (ClassicState.BEATING, ClassicInput.TOLD): ClassicState.STABLE,
    (ClassicState.BEATING, ClassicInput.REBALANCE): ClassicState.UNJOINED,
}


class ClassicMembership(Membership):
    """A member by the classic protocol. While it is not stable, nothing is its own."""

    def __init__(self, group_id: str, topics: tuple[str, ...], view: ClusterView) -> None:
        """`view` tells a leader how many partitions there are to assign."""
        super().__init__(group_id, topics)
        self._view = view
        self._state = ClassicState.UNJOINED
        self._assigned: tuple[TopicPartition, ...] = ()
        self._assignments: tuple[SyncGroupRequestAssignment, ...] = ()
        self._led_counts: tuple[int, ...] | None = None
        """How many partitions the topics had when it assigned them as the leader; None if another did."""

    @property
    def target(self) -> tuple[TopicPartition, ...]:
        return self._assigned

    @property
    def is_settled(self) -> bool:
        return self._state in (ClassicState.STABLE, ClassicState.BEATING)

    @property
    def fetches_as(self) -> tuple[str | None, int]:
        return None, NO_EPOCH

    def question(self, owned: tuple[TopicPartition, ...]) -> Question:
        asked_in = self._state
        self._feed(ClassicInput.ASK)
        self.due_us = NEVER_US
        if asked_in is ClassicState.UNJOINED:
            assert not owned, f"{self.member_id} joins, and has {owned}"
            return self._join()
        if asked_in is ClassicState.JOINED:
            return self._sync()
        return Question(ApiKey.HEARTBEAT, HeartbeatRequest(self.group_id, self.epoch, self.member_id))

    def _join(self) -> Question:
        subscription = write_subscription(self.topics, _SPOKEN)
        request = JoinGroupRequest(
            self.group_id,
            SESSION_TIMEOUT_US // MILLISECOND_US,
            REBALANCE_TIMEOUT_US // MILLISECOND_US,
            self.member_id,
            protocol_type=_PROTOCOL_TYPE,
            protocols=(JoinGroupRequestProtocol(RANGE, subscription),),
        )
        return Question(ApiKey.JOIN_GROUP, request, REBALANCE_TIMEOUT_US + JOIN_LAPSE_US)

    def _sync(self) -> Question:
        request = SyncGroupRequest(
            self.group_id,
            self.epoch,
            self.member_id,
            protocol_type=_PROTOCOL_TYPE,
            protocol_name=RANGE,
            assignments=self._assignments,
        )
        return Question(ApiKey.SYNC_GROUP, request)

    def take(self, body: bytes, version: int, now_us: int) -> Reached:
        if self._state is ClassicState.JOINING:
            reached = self._take_join(decode(JoinGroupResponse, body, version), now_us)
        elif self._state is ClassicState.SYNCING:
            reached = self._take_sync(decode(SyncGroupResponse, body, version), now_us)
        else:
            reached = self._take_heartbeat(decode(HeartbeatResponse, body, version), now_us)
        if reached.code == Code.UNKNOWN_MEMBER_ID:
            self.member_id = ""
        return reached

    def _take_heartbeat(self, told: HeartbeatResponse, now_us: int) -> Reached:
        word = word_of(told.error_code)
        if word is Word.REJOIN and self.is_held:
            # As long as the others wait for it, it is a member with all that it has.
            self.is_recalled = True
            self._feed(ClassicInput.TOLD)
            self.due_us = now_us + HEARTBEAT_INTERVAL_US
            return Reached(Word.WELL, throttle_time_ms=told.throttle_time_ms)
        if word is Word.REJOIN:
            self._rejoin(now_us)
        elif word is not Word.FENCED:
            self._feed(ClassicInput.TOLD)
            self.due_us = now_us + (HEARTBEAT_INTERVAL_US if word is Word.WELL else 0)
        return Reached(word, told.error_code, throttle_time_ms=told.throttle_time_ms)

    def _take_join(self, told: JoinGroupResponse, now_us: int) -> Reached:
        self.due_us = now_us
        code = told.error_code
        if code == Code.MEMBER_ID_REQUIRED:
            self.member_id = told.member_id
            self._feed(ClassicInput.REBALANCE)
            return Reached(Word.WELL, throttle_time_ms=told.throttle_time_ms)
        word = word_of(code)
        if word is not Word.WELL:
            self._feed(ClassicInput.REBALANCE)
            return Reached(word, code, throttle_time_ms=told.throttle_time_ms)
        self.member_id, self.epoch = told.member_id, told.generation_id
        self._led_counts, self._assignments = None, ()
        if told.leader == told.member_id:
            self._led_counts = self._counts()
            if not told.skip_assignment:
                self._assignments = self._assign(told)
        self._feed(ClassicInput.TOLD)
        return Reached(word, throttle_time_ms=told.throttle_time_ms)

    def _assign(self, told: JoinGroupResponse) -> tuple[SyncGroupRequestAssignment, ...]:
        subscriptions = {one.member_id: read_subscription(one.metadata).topics for one in told.members}
        topics = dict.fromkeys(topic for wanted in subscriptions.values() for topic in wanted)
        counts = {topic: self._view.partition_count(topic) for topic in topics}
        return tuple([
            SyncGroupRequestAssignment(member, write_assignment([Placed(*one) for one in places], _SPOKEN))
            for member, places in assign(subscriptions, counts).items()
        ])  # fmt: skip

    def _take_sync(self, told: SyncGroupResponse, now_us: int) -> Reached:
        word = word_of(told.error_code)
        if word is Word.WELL:
            self._assigned = _partitions(told)
            self._feed(ClassicInput.TOLD)
            self.due_us = now_us + HEARTBEAT_INTERVAL_US
        elif word is not Word.FENCED:
            self._rejoin(now_us)
        return Reached(word, told.error_code, throttle_time_ms=told.throttle_time_ms)

    def lost(self, now_us: int) -> None:
        if self._state is ClassicState.BEATING:
            self._feed(ClassicInput.TOLD)
            self.due_us = now_us
        else:
            self._rejoin(now_us)

    def owns(self, owned: tuple[TopicPartition, ...], now_us: int) -> None:
        """Of no interest: who joins has given up everything."""

    def topics_changed(self, now_us: int) -> None:
        """Metadata came. A leader that assigned another number of partitions lets everybody join again."""
        if self._state is ClassicState.STABLE and self._led_counts not in (None, self._counts()):
            self._rejoin(now_us)

    def _counts(self) -> tuple[int, ...]:
        return tuple([self._view.partition_count(topic) for topic in self.topics])

    def _rejoin(self, now_us: int) -> None:
        self._feed(ClassicInput.REBALANCE)
        self._assigned = ()
        self.due_us = now_us

    def fenced(self, now_us: int) -> None:
        self._rejoin(now_us)
        self.epoch = NO_EPOCH

    def leaving(self) -> Question:
        members = (MemberIdentity(self.member_id),)
        return Question(ApiKey.LEAVE_GROUP, LeaveGroupRequest(self.group_id, members=members))

    def _feed(self, given: ClassicInput) -> None:
        self._state = move(TRANSITIONS, self._state, given, whose=f"member {self.member_id!r} of {self.group_id}")


def _partitions(told: SyncGroupResponse) -> tuple[TopicPartition, ...]:
    if not told.assignment:
        return ()
    found: dict[TopicPartition, Any] = {
        TopicPartition(topic.topic, partition): None
        for topic in read_assignment(told.assignment).assigned_partitions
        for partition in topic.partitions
    }
    if any(one.partition < 0 for one in found):
        msg = f"SyncGroup assigns {', '.join(map(str, found))}"
        raise MalformedError(msg)
    return tuple(found)
