"""Everything that the first screen opens, as lines of one list: lessons, searches, the last witnesses, stories."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from sim.stories.scenario import Scenario, ScenarioError, load
from sim.tui.home.desk import CourseError, Desk, LessonShown
from sim.tui.home.witness_files import WitnessFile, last_witnesses


class Kind(Enum):
    """What an item is; the value stands above those of its kind."""

    LESSON = "COURSE"
    SEARCH = "EXPLORE"
    WITNESS = "WITNESSES"
    STORY = "STORIES"


class Item(NamedTuple):
    """One thing to open."""

    kind: Kind
    name: str
    about: str
    """The question that it answers, or what it is."""
    command: str = ""
    """What does the same on the command line."""
    state: str = ""
    """How far somebody is with it."""
    trouble: str = ""
    """Why it cannot be opened; empty if it can."""
    subject: LessonShown | WitnessFile | Scenario | None = None


SEARCH = "search for a broken promise"
ABOUT_SEARCH = (
    "Which schedule of faults breaks a promise? What is found is shrunk, kept as a witness, and opens as a run."
)


def gather(desk: Desk) -> tuple[Item, ...]:
    """Collect them all, in the order in which they stand."""
    return (*_lessons(desk), *_searches(desk), *_witnesses(desk), *_stories(desk))


def _lessons(desk: Desk) -> Iterator[Item]:
    try:
        shown = desk.lessons()
    except CourseError as error:
        yield Item(Kind.LESSON, "the course", str(error), command="acklab learn", trouble=str(error))
        return
    for one in shown:
        command = one.steps[0][0] if one.steps else "acklab learn"
        yield Item(Kind.LESSON, one.title, one.question, command, one.state, subject=one)


def _searches(desk: Desk) -> Iterator[Item]:
    if desk.campaigns is not None:
        yield Item(Kind.SEARCH, SEARCH, ABOUT_SEARCH, "acklab explore")


def _witnesses(desk: Desk) -> Iterator[Item]:
    for one in last_witnesses(desk.folders):
        broken = ", ".join(one.broken)
        bug = f", planted bug {one.witness.planted_bug}" if one.witness.planted_bug else ""
        about = f"{one.witness.scenario}, seed {one.witness.seed}{bug}: {f'{broken} broke' if broken else 'every promise held'}"
        yield Item(Kind.WITNESS, one.path.name, about, shlex.join(["acklab", "replay", str(one.path)]), subject=one)


def _stories(desk: Desk) -> Iterator[Item]:
    for name in desk.stories():
        try:
            scenario = load(name)
        except ScenarioError as error:
            yield Item(Kind.STORY, name, str(error), f"acklab run {name}", trouble=str(error))
        else:
            yield Item(Kind.STORY, name, scenario.question, f"acklab run {name}", subject=scenario)
