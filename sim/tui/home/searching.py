"""A small search, as somebody sets it up, and how far it is: three choices, a bar, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sim.tui.home.desk import Asked, Finding, Looked

SCHEDULES = (50, 200, 1_000, 5_000)
SCHEDULES_AT_FIRST = 1
NOTHING_LOOKED = Looked(0, 0, 0, 0)


class Stage(Enum):
    """How far a search is."""

    ASKING = "asking"
    RUNNING = "running"
    STOPPING = "stopping"
    """Somebody stopped it; what it is at is finished, and kept."""
    STOPPED = "stopped"
    DONE = "done"


_IS_OVER = frozenset({Stage.STOPPED, Stage.DONE})
CHOICES = ("story", "what is drawn", "schedules")
"""Names of the choices, in their order."""


@dataclass
class Searching:
    """One search at a time; what was found stays until the next one begins."""

    stories: Sequence[str]
    kinds: Mapping[str, str]
    """Each kind, and what it draws in a few words."""
    story: str
    kind: str = ""
    schedules_at: int = SCHEDULES_AT_FIRST
    stage: Stage = Stage.ASKING
    so_far: Looked = NOTHING_LOOKED
    found: list[Finding] = field(default_factory=list)
    cursor: int = 0
    """A choice, or behind them a finding."""

    def __post_init__(self) -> None:
        self.kind = self.kind or next(iter(self.kinds))

    @property
    def asked(self) -> Asked:
        """What would be searched."""
        return Asked(self.story, self.kind, SCHEDULES[self.schedules_at])

    @property
    def is_busy(self) -> bool:
        """Whether it has not ended yet."""
        return self.stage in {Stage.RUNNING, Stage.STOPPING}

    @property
    def chosen(self) -> Finding | None:
        """The finding under the cursor; None on a choice."""
        place = self.cursor - len(CHOICES)
        return self.found[place] if 0 <= place < len(self.found) else None

    @property
    def is_over(self) -> bool:
        """Whether one has ended, of which the figures are shown."""
        return self.stage in _IS_OVER

    def move(self, by: int) -> bool:
        """Go up or down by so many lines, no further than the ends. Returns whether it moved."""
        return self.go(min(max(self.cursor + by, 0), len(CHOICES) + len(self.found) - 1))

    def go(self, place: int) -> bool:
        """Stand on a choice or a finding, if it is there. Returns whether it moved."""
        if place == self.cursor or not 0 <= place < len(CHOICES) + len(self.found):
            return False
        self.cursor = place
        return True

    def turn(self, by: int) -> bool:
        """Take another of the values under the cursor, round and round. Returns whether anything changed."""
        if self.is_busy or self.cursor >= len(CHOICES):
            return False
        if self.cursor == 0:
            self.story = _turned(self.stories, self.story, by)
        elif self.cursor == 1:
            self.kind = _turned(tuple(self.kinds), self.kind, by)
        else:
            self.schedules_at = (self.schedules_at + by) % len(SCHEDULES)
        return True

    def begin(self) -> bool:
        """Begin; what an earlier one found goes, its witnesses stay. Returns whether it may begin."""
        if self.is_busy:
            return False
        self.stage, self.so_far = Stage.RUNNING, NOTHING_LOOKED
        self.found.clear()
        self.cursor = min(self.cursor, len(CHOICES) - 1)
        return True

    def stop(self) -> bool:
        """Ask it to end. Returns whether there was something to end."""
        if self.stage is Stage.RUNNING:
            self.stage = Stage.STOPPING
            return True
        return False

    def end(self) -> None:
        """Take notice that it has ended, by itself or because somebody stopped it."""
        self.stage = Stage.STOPPED if self.stage is Stage.STOPPING else Stage.DONE


def _turned(values: Sequence[str], value: str, by: int) -> str:
    at = values.index(value) if value in values else -1
    return values[(at + by) % len(values)]
