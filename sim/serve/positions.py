"""How far groups were told that they have come, and whether that is what is stored: of clients that tell us nothing.

A position is remembered when the answer that says so has left its broker. What was asked for since, and not answered yet, may be
what is stored; what was asked for before may not. Of each group and partition no more is kept than that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code, MalformedError, UnsupportedVersionError
from producer.records import TopicPartition
from producer.wire.end_markers import read_end_marker
from producer.wire.record_batch import decode_records
from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.cluster.metadata_states import NO_LEADER
from sim.trace.events import (
    OffsetCommitAnswered,
    OffsetCommitReceived,
    OffsetFetchAnswered,
    OffsetsCompleted,
    ResponseSent,
    TopicDeleted,
)

if TYPE_CHECKING:
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.cluster import Cluster

OFFSET_COMMIT_API = "OffsetCommit"
NOWHERE = -1
SINCE_MAX = 1_000
"""So many unanswered positions of a group in a partition are told apart; where there are more, it may stand anywhere."""
LOST_MAX = 1_000
"""So many wrong answers are kept; a cluster that loses positions tells of more."""

_REFUSED = frozenset(
    {Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION, Code.STALE_MEMBER_EPOCH, Code.REBALANCE_IN_PROGRESS}
)
"""What a coordinator says before it writes anything."""
_Where = tuple[str, int]
"""A client's address and the number of its connection."""
_Place = tuple[str, TopicPartition]
"""A group and a partition that it reads."""


@dataclass(slots=True)
class _Asked:
    """A position that somebody wanted to be remembered."""

    correlation_id: int
    offset: int
    is_decided: bool = False
    """Whether the coordinator said that it is remembered; its client has yet to hear of it."""


@dataclass(slots=True)
class _Known:
    """One group in one partition."""

    remembered: int | None = None
    """What a client was told last; None for nothing yet."""
    since: list[_Asked] = field(default_factory=list)
    """What was asked for since, in the coordinator's order."""

    is_anywhere: bool = False
    """Whether more was asked for than is told apart."""

    def may_be(self, offset: int) -> bool:
        """Whether the group may stand there."""
        return self.is_anywhere or offset == self.remembered or any(asked.offset == offset for asked in self.since)


class LostPosition(NamedTuple):
    """A group stands elsewhere than a client was told that it does."""

    group: str
    tp: TopicPartition
    remembered: int
    found: int
    """-1 for nowhere."""
    told_to: str
    """Whom an answer told so, by its address; empty for what is stored in the end."""


class Positions:
    """Watches a cluster's trace from the start."""

    def __init__(self, cluster: Cluster) -> None:
        """Look on from now on."""
        self._cluster = cluster
        self._known: dict[_Place, _Known] = {}
        self._asking: dict[_Where, list[tuple[_Place, _Asked]]] = {}
        self.told_wrong: list[LostPosition] = []
        """Stable answers to OffsetFetch, of whoever coordinated by the controller's word, that say something else than was remembered."""
        trace = cluster.trace
        trace.watch(OffsetCommitReceived, self._received)
        trace.watch(OffsetCommitAnswered, self._decided)
        trace.watch(ResponseSent, self._sent)
        trace.watch(OffsetFetchAnswered, self._told)
        trace.watch(OffsetsCompleted, self._completed)
        trace.watch(TopicDeleted, self._deleted)

    @property
    def remembered(self) -> int:
        """In how many partitions a group was told that its position is remembered."""
        return sum(known.remembered is not None for known in self._known.values())

    def gone(self, address: str, connection: int) -> None:
        """A connection is over: what it has not heard it never will."""
        self._asking.pop((address, connection), None)

    # -- what happens --------------------------------------------------------------------------------------------------

    def _received(self, event: OffsetCommitReceived) -> None:
        place = (event.group, TopicPartition(event.topic, event.partition))
        asked = _Asked(event.correlation_id, event.offset)
        known = self._known.setdefault(place, _Known())
        known.since.append(asked)
        if len(known.since) > SINCE_MAX:
            known.since.pop(0)
            known.is_anywhere = True
        where = (event.client, event.connection)
        asking = self._asking.get(where)
        if asking is None or asking[0][1].correlation_id != event.correlation_id:
            # A connection works on one request at a time: the one before is over.
            asking = self._asking[where] = []
        asking.append((place, asked))

    def _decided(self, event: OffsetCommitAnswered) -> None:
        for place, asked in self._asking.get((event.client, event.connection), ()):
            is_meant = place == (event.group, TopicPartition(event.topic, event.partition))
            if is_meant and asked.correlation_id == event.correlation_id:
                asked.is_decided = event.code == Code.NONE
                if event.code in _REFUSED and place in self._known:
                    known = self._known[place]
                    known.since = [one for one in known.since if one is not asked]

    def _sent(self, event: ResponseSent) -> None:
        if event.api != OFFSET_COMMIT_API:
            return
        for place, asked in self._asking.pop((event.client, event.connection), ()):
            known = self._known.get(place)
            if known is None or asked.correlation_id != event.correlation_id or not asked.is_decided:
                continue
            if any(asked is one for one in known.since):
                # Whatever was asked for before is superseded.
                place_in = next(number for number, one in enumerate(known.since) if one is asked)
                known.remembered, known.is_anywhere = asked.offset, False
                del known.since[: place_in + 1]

    def _told(self, event: OffsetFetchAnswered) -> None:
        tp = TopicPartition(event.topic, event.partition)
        known = self._known.get((event.group, tp))
        if not event.is_stable or known is None or known.remembered is None or known.may_be(event.offset):
            # Who wants no stable answer may be told by a new coordinator what its high watermark has come to: less than the
            # old one's, until followers have fetched. So it is in Kafka (CoordinatorRuntime's read operations).
            return
        # Who is no coordinator any more and has yet to hear of it tells what it knew: so does Kafka's.
        is_coordinator = self._cluster.coordinator_of(event.group) == event.broker
        is_given_up = event.offset == NOWHERE and self._stored(event.group, tp) == NOWHERE
        if is_coordinator and not is_given_up and len(self.told_wrong) < LOST_MAX:
            self.told_wrong.append(LostPosition(event.group, tp, known.remembered, event.offset, event.client))

    def _completed(self, event: OffsetsCompleted) -> None:
        """A transaction brought positions: whoever committed it is told elsewhere, and until the next answer they may be anything."""
        for group, topic, partition, _ in event.positions if event.is_commit else ():
            known = self._known.get((group, TopicPartition(topic, partition)))
            if known is not None:
                known.is_anywhere = True

    def _deleted(self, event: TopicDeleted) -> None:
        for place in [place for place in self._known if place[1].topic == event.topic]:
            del self._known[place]

    # -- what is stored ------------------------------------------------------------------------------------------------

    def lost(self) -> tuple[tuple[LostPosition, ...], tuple[TopicPartition, ...]]:
        """Look up every position: those that are not stored, and partitions of `__consumer_offsets` that nobody leads."""
        lost = list(self.told_wrong)
        unread: dict[TopicPartition, None] = {}
        for (group, tp), known in self._known.items():
            if known.remembered is None:
                continue
            if self._log(group) is None:
                unread[self._kept_in(group)] = None
                continue
            found = self._stored(group, tp)
            if found is None:
                lost.append(LostPosition(group, tp, known.remembered, NOWHERE, ""))
            elif found != NOWHERE and not known.may_be(found):
                lost.append(LostPosition(group, tp, known.remembered, found, ""))
        return tuple(lost), tuple(unread)

    def _stored(self, group: str, tp: TopicPartition) -> int | None:
        """What the last record of a group's position says; -1 if that it is gone: an administrator, or time, wanted that.

        None if there is no record. One of a transaction counts when that is committed.
        """
        log = self._log(group)
        ends: dict[int, bool] = {}
        for stored in reversed([] if log is None else log.file.entries):
            header = stored.header
            try:
                if header.is_control:
                    marker = read_end_marker(stored.data)
                    if marker is not None:
                        ends[header.producer_id] = marker.is_commit
                    continue
                if header.is_transactional and not ends.get(header.producer_id, False):
                    continue
                records = decode_records(stored.data)
            except (MalformedError, UnsupportedVersionError):
                continue  # bytes that went bad on the disk
            for record in reversed(records):
                if record.key is None or number_of(record.key) != OFFSET_COMMIT.number:
                    continue
                key = OFFSET_COMMIT.read_key(record.key)
                if (key.group, key.topic, key.partition) == (group, *tp):
                    return NOWHERE if record.value is None else int(OFFSET_COMMIT.read_value(record.value).offset)
        return None

    def _kept_in(self, group: str) -> TopicPartition:
        known = [tp for tp in self._cluster.controller.metadata.partitions if tp.topic == CONSUMER_OFFSETS]
        return TopicPartition(CONSUMER_OFFSETS, partition_for(group, len(known) or 1))

    def _log(self, group: str) -> PartitionLog | None:
        """The log in which a group's positions are, of whoever leads it; None if nobody does."""
        tp = self._kept_in(group)
        state = self._cluster.controller.metadata.partitions.get(tp)
        process = None if state is None or state.leader == NO_LEADER else self._cluster.brokers[state.leader].process
        partition = None if process is None else process.replicas.partitions.get(tp)
        return None if partition is None else partition.log
