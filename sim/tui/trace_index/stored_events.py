"""The events of a trace's file, read where somebody looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import overload

from sim.trace.trace import Event, event_of, no_collection

_AT_ONCE = 256
"""Lines that are read together."""


class StoredEvents(Sequence[Event]):
    """Lines of a file that is held in memory, whatever becomes of it; each becomes an event once, when it is asked for."""

    __slots__ = ("_lines", "_read")

    def __init__(self, lines: Sequence[bytes]) -> None:
        """Take the lines behind the header, each as `sim.trace.trace` wrote it."""
        self._lines = lines
        self._read: list[list[Event] | None] = [None] * (-(-len(lines) // _AT_ONCE))

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            if step != 1:
                return [self[one] for one in range(first, last, step)]
            if first >= last:
                return []
            begin = first // _AT_ONCE
            held = [event for part in range(begin, (last - 1) // _AT_ONCE + 1) for event in self._part(part)]
            return held[first - begin * _AT_ONCE : last - begin * _AT_ONCE]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return self._part(place // _AT_ONCE)[place % _AT_ONCE]

    def __iter__(self) -> Iterator[Event]:
        for part in range(len(self._read)):
            yield from self._part(part)

    def _part(self, number: int) -> list[Event]:
        events = self._read[number]
        if events is None:
            lines = self._lines[number * _AT_ONCE : (number + 1) * _AT_ONCE]
            with no_collection():
                events = self._read[number] = [event_of(row) for row in json.loads(b"[%b]" % b",".join(lines))]
        return events
