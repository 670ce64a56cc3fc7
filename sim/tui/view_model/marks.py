"""Where in a trace something worth a look happened: faults, acknowledgements, the events that a verdict names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

from sim.judges.guarantees import Finding, Verdict
from sim.trace.events import FaultInjected, FaultRefused, RecordAcknowledged


class Mark(IntEnum):
    """What a mark says; where several meet, the highest is shown."""

    NOTHING = 0
    ACKNOWLEDGEMENT = 1
    FAULT = 2
    VIOLATION = 3


class Marks:
    """Event numbers by what they mark, each list in the order of the trace."""

    __slots__ = ("_events", "acknowledgements", "faults", "total", "violations")

    def __init__(self, events: Sequence[Any], verdicts: Iterable[Verdict] = ()) -> None:
        self.total = 0
        self.faults: list[int] = []
        self.acknowledgements: list[int] = []
        self._events = events
        self.grow()
        found = (decisive(finding) for verdict in verdicts for finding in verdict.findings)
        self.violations = sorted({event for event in found if event is not None})

    @classmethod
    def of_places(
        cls, events: Sequence[Any], verdicts: Iterable[Verdict], *, faults: list[int], acknowledgements: list[int]
    ) -> Marks:
        """Give the marks of a trace whose faults and acknowledgements are known."""
        marks = cls((), verdicts)
        marks._events, marks.total = events, len(events)
        marks.faults, marks.acknowledgements = faults, acknowledgements
        return marks

    def grow(self) -> None:
        """Mark what was added to the events since the last time."""
        for place in range(self.total, len(self._events)):
            kind = type(self._events[place])
            if kind is RecordAcknowledged:
                self.acknowledgements.append(place)
            elif kind in _FAULTS:
                self.faults.append(place)
        self.total = len(self._events)

    def between(self, first: int, last: int) -> Mark:
        """What to show for the events from `first` up to, without, `last`."""
        for mark, numbers in (
            (Mark.VIOLATION, self.violations),
            (Mark.FAULT, self.faults),
            (Mark.ACKNOWLEDGEMENT, self.acknowledgements),
        ):
            if bisect_left(numbers, first) < bisect_left(numbers, last):
                return mark
        return Mark.NOTHING

    def next_fault(self, index: int) -> int | None:
        """Give the first fault behind an event."""
        return after(self.faults, index)

    def previous_fault(self, index: int) -> int | None:
        """Give the last fault before an event."""
        return before(self.faults, index)


_FAULTS = frozenset({FaultInjected, FaultRefused})


def decisive(finding: Finding) -> int | None:
    """Give the event at which a promise broke: the last that the finding names, but for the reading at the end."""
    named = [moment.event for moment in finding.moments if moment.role != "read"]
    named = named or [moment.event for moment in finding.moments]
    return named[-1] if named else None


def after(numbers: Sequence[int], index: int) -> int | None:
    """Give the first number above `index` in a sorted sequence."""
    place = bisect_right(numbers, index)
    return numbers[place] if place < len(numbers) else None


def before(numbers: Sequence[int], index: int) -> int | None:
    """Give the last number below `index` in a sorted sequence."""
    place = bisect_left(numbers, index)
    return numbers[place - 1] if place else None
