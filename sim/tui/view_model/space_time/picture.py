"""A stretch of a run as lanes and rows: what stands around a moment, for as many rows as there is room, or between two events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.tui.view_model.space_time.lanes import ALL, BROKER, CLIENT, Lane, LaneChoice, Lanes
from sim.tui.view_model.space_time.messages import Messages
from sim.tui.view_model.space_time.rows import Row, Rows, Shape
from sim.tui.view_model.state import Life

if TYPE_CHECKING:
    from sim.tui.view_model.film import Film


class LaneState(Enum):
    """What somebody is at a moment."""

    UP = "up"
    LEADS = "leads"
    """A broker, of some partition."""
    PAUSED = "paused"
    DOWN = "down"


_LIVES = {Life.PAUSED: LaneState.PAUSED, Life.DOWN: LaneState.DOWN}
BEFORE = 2, 3
"""What part of the rows stands up to the moment: two of three."""


class Picture(NamedTuple):
    """What is drawn."""

    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    now: int
    """The row of the moment, or the last before it; -1 if all rows come after it."""


class SpaceTime:
    """The picture of one run."""

    __slots__ = ("_film", "lanes", "messages", "rows")

    def __init__(self, events: Sequence[Any], film: Film) -> None:
        """Find who is in the run, and what became of each message."""
        self._film = film
        self.lanes = Lanes(events)
        self.messages = Messages(events)
        self.rows = Rows(events, self.messages)

    def grow(self) -> None:
        """Go on with the events that are new."""
        self.lanes.grow()
        self.messages.grow()

    def around(self, index: int, *, count: int, choice: LaneChoice = ALL, lanes: Sequence[Lane] = ()) -> Picture:
        """Give so many rows around an event, of these lanes; all that are chosen if none are given."""
        shown = tuple(lanes) or self.lanes.shown(choice)
        # Two rows may become one.
        before = list(_first(self._drawn(self.rows.backwards(index + 1), shown, choice), 2 * count))[::-1]
        after = list(_first(self._drawn(self.rows.onwards(index + 1), shown, choice), 2 * count))
        every = merged([*before, *after])
        # The last rows of a run, and the first, are drawn as far as they go.
        wanted = max(count * BEFORE[0] // BEFORE[1], 1)
        begin = min(max(_now(every, index) + 1 - wanted, 0), max(len(every) - count, 0))
        rows = every[begin : begin + count]
        return Picture(self._busy(shown, rows, choice), rows, _now(rows, index))

    def between(self, first: int, last: int, *, choice: LaneChoice = ALL) -> Picture:
        """Give the rows of the events from `first` to `last`, and the lanes that have a part in them."""
        shown = self.lanes.shown(choice)
        found = []
        for row in self._drawn(self.rows.onwards(first), shown, choice):
            if row.event > last:
                break
            found.append(row)
        rows = merged(found)
        return Picture(self._busy(shown, rows, choice), rows, _now(rows, last))

    def _busy(self, lanes: Sequence[Lane], rows: Sequence[Row], choice: LaneChoice) -> tuple[Lane, ...]:
        """Leave out who only reads, where it does nothing in these rows."""
        parts = {name for row in rows for name in row.lanes} | self.lanes.senders | {*choice.pinned}
        return tuple(lane for lane in lanes if lane.kind != CLIENT or lane.name in parts)

    def _drawn(self, rows: Iterable[Row], lanes: Sequence[Lane], choice: LaneChoice) -> Iterator[Row]:
        """Leave out what concerns only lanes that are not drawn; within a collapsed one nothing is a message."""
        kinds = {lane.name: lane.kind for lane in self.lanes.everybody}
        names = {lane.name for lane in lanes}
        for row in rows:
            if row.shape is Shape.FAULT:
                yield row
                continue
            lane, to = (
                kinds.get(name, CLIENT) if name and kinds.get(name, CLIENT) in choice.collapsed else name
                for name in (row.lane, row.to)
            )
            if lane not in names or (to and to not in names):
                continue
            if lane == to:
                yield row._replace(shape=Shape.MARK, lane=lane, to="", words=f"{row.to}: {row.words}")
            elif row.lane != lane and not to:
                yield row._replace(lane=lane, words=f"{row.lane} {row.words}")
            else:
                yield row._replace(lane=lane, to=to)

    def states_of(self, lanes: Sequence[Lane], index: int) -> dict[str, LaneState]:
        """Say what each lane is after an event."""
        state = self._film.state_at(index)
        leaders = {one.leader for one in state.partitions.values()}
        found = {}
        for lane in lanes:
            life, leads = Life.UP, False
            if lane.kind == BROKER and lane.name != BROKER:
                number = int(lane.name[1:])
                life = state.brokers[number].life if number in state.brokers else Life.DOWN
                leads = number in leaders
            elif lane.name in state.applications:
                life = state.applications[lane.name].life
            found[lane.name] = _LIVES.get(life, LaneState.LEADS if leads else LaneState.UP)
        return found


def merged(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Draw a message whose arrival is the very next row as one row."""
    found: list[Row] = []
    for row in rows:
        before = found[-1] if found else None
        is_next = row.shape is Shape.ARRIVAL and before is not None and before.shape is Shape.DEPARTURE
        if before is not None and is_next and row.other == before.event:
            found[-1] = before._replace(event=row.event, shape=Shape.WHOLE, other=before.event)
        else:
            found.append(row)
    return tuple(found)


def _now(rows: Sequence[Row], index: int) -> int:
    return max((place for place, row in enumerate(rows) if row.event <= index), default=-1)


def _first(rows: Iterable[Row], count: int) -> Iterator[Row]:
    for place, row in enumerate(rows):
        if place == count:
            return
        yield row
