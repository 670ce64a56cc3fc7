"""Where in a run somebody stands, and every way of moving there: by event, by entity, by fault, by playing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sim.faults.text import parse_duration
from sim.tui.panels.events import matching
from sim.tui.view_model.marks import after, before
from sim.tui.view_model.space_time import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.tui.session import Watched
    from sim.tui.view_model import Entity, State
    from sim.tui.view_model.causality import WhyStep

FRAMES_PER_S = 20
SPEEDS = (1, 2, 5, 10, 20, 50, 100, 500, 2_000)
"""Events per second of playing."""
SPEED_AT_FIRST = 3
_NUMBER = re.compile(r"#(\d{1,12})", re.ASCII)


class Playhead:
    """One place in one run. Every move gives whether anything changed."""

    def __init__(self, watched: Watched) -> None:
        """Stand at the story's begin."""
        self.watched = watched
        self.index = watched.film.first_of_story
        self.wanted = ""
        """Words that every shown event holds; empty shows all."""
        self.shown: Sequence[int] | None = None
        """The events that hold them, in order; None for all."""
        self.is_playing = False
        self._speed = SPEED_AT_FIRST
        self._owed = 0
        self._followed: Entity | None = None
        self.pinned: int | None = None
        """The event whose state others are compared with; None for the one before each."""
        self.lanes = ALL
        """What somebody wants to see of the lanes of the space-time view."""
        self.lane = ""
        """The lane that stands out there: the one to hide, pin or collapse."""
        self.chain: Sequence[WhyStep] = ()
        """The explanation that is followed there, step by step; empty for none."""

    @property
    def last(self) -> int:
        return len(self.watched.film) - 1

    @property
    def state(self) -> State:
        return self.watched.film.state_at(self.index)

    # -- moving --------------------------------------------------------------------------------------------------------

    def seek(self, index: int) -> bool:
        """Go to an event, or the nearest there is."""
        index = min(max(index, 0), self.last)
        is_moved, self.index = index != self.index, index
        return is_moved

    def step(self, by: int) -> bool:
        """Go so many of the shown events on, or back."""
        if self.shown is None:
            return self.seek(self.index + by)
        index = self.index
        for _ in range(abs(by)):
            found = after(self.shown, index) if by > 0 else before(self.shown, index)
            if found is None:
                break
            index = found
        return self.seek(index)

    def step_same(self, direction: int) -> bool:
        """Go to the next, or the previous, event of the entity that is followed."""
        entity = self.followed
        if entity is None:
            return False
        self._followed = entity
        ways = self.watched.ways
        found = ways.next(entity, self.index) if direction > 0 else ways.previous(entity, self.index)
        return found is not None and self.seek(found)

    def step_fault(self, direction: int) -> bool:
        """Go to the next, or the previous, fault."""
        marks = self.watched.marks
        found = marks.next_fault(self.index) if direction > 0 else marks.previous_fault(self.index)
        return found is not None and self.seek(found)

    # -- whom to follow ------------------------------------------------------------------------------------------------

    @property
    def followed(self) -> Entity | None:
        """The entity that `step_same` keeps to: the one chosen while the event tells of it, else its narrowest."""
        entities = self.watched.ways.of(self.index)
        chosen = self._followed
        if chosen is not None and (chosen in entities or self.index in self.watched.ways.way(chosen)):
            return chosen
        return entities[0] if entities else None

    def follow_another(self) -> bool:
        """Keep to the next wider entity of this event; after the widest comes the narrowest."""
        entities = self.watched.ways.of(self.index)
        if not entities:
            return False
        now = self.followed
        place = entities.index(now) + 1 if now in entities else 0
        self._followed = entities[place % len(entities)]
        return self._followed != now

    def pin(self) -> None:
        """Compare with this moment from now on; with the one before each again, if it is this one already."""
        self.pinned = None if self.pinned == self.index else self.index

    # -- what is shown -------------------------------------------------------------------------------------------------

    def filter(self, wanted: str) -> bool:
        """Show only events that hold these words; none shows all. The place stays unless it is hidden now.

        False, and nothing is hidden that was not, if no event holds them.
        """
        wanted = wanted.strip()
        shown = matching(self.watched, wanted) if wanted else None
        if shown is not None and not shown:
            return False
        self.wanted, self.shown = wanted, shown
        if shown is not None and self.index not in shown:
            nearest = after(shown, self.index)
            self.seek(shown[-1] if nearest is None else nearest)
        return True

    def jump(self, text: str) -> bool | None:
        """Go to `#128`, or to `1.522s` or `50ms` after the story's begin; None if the text is neither, False beyond the end."""
        found = _NUMBER.fullmatch(text.strip())
        index = int(found[1]) if found is not None else self._event_at(text.strip())
        if index is None:
            return None
        if index > self.last:
            return False
        self.seek(index)
        return True

    def _event_at(self, text: str) -> int | None:
        """Give the first event at that time or later; None if the text is no time."""
        from bisect import bisect_left

        try:
            story_us = parse_duration(text.removeprefix("-"))
        except ValueError:
            return None
        if text.startswith("-"):
            story_us = -story_us
        film = self.watched.film
        return bisect_left(film.events, story_us + film.begun_us, key=lambda event: event.at_us)

    # -- playing -------------------------------------------------------------------------------------------------------

    @property
    def speed(self) -> int:
        """Events per second."""
        return SPEEDS[self._speed]

    @property
    def pace(self) -> str:
        """How fast it plays, in words, and the keys that change it."""
        return f"{self.speed} events a second (+ -)"

    def change_speed(self, by: int) -> bool:
        """Play faster, or slower."""
        before_us, self._speed = self._speed, min(max(self._speed + by, 0), len(SPEEDS) - 1)
        return before_us != self._speed

    def play(self, *, is_playing: bool) -> None:
        """Begin or stop to play; from the end it begins anew."""
        if is_playing and self.index == self.last:
            self.seek(self.watched.film.first_of_story)
        self.is_playing = is_playing
        self._owed = 0

    def tick(self) -> bool:
        """Play for one frame. At the end it stops."""
        if not self.is_playing:
            return False
        self._owed += self.speed
        steps, self._owed = divmod(self._owed, FRAMES_PER_S)
        is_moved = steps > 0 and self.step(steps)
        if steps and not is_moved:
            self.is_playing = False
            return True
        return is_moved
