"""A member of a group: it keeps a consumer reading what the group gives it, and the group's positions where it has read to.

One request to the coordinator is on its way at a time. What is to be given up is committed first, and only then given up; what
is given is read from where the group has come. Kafka: ConsumerCoordinator, CommitRequestManager, with enable.auto.commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.client.backoff import NEVER_US, backoff_us
from producer.errors import Code, PeerError, UnsupportedVersionError, error_code
from producer.wire.codec import encode
from sim.clients.consumer.group.asked import Asked, AskedCommit, AskedPositions, AskedToLeave
from sim.clients.consumer.group.classic import ClassicMembership
from sim.clients.consumer.group.consumer_protocol import ConsumerMembership
from sim.clients.consumer.group.coordinator_link import CoordinatorLink
from sim.clients.consumer.group.membership import Protocol as GroupProtocol
from sim.clients.consumer.group.membership import Question, Reached, Word
from sim.clients.consumer.group.positions import Positions
from sim.clients.consumer.readers import ConsumeError
from sim.clients.consumer.settings import EARLIEST
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.chance import Chance
    from producer.client.requests import Answer
    from producer.records import TopicPartition
    from sim.clients.consumer.consumer import Consumer
    from sim.clients.consumer.group.witness import Witness

REVOKED = "revoked"
LOST = "lost"
"""Why a member has a partition no more: it was asked to give it up, or it was told that it is no member any more."""


class MemberSettings(NamedTuple):
    """How to be a member."""

    group_id: str
    topics: tuple[str, ...]
    protocol: GroupProtocol = "classic"
    """group.protocol."""
    begin_at: int = EARLIEST
    """auto.offset.reset, where the group has no position."""
    commit_interval_us: int = 5 * SECOND_US
    """auto.commit.interval.ms."""
    commits_by_itself: bool = True
    """enable.auto.commit: else the application says what is to be committed, and when (`GroupMember.commit`)."""


class GroupMember:
    """One member. Its consumer advances it; what it may read it tells the consumer."""

    def __init__(
        self, consumer: Consumer, settings: MemberSettings, *, chance: Chance, witness: Witness, now_us: int
    ) -> None:
        """Join as soon as the coordinator is known."""
        self._consumer = consumer
        self._client = consumer.client
        self._settings = settings
        self._chance = chance
        self._witness = witness
        view = self._client.metadata.view
        self._membership: ClassicMembership | ConsumerMembership
        if settings.protocol == "classic":
            self._membership = ClassicMembership(settings.group_id, settings.topics, view)
        else:
            self._membership = ConsumerMembership(settings.group_id, settings.topics, view, chance)
        self._coordinator = CoordinatorLink(self._client, settings.group_id)
        self._positions = Positions(settings.group_id, self._client.metadata.view)
        self._owned: dict[TopicPartition, None] = {}
        self._asking: Asked | None = None
        self._not_before_us = now_us
        self._failures = 0
        self._has_tried_to_commit = False
        self._commit_at_us = now_us + settings.commit_interval_us
        self._metadata_seen = -1
        self._is_leaving = False
        self._is_held = False
        self._to_commit: dict[TopicPartition, int] = {}
        self.has_left = False
        """Whether it was asked to leave, and nothing more is to be said."""
        consumer.accompany(self, settings.topics, now_us)

    @property
    def member_id(self) -> str:
        """Its id in the group; empty before the coordinator gave it one."""
        return self._membership.member_id

    @property
    def owned(self) -> tuple[TopicPartition, ...]:
        """What it has now."""
        return tuple(self._owned)

    @property
    def is_settled(self) -> bool:
        """Whether it is a member and has all that the group wants it to have, and reads it."""
        return (
            self._membership.is_settled
            and self._owned.keys() == dict.fromkeys(self._membership.target).keys()
            and self._positions.are_known(self._owned)
        )

    @property
    def epoch(self) -> int:
        """The generation, or its epoch by the consumer protocol; -1 or 0 for who is no member."""
        return self._membership.epoch

    def leave(self) -> None:
        """Commit what was read, give everything up, and leave the group. Have the consumer advance then."""
        self._is_leaving = True

    # -- an application that polls and commits -------------------------------------------------------------------------

    def hold(self) -> None:
        """The application works on what it was given: until `release` nothing is given up of its own accord, nor joined anew.

        As in a consumer that is not polled: heartbeats go on, and who is told to join again does so when it is polled next.
        """
        self._is_held = self._membership.is_held = True

    def release(self, now_us: int) -> None:
        """The application is done with that. Have the consumer advance then."""
        self._is_held = self._membership.is_held = False
        if self._membership.is_recalled:
            self._membership.is_recalled = False
            self._membership.due_us = min(self._membership.due_us, now_us)

    def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Ask for these to be remembered. Have the consumer advance then; `is_committing` as long as no answer came."""
        self._to_commit = dict(positions)

    @property
    def is_committing(self) -> bool:
        """Whether what `commit` was given has no answer yet."""
        return bool(self._to_commit) or isinstance(self._asking, AskedCommit)

    def rewind(self, now_us: int) -> None:
        """Ask again how far the group has come, and read on from there: what was read since does not count."""
        self._consumer.revoke(self.owned, now_us)
        self._positions.forget(self.owned)

    # -- beside the consumer -------------------------------------------------------------------------------------------

    def advance(self, now_us: int) -> None:
        """Do what is due. The consumer calls this whenever something has come."""
        if self._coordinator.failure is not None:
            name = self._coordinator.failure.error.name
            self._consumer.fail(ConsumeError(f"group {self._settings.group_id!r}: {name}"))
        if self._metadata_seen != self._client.metadata.version and not self._is_held:
            self._metadata_seen = self._client.metadata.version
            if isinstance(self._membership, ClassicMembership):
                self._membership.topics_changed(now_us)
            self._take_up(now_us)
        if (
            self._asking is not None
            or self.has_left
            or now_us < self._not_before_us
            or self._consumer.error is not None
            or (self._is_held and not self._membership.is_settled and not self._to_commit)
        ):
            return
        node_id = self._coordinator.ready(now_us)
        if node_id is not None:
            self._ask(node_id, now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing is received; `NEVER_US` for never."""
        if self._asking is not None or self.has_left or self._consumer.error is not None:
            return NEVER_US
        if now_us < self._not_before_us:
            return self._not_before_us
        due_us = self._due_us(now_us)
        return due_us if due_us > now_us else self._coordinator.deadline_us(now_us)

    def _due_us(self, now_us: int) -> int:
        if self._to_commit:
            return now_us
        if self._is_held:
            return self._membership.due_us if self._membership.is_settled else NEVER_US
        if self._is_leaving or self._leaving() or not self._positions.are_known(self._owned):
            return now_us
        due_us = self._membership.due_us
        if self._uncommitted(self._owned):
            due_us = min(due_us, self._commit_at_us)
        return due_us

    # -- asking --------------------------------------------------------------------------------------------------------

    def _ask(self, node_id: int, now_us: int) -> None:
        if self._to_commit:
            self._commit(node_id, self._to_commit, now_us)
            self._to_commit = {}
            return
        if self._is_held:
            if self._membership.due_us <= now_us:
                self._send(node_id, self._membership.question(self.owned), Asked(self, now_us), now_us)
            return
        leaving = self._leaving()
        if leaving:
            uncommitted = self._uncommitted(leaving)
            if uncommitted and not self._has_tried_to_commit:
                self._has_tried_to_commit = True
                self._commit(node_id, uncommitted, now_us)
                return
            self._give_up(leaving, REVOKED, now_us, self._membership.member_id)
        if self._is_leaving:
            self._send(node_id, self._membership.leaving(), AskedToLeave(self, now_us), now_us)
        elif self._membership.due_us <= now_us:
            self._send(node_id, self._membership.question(self.owned), Asked(self, now_us), now_us)
        elif not self._positions.are_known(self._owned):
            question = self._positions.fetch(self._owned, *self._membership.fetches_as)
            self._send(node_id, question, AskedPositions(self, now_us), now_us)
        elif now_us >= self._commit_at_us:
            self._commit_at_us = now_us + self._settings.commit_interval_us
            uncommitted = self._uncommitted(self._owned)
            if uncommitted:
                self._commit(node_id, uncommitted, now_us)

    def _commit(self, node_id: int, positions: dict[TopicPartition, int], now_us: int) -> None:
        membership = self._membership
        question = self._positions.commit(positions, membership.member_id, membership.epoch)
        for partition, offset in positions.items():
            self._witness.committing(self._positions.commits, partition, offset)
        self._send(node_id, question, AskedCommit(self, now_us, self._positions.commits, positions), now_us)

    def _send(self, node_id: int, question: Question, asked: Asked, now_us: int) -> None:
        body = question.body
        self._asking = asked
        try:
            self._client.links.send(
                node_id,
                question.api,
                lambda version: encode(body, version),
                asker=asked,
                now_us=now_us,
                timeout_us=question.timeout_us,
            )
        except UnsupportedVersionError as error:
            self._asking = None
            self._consumer.fail(ConsumeError(f"group {self._settings.group_id!r}: {error}"))

    # -- what comes back -----------------------------------------------------------------------------------------------

    def told(self, answer: Answer, sent_us: int, now_us: int) -> Reached:
        """The membership's question was answered. Raises PeerError."""
        membership, member_id = self._membership, self._membership.member_id
        reached = membership.take(answer.body, answer.request.version, now_us)
        if reached.word is Word.WELL and membership.is_settled:
            self._witness.heard(membership.member_id, membership.epoch, sent_us)
        if reached.word is Word.FENCED:
            self._give_up(self.owned, LOST, now_us, member_id)
            membership.fenced(now_us)
        self._take_up(now_us)
        return reached

    def told_positions(self, answer: Answer, sent_us: int, now_us: int) -> Reached:
        """The group's positions came, or not. Raises PeerError."""
        code, throttle_time_ms, found = self._positions.fetched(answer.body, answer.request.version)
        for partition, offset in found.items():
            if partition in self._owned:
                self._witness.fetched(partition, offset, sent_us)
        places = self._positions.begin(self._owned, found, self._settings.begin_at)
        self._consumer.assign(places, now_us)
        # A member whose epoch has moved on meanwhile asks again.
        word = Word.WELL if code == Code.NONE else Word.REFIND if code in _ELSEWHERE else Word.AGAIN
        return Reached(word, code, throttle_time_ms=throttle_time_ms)

    def told_commit(self, answer: Answer, commit: int, positions: dict[TopicPartition, int]) -> Reached:
        """Positions are remembered, or not. Raises PeerError."""
        throttle_time_ms, codes = self._positions.committed(answer.body, answer.request.version, positions)
        word = Word.WELL
        for partition, offset in positions.items():
            code = codes.get(partition, Code.UNKNOWN_SERVER_ERROR)
            self._witness.committed(commit, partition, offset, code)
            if code in _ELSEWHERE:
                word = Word.REFIND
        # Whoever may not commit hears by its heartbeat why; what was read is committed with the next, or by the next.
        return Reached(word, throttle_time_ms=throttle_time_ms)

    def commit_lost(self, commit: int, positions: dict[TopicPartition, int]) -> None:
        """Nobody knows whether they are remembered."""
        for partition, offset in positions.items():
            self._witness.committed(commit, partition, offset, Code.NETWORK_EXCEPTION)

    def membership_lost(self, now_us: int) -> None:
        """No answer came to the membership's question."""
        self._membership.lost(now_us)

    def answered(self, answer: Answer, reached: Reached, now_us: int) -> None:
        """Go on by what an answer came to."""
        self._asking = None
        self._client.links.throttle(answer, reached.throttle_time_ms, now_us)
        if reached.word is Word.HOPELESS:
            text = reached.text or error_code(reached.code).name
            self._consumer.fail(ConsumeError(f"group {self._settings.group_id!r}: {text}"))
        if reached.word in (Word.AGAIN, Word.REFIND):
            self._back_off(now_us)
        else:
            self._failures = 0
        if reached.word is Word.REFIND:
            self._coordinator.forget(self._not_before_us)

    def broken(self, answer: Answer, nonsense: PeerError, now_us: int) -> None:
        """The coordinator talks nonsense."""
        self._client.links.break_link(answer.node_id, answer.request.connection, str(nonsense), now_us)
        self.unanswered(now_us)

    def unanswered(self, now_us: int) -> None:
        """No answer came: perhaps another broker coordinates by now."""
        self._asking = None
        self._back_off(now_us)
        self._coordinator.forget(self._not_before_us)

    def _back_off(self, now_us: int) -> None:
        self._failures += 1
        settings = self._client.settings
        pause_us = backoff_us(
            settings.retry_backoff_us, settings.retry_backoff_max_us, self._failures, self._chance
        )  # fmt: skip
        self._not_before_us = now_us + pause_us

    # -- what it has ---------------------------------------------------------------------------------------------------

    def _leaving(self) -> tuple[TopicPartition, ...]:
        target = {} if self._is_leaving else dict.fromkeys(self._membership.target)
        return tuple([partition for partition in self._owned if partition not in target])

    def _take_up(self, now_us: int) -> None:
        """Have what the group gives; it is read once the group's position is known."""
        target = () if self._is_leaving else self._membership.target
        new = [partition for partition in target if partition not in self._owned]
        for partition in new:
            self._owned[partition] = None
            self._witness.assigned(self._membership.member_id, self._membership.epoch, partition)
        if new:
            self._membership.owns(self.owned, now_us)

    def _give_up(self, partitions: tuple[TopicPartition, ...], why: str, now_us: int, member_id: str) -> None:
        self._consumer.revoke(partitions, now_us)
        for partition in partitions:
            del self._owned[partition]
            self._witness.given_up(member_id, partition, why)
        self._positions.forget(partitions)
        self._has_tried_to_commit = False
        self._membership.owns(self.owned, now_us)

    def _uncommitted(
        self, partitions: dict[TopicPartition, None] | tuple[TopicPartition, ...]
    ) -> dict[TopicPartition, int]:
        if not self._settings.commits_by_itself:
            return {}
        return self._positions.uncommitted(partitions, self._consumer.consumed_to())


_ELSEWHERE = (Code.NOT_COORDINATOR, Code.COORDINATOR_NOT_AVAILABLE)
