"""Group positions: what a member was told is remembered is committed in `__consumer_offsets`, and nothing is that nobody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.invariants.group_records import GroupRecords
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import CommitAnswered, GroupMemberBegan, HighWatermarkAdvanced, OffsetsGiven, PositionCommitted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.judges.invariants.chronicle import Chronicle

Place = tuple[str, str, int]
"""A group, a topic and a partition."""


class GroupPositions(Invariant):
    """Knows every position that was ever committed, and every one that a member asked for.

    Of groups whose members tell what they ask for: who sends requests by hand tells nothing.
    """

    NAME = "group positions"
    PROMISE = (
        "a position that a member was told is remembered is committed in __consumer_offsets, and every one that is "
        "committed there was asked for"
    )

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._records = GroupRecords(chronicle)
        self._groups: dict[str, None] = {}
        self._asked: dict[Place, dict[int, None]] = {}
        self._remembered: dict[Place, dict[int, None]] = {}

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            GroupMemberBegan: self._begins,
            PositionCommitted: self._asks,
            OffsetsGiven: self._gives,
            CommitAnswered: self._told,
            HighWatermarkAdvanced: self._advanced,
        }

    def _begins(self, event: GroupMemberBegan) -> None:
        self._groups[event.group] = None

    def _asks(self, event: PositionCommitted) -> None:
        self._asked.setdefault((event.group, event.topic, event.partition), {})[event.offset] = None

    def _gives(self, event: OffsetsGiven) -> None:
        for topic, partition, offset in event.positions:
            self._asked.setdefault((event.group, topic, partition), {})[offset] = None

    def _told(self, event: CommitAnswered) -> None:
        place = (event.group, event.topic, event.partition)
        if event.code == Code.NONE and event.offset not in self._remembered.get(place, {}) and self._are_whole():
            self.breach(
                f"{event.client} is told that offset {event.offset} of {event.topic}-{event.partition} is remembered for "
                f"group {event.group}, and nothing of the kind is committed"
            )

    def _are_whole(self) -> bool:
        """Whether no partition of `__consumer_offsets` has lost anything."""
        return all(
            self._records.are_whole(state.tp) for state in self.chronicle.states() if state.tp.topic == CONSUMER_OFFSETS
        )

    def _advanced(self, event: HighWatermarkAdvanced) -> None:
        if event.topic == CONSUMER_OFFSETS:
            self._read(TopicPartition(event.topic, event.partition))

    def look(self) -> None:
        for state in self.chronicle.states():
            self._read(state.tp)

    def _read(self, tp: TopicPartition) -> None:
        for records in self._records.new(tp):
            for number, key, value in records:
                if number == OFFSET_COMMIT.number and value is not None:
                    self._take(key, value)

    def _take(self, key: bytes, value: bytes) -> None:
        named = OFFSET_COMMIT.read_key(key)
        place = (named.group, named.topic, named.partition)
        offset: int = OFFSET_COMMIT.read_value(value).offset
        if named.group in self._groups and offset not in self._asked.get(place, {}):
            self.breach(
                f"group {named.group} has offset {offset} of {named.topic}-{named.partition}: nobody asked for that"
            )
        self._remembered.setdefault(place, {})[offset] = None
