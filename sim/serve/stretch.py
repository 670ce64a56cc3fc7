"""A stretch of what happened on a served cluster, as it goes over the control port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.trace.trace import event_of, row_of

if TYPE_CHECKING:
    from sim.trace.trace import Trace

EVENTS_MAX = 2_000
"""So many are in one answer; whoever wants more asks again, from `end` on."""


class Stretch(NamedTuple):
    """Events that followed one another."""

    begun_us: int
    """When the story began, on the clock of the events."""
    first: int
    """The number of the first event that is given; more than was asked for where the server has let some go."""
    end: int
    """The number behind the last that is given."""
    total: int
    """How many there have been."""
    events: list[Any]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**self._asdict(), "events": [row_of(event) for event in self.events]}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Stretch:
        """Read what `as_json` gives. Raises KeyError, TypeError for events that are none here: another version wrote them."""
        events = [event_of(row) for row in given["events"]]
        return cls(given["begun_us"], given["first"], given["end"], given["total"], events)


def events_from(trace: Trace, wanted: int) -> Stretch:
    """Give what happened from event `wanted` on."""
    total = trace.shed_count + len(trace)
    first = min(max(wanted, trace.shed_count), total)
    events = trace.events[first - trace.shed_count : first - trace.shed_count + EVENTS_MAX]
    return Stretch(trace.begun_us, first, first + len(events), total, events)
