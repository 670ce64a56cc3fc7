"""What the check of an exercise says: passed, or which run broke, why, and how to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.judges.guarantees import Finding
    from sim.judges.report import Report
    from sim.stories.scenario import Scenario

Tell = Callable[[int, int], object]
"""Told after each run: how many are done, of how many."""


class Cause(NamedTuple):
    """Why an exercise failed on a run."""

    name: str
    """A word for it, by which a test, or a hint, knows it again."""
    event: int
    """The event of the run's trace that shows it; -1 if none does."""
    explained: tuple[str, ...]
    """Paragraphs."""

    @classmethod
    def of(cls, name: str, event: int, *paragraphs: str) -> Cause:
        """Give a cause in as many paragraphs as it takes."""
        return cls(name, event, paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The run on which an exercise failed."""

    scenario: Scenario
    report: Report
    event: int
    """The event of its trace that matters; -1 if none does."""
    says: str
    """That event in a few words."""
    finding: Finding | None = None
    """The record that the explanation is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The answer to one exercise."""

    cause: str
    """A word for what is wrong; empty if it passed."""
    headline: str
    explained: tuple[str, ...]
    """Paragraphs."""
    runs: int
    broken: Broken | None = None

    @classmethod
    def refused(cls, cause: Cause, headline: str, broken: Broken, *, runs: int) -> Checked:
        """Say that it failed, and why."""
        return cls(cause=cause.name, headline=headline, explained=cause.explained, runs=runs, broken=broken)

    @property
    def is_passed(self) -> bool:
        return not self.cause
