"""The hints of a lesson, each one plainer than the one before; the last one opens a trace at the moment that matters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim.course.replicas import last_event
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.trace import EVENT_TYPES

if TYPE_CHECKING:
    from sim.course.lesson import Lesson


class Hint(NamedTuple):
    """One hint."""

    text: str
    watch: str
    """A file of the lesson to watch when there is no broken run of the learner's own; empty: there is nothing to watch."""
    moment: str
    """Type of the event that matters in it: the last of that type."""


def hints(lesson: Lesson) -> tuple[Hint, ...]:
    """Give every hint of a lesson, the vaguest first."""
    return tuple(Hint(one["text"].strip(), one.get("watch", ""), one.get("moment", "")) for one in lesson.about["hint"])


def moment_in(hint: Hint, story: Path) -> int:
    """Run the story of a hint; gives the number of the event that matters. Raises ScenarioError if the file is no story."""
    return last_event(run(load(str(story))).trace, EVENT_TYPES[hint.moment])
