"""A run whose future nobody has seen: its virtual time goes on while somebody looks, and what strikes it strikes now.

A run follows from its scenario, its seed and its faults alone, so what is ahead may be computed before it is shown. A fault that
strikes now is one more line of the schedule, at the microsecond behind what has been seen: the run is made again with it, and goes
on from there. So the run that was played live is, event by event, the one that `acklab run` makes with those faults.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.faults import FaultTextError
from sim.faults.schedule import At, Entry, has_time, parse_entry
from sim.tui.playhead import FRAMES_PER_S, Playhead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.tui.session import Watched

PACES = (
    (1_000, "1/1000 of virtual time"),
    (10_000, "1/100 of virtual time"),
    (100_000, "1/10 of virtual time"),
    (1_000_000, "virtual time as it is"),
    (10_000_000, "virtual time x10"),
    (100_000_000, "virtual time x100"),
)
"""Virtual microseconds a second, and what that is called."""
PACE_AT_FIRST = 2


class Live:
    """One run, up to now."""

    def __init__(self, whole: Watched, *, index: int | None = None) -> None:
        """Go on from event `index` of a run, or from where its story begins. Its scenario must be there."""
        assert whole.scenario is not None, "a run whose scenario is gone has one future only"
        self.whole = whole
        """The run with everything that has struck, its future included, which nobody is shown."""
        begun = whole.film.first_of_story
        self.seen = max(begun if index is None else index, begun) + 1
        """How many events have happened."""
        self.now_us = _story_us(whole, self.seen - 1)
        """Virtual time, counted from the story's begin."""
        self.watched = _past(whole, self.seen)
        """What has happened: it grows."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to happen."""
        return self.seen == len(self.whole.events)

    @property
    def begun_with(self) -> int:
        """How many faults the scenario has of its own; those behind were struck live."""
        assert self.whole.scenario is not None
        return len(self.whole.scenario.schedule)

    # -- time ----------------------------------------------------------------------------------------------------------

    def advance(self, by_us: int) -> bool:
        """Let virtual time go on. Gives whether anything happened."""
        self.now_us += by_us
        return self._happen(_count_until(self.whole, self.now_us) - self.seen)

    def step(self) -> bool:
        """Let time go on to the next event. False if there is none."""
        if self.is_over:
            return False
        self.now_us = max(self.now_us, _story_us(self.whole, self.seen))
        return self._happen(1)

    def _happen(self, count: int) -> bool:
        if count <= 0:
            return False
        self.watched.grow(self.whole.events[self.seen : self.seen + count])
        self.seen += count
        if self.is_over:
            self.now_us = max(_story_us(self.whole, self.seen - 1), 0)
        return True

    # -- faults --------------------------------------------------------------------------------------------------------

    def entry_now(self, fault: str) -> Entry:
        """Give the line of a schedule by which a fault strikes now, behind all that has been seen. Raises FaultTextError."""
        if has_time(fault):
            raise FaultTextError(f"{fault!r} says when it strikes, and here it strikes now: leave that out")
        return parse_entry(f"{At(max(self.now_us + 1, 0))}: {fault}")

    def struck(self, entry: Entry) -> Struck:
        """Make the run with one more fault, up to that; nothing changes until it is `take`n, so a thread may do it.

        Time must stand still meanwhile. Raises FaultTextError for a fault that can never strike.
        """
        assert isinstance(entry.when, At)
        whole = self.whole.again(
            properties=self.whole.properties, schedule=(*self.whole.schedule, entry), changed=self.whole.changed
        )
        seen = _count_until(whole, entry.when.us)
        return Struck(entry.when.us, whole, _past(whole, seen), _first_changed(self.watched.events, whole.events))

    def take(self, struck: Struck) -> int | None:
        """Go on with the run that `struck` made, behind the fault. Gives the first event of the past that is another one now.

        None, but where the story itself waits for faults that are still to come: with one that comes late it is repaired later.
        """
        self.now_us, self.whole, self.watched, changed = struck
        self.seen = len(self.watched.events)
        return changed


class Struck(NamedTuple):
    """A run with one fault more, up to that."""

    now_us: int
    whole: Watched
    past: Watched
    changed: int | None
    """The first event of what had been seen that is another one now."""


def _story_us(whole: Watched, index: int) -> int:
    """Give the time of an event without folding what nobody has seen."""
    at_us: int = whole.events[index].at_us
    return at_us - whole.begun_us


def _count_until(whole: Watched, story_us: int) -> int:
    return bisect_right(whole.events, story_us + whole.begun_us, key=lambda event: event.at_us)


def _first_changed(before: Sequence[Any], now: Sequence[Any]) -> int | None:
    for place, (was, event) in enumerate(zip(before, now, strict=False)):
        if was != event:
            return place
    return len(now) if len(before) > len(now) else None


def _past(whole: Watched, seen: int) -> Watched:
    """Give what has happened of a run, folded, without its end."""
    past = replace(
        whole,
        events=list(whole.events[:seen]),
        verdicts=(),
        digest="",
        remarks=(),
        is_sure=True,
        witness=None,
    )
    past.grow(())
    return past


class LivePlayhead(Playhead):
    """One place in what has happened so far. At its end it goes along with time; elsewhere time stands still."""

    def __init__(self, live: Live) -> None:
        super().__init__(live.watched)
        self.live = live
        self.index = self.last
        self._pace = PACE_AT_FIRST

    @property
    def is_now(self) -> bool:
        """Whether it stands at the end of what has happened."""
        return self.index == self.last

    @property
    def tempo(self) -> str:
        """How fast time goes, in words."""
        return PACES[self._pace][1]

    @property
    def pace(self) -> str:
        return f"{self.tempo} (+ -)"

    def change_speed(self, by: int) -> bool:
        before, self._pace = self._pace, min(max(self._pace + by, 0), len(PACES) - 1)
        return before != self._pace

    def play(self, *, is_playing: bool) -> None:
        """Let time go on, from the end of what has happened, or stop it."""
        if is_playing:
            self.seek(self.last)
        self.is_playing = is_playing and not self.live.is_over

    def step(self, by: int) -> bool:
        """Go so many events back, or on; from the end of what has happened time goes on to the next."""
        if by == 1 and self.is_now and self.shown is None:
            return self.live.step() and self.seek(self.last)
        return super().step(by)

    def tick(self) -> bool:
        """Let time go on for one frame. When the story is over it stops."""
        if not self.is_playing:
            return False
        happened = self.live.advance(PACES[self._pace][0] // FRAMES_PER_S)
        if happened and self.shown is None:
            self.seek(self.last)
        if self.live.is_over:
            self.is_playing = False
            return True
        return happened

    def go_on(self) -> None:
        """Look at the run that a fault has made of it, where it struck."""
        self.watched = self.live.watched
        self.filter("")
        self.seek(self.last)
