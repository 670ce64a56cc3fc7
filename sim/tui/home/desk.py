"""What the first screen is handed by whoever opens it: the course and the searches are the command's, not the screen's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from sim.stories.scenario import names
from sim.tui.home.memory import Memory


class LessonShown(NamedTuple):
    """One lesson, and how far the learner is with it."""

    word: str
    """By which it is called: `acks`."""
    title: str
    question: str
    minutes: str
    state: str
    """`not begun`, `begun`, `text read, exercise open` or `passed`."""
    steps: tuple[tuple[str, str], ...]
    """(Command, what it does) of everything that makes sense now."""
    text: tuple[str, ...]
    """What the learner may see of its text, in lines: up to the first question that is not answered yet."""

    @property
    def is_passed(self) -> bool:
        return self.state == "passed"


class CourseError(Exception):
    """How far the learner is cannot be told: the message says why."""


class Asked(NamedTuple):
    """What is searched."""

    story: str
    """Whose cluster, producer and application are taken."""
    kind: str
    """A key of `Campaigns.kinds`."""
    schedules: int


class Looked(NamedTuple):
    """How far a search is."""

    looked: int
    failing: int
    held: int
    inconclusive: int


class Finding(NamedTuple):
    """A schedule that breaks a promise, and where its witness lies."""

    number: int
    broken: tuple[str, ...]
    schedule: tuple[str, ...]
    path: Path


class CampaignError(Exception):
    """A search cannot be begun: the message says why."""


class Listener(Protocol):
    """Who hears of a search; it is called from the search's own thread."""

    def looked(self, so_far: Looked) -> None:
        """So many schedules have been run."""

    def found(self, finding: Finding) -> None:
        """A promise broke, and the witness is written."""

    def is_stopped(self) -> bool:
        """Whether nobody waits any more: the search ends after what it is at, and keeps what it found."""


class Campaigns(Protocol):
    """Searches for schedules that break a promise."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """Each kind of search, and what it draws in a few words."""

    def command(self, asked: Asked) -> str:
        """Give the command that searches the same."""

    def run(self, asked: Asked, listener: Listener) -> None:
        """Search, until all is looked at or the listener stops it. Raises CampaignError."""


@dataclass
class Desk:
    """Everything beside stories and witnesses; what is left out is not shown."""

    memory: Memory = field(default_factory=Memory)
    lessons: Callable[[], Sequence[LessonShown]] = tuple
    """Raises CourseError."""
    campaigns: Campaigns | None = None
    stories: Callable[[], Sequence[str]] = names
    """Names of those that are offered."""
    folders: tuple[Path, ...] = (Path(), Path("witnesses"))
    """Where witnesses are looked for."""
