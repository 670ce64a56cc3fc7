"""The second judge of groups: by what lies in `__consumer_offsets` on the disks, and by the words of their members. All pairs, by hand.

What a reader is due, the judge of records says; here is only who the reader is. A group is one as long as anybody is in it, and who
is given a partition anew reads it as another one would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from producer.records import TopicPartition
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.trace.events import (
    CommitAnswered,
    GroupMemberBegan,
    GroupMemberHeard,
    GroupMemberLeft,
    PartitionAssigned,
    PartitionGivenUp,
    PositionCommitted,
    PositionFetched,
    ReaderBegan,
    ReaderEnded,
    ReaderMoved,
    RecordRead,
    TopicDeleted,
)
from tests.second_judge import judge
from tests.second_judge.disks import NAME, Line, Log, named
from tests.second_judge.groups.files import NO_POSITION, Place, stored_positions

REMEMBERED = 0
"""Kafka's error code of a position that its coordinator has on the whole ISR."""
PERHAPS_WRITTEN = {
    -1: "unknown server error",
    7: "timed out",
    13: "no answer came",
    15: "not available",
    16: "not coordinator",
}
"""Codes behind which a position may be remembered all the same: the coordinator had written it, or nobody knows."""
NEVER_US = 1 << 62

Pair = tuple[int, int]
"""Events by which each of two members had a partition."""
Told = int | Place
"""Event by which a member was told a position; or the place of what is stored in the end."""


class Files(NamedTuple):
    """What lies on the disks in the end, and what was taken from them; as the judge of records takes it."""

    final: Mapping[TopicPartition, Log]
    removed: list[Log]
    compacted: list[tuple[Line, int]]
    expired: list[tuple[Line, int]]


class Evidence:
    """What clients did and were told, in order, and what lies on the disks."""

    def __init__(self, events: list[Any], files: Files, *, is_settled: bool = True) -> None:
        self.events = events
        self.files = files
        self.is_settled = is_settled
        self.groups = {event.client: event.group for event in events if isinstance(event, GroupMemberBegan)}
        """By member."""
        self._found: dict[type[Any], list[tuple[int, Any]]] = {}

    def all(self, what: type[Any]) -> list[tuple[int, Any]]:
        if what not in self._found:
            self._found[what] = [(number, event) for number, event in enumerate(self.events) if isinstance(event, what)]
        return self._found[what]

    def staying(self) -> list[GroupMemberBegan]:
        """Members that have not left in good order."""
        left = [one.client for _, one in self.all(GroupMemberLeft)]
        return [one for _, one in self.all(GroupMemberBegan) if one.client not in left]

    def deleted(self) -> dict[str, int]:
        """Topic -> when it was deleted last, as an event."""
        return {one.topic: number for number, one in self.all(TopicDeleted)}

    def of_records(self, events: Iterable[Any] | None = None, *, whole: bool = True) -> judge.Evidence:
        """Give what the judge of records looks at; of what coordinators wrote only if `whole`, each called by its place."""
        told = [
            _named(one) if isinstance(one, RecordRead) else one for one in (self.events if events is None else events)
        ]
        final, removed, compacted, expired = self.files
        if not whole:
            told = [one for one in told if getattr(one, "topic", "") != CONSUMER_OFFSETS]
            final = {tp: log for tp, log in final.items() if tp.topic != CONSUMER_OFFSETS}
        return judge.Evidence(told, final, removed, compacted, expired)


def _named(read: RecordRead) -> RecordRead:
    if read.topic != CONSUMER_OFFSETS:
        return read
    return read._replace(headers=((NAME, f"{place_name(read.key)}/{read.offset}".encode()),))


def place_name(key: bytes | None) -> str:
    """What stands for who wrote a record of a coordinator: its key, which says whose and where."""
    return f"coordinator of {(key or b'').hex()}"


def two_owners(evidence: Evidence) -> set[Pair]:
    """Two members are given a partition; the first asks after the second has it, and is told that it is a member. Or both had it in
    one epoch.
    """
    found = set()
    deleted = evidence.deleted()
    assigned = [(number, one) for number, one in evidence.all(PartitionAssigned) if number > deleted.get(one.topic, -1)]
    for first, one in assigned:
        for second, other in assigned:
            is_same = (one.group, one.topic, one.partition) == (other.group, other.topic, other.partition)
            if second <= first or not is_same or one.client == other.client:
                continue
            heard = _heard(evidence, first, one)
            is_behind = any(word.sent_us > other.at_us for word in heard)
            its_epochs = {other.epoch, *[word.epoch for word in _heard(evidence, second, other)]}
            if is_behind or its_epochs & {one.epoch, *[word.epoch for word in heard]}:
                found.add((first, second))
    return found


def _heard(evidence: Evidence, number: int, assigned: PartitionAssigned) -> list[GroupMemberHeard]:
    """What a member heard of its coordinator while it had that partition."""
    ends = [
        end
        for what in (PartitionGivenUp, PartitionAssigned)
        for end, one in evidence.all(what)
        if end > number
        and (one.client, one.topic, one.partition) == (assigned.client, assigned.topic, assigned.partition)
    ]
    end = min(ends, default=len(evidence.events))
    return [one for at, one in evidence.all(GroupMemberHeard) if number < at < end and one.client == assigned.client]


class Commit(NamedTuple):
    """A position that a member asked for, and what it was told."""

    offset: int
    asked_us: int
    told_us: int
    code: int


def forgotten(evidence: Evidence) -> set[Told]:
    """Told, or stored, and at no moment meanwhile the last position that a member asked for and was not refused."""
    found: set[Told] = set()
    deleted = evidence.deleted()
    for number, told in evidence.all(PositionFetched):
        place = Place(told.group, TopicPartition(told.topic, told.partition))
        is_right = _may_stand_at(_commits(evidence, place), told.offset, told.sent_us, told.at_us)
        if not is_right and told.topic not in deleted:
            found.add(number)
    if evidence.is_settled:
        stored = stored_positions(evidence.files.final)
        groups = {one.group for _, one in evidence.all(GroupMemberBegan)}
        asked = [
            Place(one.group, TopicPartition(one.topic, one.partition)) for _, one in evidence.all(PositionCommitted)
        ]
        for place in dict.fromkeys([*[place for place in stored if place.group in groups], *asked]):
            offset = stored.get(place, NO_POSITION)
            is_right = _may_stand_at(_commits(evidence, place), offset, NEVER_US, NEVER_US)
            if not is_right and place.where.topic not in deleted:
                found.add(place)
    return found


def _commits(evidence: Evidence, place: Place) -> list[Commit]:
    result = []
    for asked, one in evidence.all(PositionCommitted):
        if Place(one.group, TopicPartition(one.topic, one.partition)) != place:
            continue
        commit = one.client, one.commit, one.topic, one.partition
        answers = [
            answer
            for number, answer in evidence.all(CommitAnswered)
            if number > asked and (answer.client, answer.commit, answer.topic, answer.partition) == commit
        ]
        told_us, code = (answers[0].at_us, answers[0].code) if answers else (NEVER_US, -1)
        result.append(Commit(one.offset, one.at_us, told_us, code))
    return result


def _may_stand_at(commits: list[Commit], offset: int, from_us: int, until_us: int) -> bool:
    """Whether there is an order of all that was asked for, each at some moment from its question to its answer, by which the group
    stands there at some moment between those two.
    """
    over = [one for one in commits if one.code == REMEMBERED and one.told_us < from_us]
    if offset == NO_POSITION:
        return not over
    may_be = [one for one in commits if one.code == REMEMBERED or one.code in PERHAPS_WRITTEN]
    return any(
        one.offset == offset
        and one.asked_us <= until_us
        # Whatever was asked for behind the end of this one, and is over, stands behind it in any order.
        and not any(later.asked_us > (one.told_us if one.code == REMEMBERED else NEVER_US) for later in over)
        for one in may_be
    )


def unread(evidence: Evidence) -> set[Any]:
    """As of any reader: a group is one, of all that its members read, as long as anybody stays in it."""
    staying = evidence.staying()
    groups = [one.group for one in staying]
    told: list[Any] = []
    for event in evidence.events:
        if isinstance(event, GroupMemberBegan) and event in staying:
            told.append(ReaderBegan(event.at_us, _group(event.group), event.topic, event.begin))
        elif isinstance(event, RecordRead | ReaderMoved | ReaderEnded):
            group = evidence.groups.get(event.client)
            if group is None:
                told.append(event)
            elif group in groups:
                told.append(event._replace(client=_group(group)))
        else:
            told.append(event)
    ends = {(one.client, one.topic, one.partition): one for one in told if isinstance(one, ReaderEnded)}
    others = [one for one in told if not isinstance(one, ReaderEnded)]
    return judge.unread(evidence.of_records([*others, *ends.values()]))


def _group(name: str) -> str:
    return f"group {name}"


def read_again(evidence: Evidence) -> set[Any]:
    """As of any reader: a member that is given a partition anew is another one."""
    told: list[Any] = []
    times: dict[tuple[str, str, int], int] = {}
    for event in evidence.events:
        is_reading = isinstance(event, RecordRead | ReaderMoved)
        if is_reading and event.client in evidence.groups:
            place = event.client, event.topic, event.partition
            if isinstance(event, ReaderMoved) and event.why == "begins":
                times[place] = times.get(place, 0) + 1
            told.append(event._replace(client=f"{event.client} for the {times.get(place, 0)}. time"))
        else:
            told.append(event)
    return judge.read_again(evidence.of_records(told))


def dirty_read(evidence: Evidence) -> set[Any]:
    """As of any reader, be it a member or not."""
    return judge.dirty_read(evidence.of_records())


def _of_records(its_judge: Callable[[judge.Evidence], set[Any]]) -> Callable[[Evidence], set[Any]]:
    return lambda evidence: its_judge(evidence.of_records(whole=False))


OF_RECORDS = {name: _of_records(one) for name, one in judge.JUDGES.items()}
OF_GROUPS: dict[str, Callable[[Evidence], set[Any]]] = {"two owners": two_owners, "forgotten": forgotten}
JUDGES: dict[str, Callable[[Evidence], set[Any]]] = {
    **OF_RECORDS,
    "unread": unread,
    "read again": read_again,
    "dirty read": dirty_read,
    **OF_GROUPS,
}
"""By the name of the breach, as the oracle has it."""

__all__ = ["JUDGES", "OF_GROUPS", "Evidence", "Files", "named", "place_name"]
