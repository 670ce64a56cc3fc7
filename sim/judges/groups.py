"""What the members of groups were told: which partitions they had and how long that is certain, and what became of positions.

Every fact is a client's word. What a member has is certain from when it was told until the last time it asked something and was
answered as a member: whoever was fenced meanwhile is told so, whatever it asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from sim.judges.transactions import COMMITTED, NOT_COMMITTED

if TYPE_CHECKING:
    from sim.trace.events import (
        CommitAnswered,
        GroupMemberBegan,
        GroupMemberHeard,
        GroupMemberLeft,
        OffsetsGiven,
        PartitionAssigned,
        PartitionGivenUp,
        PositionCommitted,
        PositionFetched,
        TopicDeleted,
        TransactionEnded,
    )

NOT_YET = -1
_REFUSED = frozenset({
    Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION, Code.REBALANCE_IN_PROGRESS, Code.STALE_MEMBER_EPOCH,
    Code.COORDINATOR_LOAD_IN_PROGRESS, Code.GROUP_ID_NOT_FOUND, Code.UNKNOWN_TOPIC_ID, Code.UNKNOWN_TOPIC_OR_PARTITION,
})  # fmt: skip
"""Codes that are given before anything is written; behind any other a position may be remembered all the same."""

GroupPartition = tuple[str, TopicPartition]
"""A group, and a partition that it reads."""


class Member(NamedTuple):
    """Somebody who reads a topic as a member of a group."""

    client: str
    group: str
    topic: str
    begin: str


@dataclass(slots=True)
class Hold:
    """What one member had, for as long as it had it."""

    client: str
    from_us: int
    event: int
    """Of the word that it has it."""
    epochs: list[int]
    """In which it was told so, in their order."""
    affirmed_us: int = NOT_YET
    """When it asked last what it was answered to as a member."""
    affirmed: int = NOT_YET
    """Event of that answer."""
    given_up: int = NOT_YET
    """Event by which it has it no more."""


@dataclass(slots=True)
class Commit:
    """A position that a member wanted to be remembered."""

    client: str
    offset: int
    sent_us: int
    event: int
    told_us: int = NOT_YET
    told: int = NOT_YET
    """Event of the answer."""
    code: int = NOT_YET
    is_aborted: bool = False
    """Whether it went with a transaction of which nothing counts."""

    @property
    def is_remembered(self) -> bool:
        """Whether its member was told so."""
        return self.code == Code.NONE

    @property
    def is_refused(self) -> bool:
        """Whether it is certain that nothing was written."""
        return self.is_aborted or self.code in _REFUSED


class Fetched(NamedTuple):
    """A position that a member was told."""

    client: str
    offset: int
    """-1 for none."""
    asked_us: int
    told_us: int
    event: int


@dataclass(slots=True)
class GroupHistory:
    """The members of all groups of one run."""

    members: dict[str, Member] = field(default_factory=dict)
    """By client."""
    left: dict[str, None] = field(default_factory=dict)
    """Clients that have left their group in good order."""
    holds: dict[GroupPartition, list[Hold]] = field(default_factory=dict)
    """In the order of their beginnings."""
    commits: dict[GroupPartition, list[Commit]] = field(default_factory=dict)
    """In the order in which they were asked for."""
    fetched: dict[GroupPartition, list[Fetched]] = field(default_factory=dict)
    deleted_topics: dict[str, None] = field(default_factory=dict)
    """Positions in them go with them, and in the next topic of the name begin anew."""
    _holding: dict[str, dict[TopicPartition, Hold]] = field(default_factory=dict)
    _asked: dict[tuple[str, int, TopicPartition], Commit] = field(default_factory=dict)
    _given: dict[tuple[str, int], list[Commit]] = field(default_factory=dict)
    """(client, transaction) -> the positions that it holds."""

    def group_of(self, client: str) -> str | None:
        """Whose member a client is; None for one that reads by itself."""
        member = self.members.get(client)
        return None if member is None else member.group

    @property
    def telling(self) -> dict[str, None]:
        """Groups that somebody commits positions of who tells it: members, and applications with transactions."""
        return {member.group: None for member in self.members.values()} | {group: None for group, _ in self.commits}

    def note_began(self, _: int, event: GroupMemberBegan) -> None:
        """Take that somebody wants to be a member."""
        self.members[event.client] = Member(event.client, event.group, event.topic, event.begin)

    def note_left(self, _: int, event: GroupMemberLeft) -> None:
        """Take that a member is gone in good order."""
        self.left[event.client] = None

    def note_heard(self, number: int, event: GroupMemberHeard) -> None:
        """Take that a member was one when it asked."""
        for hold in self._holding.get(event.client, {}).values():
            hold.affirmed_us, hold.affirmed = event.sent_us, number
            if event.epoch not in hold.epochs:
                hold.epochs.append(event.epoch)

    def note_assigned(self, number: int, event: PartitionAssigned) -> None:
        """Take that a member was given a partition."""
        where = TopicPartition(event.topic, event.partition)
        hold = Hold(event.client, event.at_us, number, [event.epoch])
        self.holds.setdefault((event.group, where), []).append(hold)
        self._holding.setdefault(event.client, {})[where] = hold

    def note_given_up(self, number: int, event: PartitionGivenUp) -> None:
        """Take that a member has a partition no more."""
        hold = self._holding.get(event.client, {}).pop(TopicPartition(event.topic, event.partition), None)
        if hold is not None:
            hold.given_up = number

    def note_committed(self, number: int, event: PositionCommitted) -> None:
        """Take that a member wants a position to be remembered."""
        where = TopicPartition(event.topic, event.partition)
        commit = Commit(event.client, event.offset, event.at_us, number)
        self.commits.setdefault((event.group, where), []).append(commit)
        self._asked[event.client, event.commit, where] = commit

    def note_answered(self, number: int, event: CommitAnswered) -> None:
        """Take what became of that."""
        commit = self._asked[event.client, event.commit, TopicPartition(event.topic, event.partition)]
        commit.told_us, commit.told, commit.code = event.at_us, number, event.code

    def note_given(self, number: int, event: OffsetsGiven) -> None:
        """Take that positions are to be remembered with a transaction."""
        for topic, partition, offset in event.positions:
            commit = Commit(event.client, offset, event.at_us, number)
            self.commits.setdefault((event.group, TopicPartition(topic, partition)), []).append(commit)
            self._given.setdefault((event.client, event.transaction), []).append(commit)

    def note_ended(self, number: int, event: TransactionEnded, transaction: tuple[str, int]) -> None:
        """Take what became of the positions of a transaction."""
        for commit in self._given.get(transaction, ()):
            commit.told_us, commit.told = event.at_us, number
            commit.is_aborted = event.outcome in NOT_COMMITTED
            is_known = event.outcome == COMMITTED
            commit.code = Code.NONE if is_known else event.code or Code.NETWORK_EXCEPTION

    def note_fetched(self, number: int, event: PositionFetched) -> None:
        """Take what a member was told of its group's position."""
        fetched = Fetched(event.client, event.offset, event.sent_us, event.at_us, number)
        where = TopicPartition(event.topic, event.partition)
        self.fetched.setdefault((event.group, where), []).append(fetched)

    def note_topic_deleted(self, _: int, event: TopicDeleted) -> None:
        """Take that a topic is gone, and its positions with it: those of the next of its name are others."""
        self.deleted_topics[event.topic] = None
        facts = (self.holds, self.commits, self.fetched)
        for group, where in [key for fact in facts for key in fact if key[1].topic == event.topic]:
            for fact in facts:
                fact.pop((group, where), None)
