"""Positions that belong to open transactions: written already, and counted when the transaction commits, or forgotten.

Kafka: OffsetMetadataManager, pendingTransactionalOffsets and openTransactionsByGroup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.coordinators.groups.records import OffsetCommitValue
from sim.cluster.coordinators.timeline import TimelineMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.cluster.coordinators.timeline import Timeline


class Place(NamedTuple):
    """A partition in which a group has a position."""

    topic: str
    partition: int


class PlaceOfGroup(NamedTuple):
    """The same, with the group."""

    group: str
    place: Place


class Position(NamedTuple):
    """How far a group has come, and which record says so."""

    value: OffsetCommitValue
    record_offset: int
    """In the coordinator's log. Of two records about one partition the later one counts, whichever committed later."""


class PendingOffsets:
    """All of one coordinator, by the producer id of their transaction."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._by_producer: dict[int, TimelineMap[PlaceOfGroup, Position]] = {}

    def put(self, producer_id: int, where: PlaceOfGroup, position: Position) -> None:
        """Add a position to a transaction."""
        mine = self._by_producer.get(producer_id)
        if mine is None:
            mine = self._by_producer[producer_id] = TimelineMap(self._timeline)
        mine.put(where, position)

    def forget(self, where: PlaceOfGroup) -> None:
        """A position is gone: no transaction brings it back."""
        for mine in self._by_producer.values():
            mine.remove(where)

    def take(self, producer_id: int) -> tuple[tuple[PlaceOfGroup, Position], ...]:
        """A transaction is over: give what it held, and know nothing of it any more."""
        mine = self._by_producer.pop(producer_id, None)
        held = () if mine is None else tuple(mine.items())
        if mine is not None:
            for where, _ in held:
                mine.remove(where)
        return held

    def has(self, where: PlaceOfGroup) -> bool:
        """Whether some open transaction holds a position there."""
        return any(where in mine for mine in self._by_producer.values())

    def places_of(self, group: str) -> tuple[Place, ...]:
        """Give where open transactions hold positions of a group, each once, in the order in which they came."""
        return tuple(dict.fromkeys([where.place for where in self._all() if where.group == group]))

    def all(self) -> tuple[PlaceOfGroup, ...]:
        """Give where open transactions hold positions, each once."""
        return tuple(dict.fromkeys(self._all()))

    def _all(self) -> Iterator[PlaceOfGroup]:
        for mine in self._by_producer.values():
            # A TimelineMap, of which whoever goes through it gets a copy.
            for where, _ in mine.items():  # noqa: PERF102
                yield where
