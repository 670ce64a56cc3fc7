"""Who takes part in a story of groups beside its faults: members that stand still or die, and one who says what is not so.

A lie of a member changes its words, and so what both judges hear; a bug of a coordinator changes what members are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from producer.errors import Code
from sim.clients.drivers import SimProducer
from sim.clients.group_reader import SimGroupReader
from sim.clients.reader import BEGIN
from sim.cluster.cluster import Cluster
from sim.cluster.coordinators.groups.shard import GroupShard
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.mutants.last_position_forgotten import LAST_POSITION_FORGOTTEN
from sim.mutants.partition_given_before_revoked import PARTITION_GIVEN_BEFORE_REVOKED
from sim.trace.events import CommitAnswered, PartitionAssigned, PartitionGivenUp, PositionFetched
from tests.second_judge.groups.stories import Deed
from tests.second_judge.lies import LIARS, Given, Liar

Says = Callable[[Any], Any]
"""What a member says instead; None for nothing."""

LIES_ONE_IN = 3
ITS_EPOCH = 7


class Lie(NamedTuple):
    """What somebody says that is not so."""

    name: str
    says: Says | None = None
    """A member of a group, of what it was told or did."""
    given: Given | None = None
    """What a reader is given at once, member or not."""
    shard: type[GroupShard] | None = None
    """Stands in for every coordinator's `GroupShard`: a bug of theirs, and no lie."""
    breaks: frozenset[str] = frozenset()
    """Invariants that it may break: the first that breaks is told, and the story goes on."""


def an_earlier_position(event: Any) -> Any:
    return event._replace(offset=event.offset - 1) if isinstance(event, PositionFetched) and event.offset > 0 else event


def no_position(event: Any) -> Any:
    return event._replace(offset=-1) if isinstance(event, PositionFetched) else event


def a_position_beyond(event: Any) -> Any:
    return event._replace(offset=event.offset + 1) if isinstance(event, PositionFetched) else event


def refused_is_remembered(event: Any) -> Any:
    return event._replace(code=Code.NONE) if isinstance(event, CommitAnswered) else event


def remembered_is_refused(event: Any) -> Any:
    is_lie = isinstance(event, CommitAnswered) and event.code == Code.NONE
    return event._replace(code=Code.UNKNOWN_MEMBER_ID) if is_lie else event


def keeps_what_it_gave_up(event: Any) -> Any:
    return None if isinstance(event, PartitionGivenUp) else event


def always_in_one_epoch(event: Any) -> Any:
    return event._replace(epoch=ITS_EPOCH) if isinstance(event, PartitionAssigned) else event


def of_records(given: Given) -> Given:
    """Lie about what applications wrote, and not about what coordinators did: that lies on the disks."""

    def lies(records: list[Any]) -> list[Any]:
        written = [one for one in records if one.topic != CONSUMER_OFFSETS]
        others = [one for one in records if one.topic == CONSUMER_OFFSETS]
        return [*(given(written) if written else ()), *others]

    return lies


HONEST = Lie("nobody lies")
LIES = (
    Lie("told an earlier position", an_earlier_position),
    Lie("told that there is no position", no_position),
    Lie("told a position beyond", a_position_beyond),
    Lie("says that all it asked for is remembered", refused_is_remembered, breaks=frozenset({"group positions"})),
    Lie("says that what is remembered was refused", remembered_is_refused),
    Lie("says nothing of what it gave up", keeps_what_it_gave_up),
    Lie("says that it has what it has in one epoch", always_in_one_epoch),
    Lie("the coordinator forgets the last position", shard=LAST_POSITION_FORGOTTEN.group_shard),
    Lie(
        "the coordinator gives what is another's",
        shard=PARTITION_GIVEN_BEFORE_REVOKED.group_shard,
        breaks=frozenset({"group owners"}),
    ),
    *[Lie(f"readers are {one.name}", given=of_records(one.given)) for one in LIARS if one.given is not None],
)


def lie_of(number: int) -> Lie:
    """What is not so in the story of that number."""
    return LIES[number // LIES_ONE_IN % len(LIES)] if number % LIES_ONE_IN == 1 else HONEST


class Company:
    """Takes part in one run, as a planted bug does."""

    def __init__(self, lie: Lie, deeds: Sequence[Deed]) -> None:
        self.name = lie.name
        self.liar = Liar(lie.name, given=lie.given)
        self._lie = lie
        self._deeds = deeds
        self.done: list[str] = []
        """What members did, as far as they were there to do it."""

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Wait for the moments at which members stand still or die; brokers tell no lies, though their coordinators may have a bug."""
        self.liar.plant_in_cluster(cluster)
        for broker in cluster.brokers.values():
            if self._lie.shard is not None:
                broker.group_shard_type = self._lie.shard
        for deed in self._deeds:
            cluster.world.call_in(deed.at_us, self._does, cluster, deed)

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Name every record by a header."""
        self.liar.plant_in_producer(producer)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Lie, in the runs in the block."""
        begins, says = SimGroupReader.__init__, self._lie.says

        def joins(member: SimGroupReader, *given: Any, **named: Any) -> None:
            begins(member, *given, **named)
            emit = member._emit

            def tells(event: Any) -> None:
                told = event if says is None else says(event)
                if told is not None:
                    emit(told)

            hands: Any = member
            hands._emit = tells

        hands: Any = SimGroupReader
        hands.__init__ = joins
        try:
            with self.liar.at_work():
                yield
        finally:
            hands.__init__ = begins

    def _does(self, cluster: Cluster, deed: Deed) -> None:
        room: Any = cluster.readers
        member = next((one for one in room._members if one.name == deed.member), None)
        if member is None or member.is_over or deed.member not in cluster.network.hosts:
            return
        self.done.append(deed.what)
        host = cluster.network.host(deed.member)
        if deed.what == "stands still":
            host.pause()
            cluster.world.call_in(deed.lasts_us, host.resume)
            return
        if deed.what == "leaves":
            member.close()
            return
        # Without a word: its coordinator is to find out.
        member.end()
        settings = member._member._settings
        begin = "earliest" if settings.begin_at == BEGIN["earliest"] else "latest"
        next_life = f"{deed.member}b", member.topic, begin, "read_uncommitted", member.group, settings.protocol
        cluster.world.call_in(deed.lasts_us, room.join, *next_life)
