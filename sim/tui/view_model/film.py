"""A trace that can be looked at from any of its events: snapshots every so often, and replay from the nearest one.

It may grow while somebody looks: `grow` folds what was added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.trace.events import PhaseBegan
from sim.trace.trace import moment_text
from sim.tui.view_model.folds import take
from sim.tui.view_model.state import State

NOBODY: Mapping[str, int] = {}
EVERY = 256
"""Events between two snapshots: a seek replays at most that many."""


class Film:
    """The states of one run, one after each event. Index -1 is before the first."""

    __slots__ = ("_end", "_every", "_latest", "_snapshots", "begun_us", "events")

    def __init__(
        self,
        events: Sequence[Any],
        *,
        begun_us: int = 0,
        delivery_timeouts_us: Mapping[str, int] = NOBODY,
        begins_with: State | None = None,
    ) -> None:
        """Fold the whole trace once. `begun_us` is the story's beginning; `delivery.timeout.ms` is given by application.

        `begins_with` is the state before the first event, of a trace that does not begin with its cluster.
        """
        self.events = events
        self.begun_us = begun_us
        """What times on a screen count from, as the schedule's do."""
        self._end = begins_with or State(delivery_timeouts_us=delivery_timeouts_us)
        self._every = EVERY
        self._snapshots: Sequence[State] = [self._end.copy()]
        self._latest = self._snapshots[0]
        self.grow()

    @classmethod
    def of_snapshots(
        cls, events: Sequence[Any], snapshots: Sequence[State], *, every: int, end: State, begun_us: int
    ) -> Film:
        """Show a trace that was folded before: `snapshots` are its states before the first event and behind every `every`-th, `end` the last one."""
        film = cls((), begun_us=begun_us, begins_with=end)
        film.events, film._snapshots, film._every = events, snapshots, every
        film._latest = snapshots[0]
        return film

    def snapshots(self, every: int) -> Sequence[State]:
        """Give the states before the first event and behind every `every`-th, a multiple of those between two snapshots."""
        assert every % self._every == 0, every
        return self._snapshots[:: every // self._every]

    def grow(self) -> None:
        """Fold what was added to `events` since the last time."""
        state, total = self._end, len(self.events)
        while state.seen < total:
            stop = min((state.seen // EVERY + 1) * EVERY, total)
            for event in self.events[state.seen : stop]:
                take(state, event)
            if stop % EVERY == 0:
                assert isinstance(self._snapshots, list), "the events of this film are all there"
                self._snapshots.append(state.copy())

    def __len__(self) -> int:
        return self._end.seen

    def state_at(self, index: int) -> State:
        """Give the state right after event `index`: the nearest snapshot before it, then the events between."""
        assert -1 <= index < len(self), index
        wanted = index + 1
        nearest = self._snapshots[wanted // self._every]
        # Playing and stepping go on from the state they had.
        if nearest.seen <= self._latest.seen <= wanted:
            nearest = self._latest
        state = nearest.copy()
        for event in self.events[state.seen : wanted]:
            take(state, event)
        self._latest = state
        return state

    def story_us(self, index: int) -> int:
        """Give the time of an event, counted from the story's begin; negative before it."""
        at_us: int = self.events[index].at_us
        return at_us - self.begun_us

    def clock(self, index: int) -> str:
        """Write the time of an event; a fault's to the microsecond, for it to be given again."""
        return moment_text(self.events[index], self.begun_us)

    @property
    def first_of_story(self) -> int:
        """Index of the first event of the story; 0 if there is none."""
        return next((place for place, event in enumerate(self.events) if isinstance(event, PhaseBegan)), 0)
