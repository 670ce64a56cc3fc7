"""How a run's records are spread over keys and partitions at any of its moments."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from producer.events import RecordAccepted
from sim.judges.history import is_of_services
from sim.trace.events import PartitionsAdded, RecordSent, TopicCreated

Cell = tuple[bytes | None, int]
"""(key, partition)."""


class Load(NamedTuple):
    """What producers put into one topic up to a moment."""

    topic: str
    partitions: int
    """How many there are by then."""
    cells: dict[Cell, int]
    """Records by key and partition."""

    @property
    def records(self) -> int:
        return sum(self.cells.values())

    @property
    def by_partition(self) -> dict[int, int]:
        """Records by partition, those that have none among them."""
        found = dict.fromkeys(range(self.partitions), 0)
        for (_, partition), records in self.cells.items():
            found[partition] = found.get(partition, 0) + records
        return found

    @property
    def by_key(self) -> dict[bytes | None, int]:
        """Records by key, most first; those of one number in the order of their first records."""
        found: dict[bytes | None, int] = {}
        for (key, _), records in self.cells.items():
            found[key] = found.get(key, 0) + records
        return dict(sorted(found.items(), key=lambda one: -one[1]))

    @property
    def skew(self) -> float:
        """Records of the fullest partition over the average, as the report has it: 1 is even; 0 where there are none."""
        records = self.records
        return max(self.by_partition.values()) * self.partitions / records if records else 0.0


class Loads:
    """Those of one trace: for each topic, which event put a record into which cell."""

    __slots__ = ("_cells", "_counts", "_events", "_places")

    def __init__(self, events: Sequence[Any]) -> None:
        keys: dict[tuple[str, int], bytes | None] = {}
        numbers: dict[tuple[str, bytes | None, int], int] = {}
        self._events: dict[str, array[int]] = {}
        self._places: dict[str, array[int]] = {}
        """Beside each event the number of its cell."""
        self._cells: list[Cell] = []
        self._counts: dict[str, list[tuple[int, int]]] = {}
        """By topic: (event, how many partitions there are from it on)."""
        for place, event in enumerate(events):
            kind = type(event)
            if kind is RecordSent:
                keys[event.client, event.record] = event.key
            elif kind is RecordAccepted:
                if is_of_services(event.topic):
                    continue
                key = keys.get((event.client, event.token))
                number = numbers.setdefault((event.topic, key, event.partition), len(self._cells))
                if number == len(self._cells):
                    self._cells.append((key, event.partition))
                self._events.setdefault(event.topic, array("q")).append(place)
                self._places.setdefault(event.topic, array("q")).append(number)
            elif kind is TopicCreated or kind is PartitionsAdded:
                self._counts.setdefault(event.topic, []).append((place, event.partitions))

    def at(self, index: int) -> tuple[Load, ...]:
        """Give the topics to which records went by event `index`, in the order of their first ones."""
        found = []
        for topic, events in self._events.items():
            count = bisect_right(events, index)
            if count:
                cells = {
                    self._cells[number]: records for number, records in Counter(self._places[topic][:count]).items()
                }
                found.append(Load(topic, self._partitions(topic, index, cells), cells))
        return tuple(found)

    def _partitions(self, topic: str, index: int, cells: dict[Cell, int]) -> int:
        known = [count for place, count in self._counts.get(topic, ()) if place <= index]
        return max(known[-1] if known else 0, max(partition for _, partition in cells) + 1)
