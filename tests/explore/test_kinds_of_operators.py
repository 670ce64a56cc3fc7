"""What operators do to a cluster is drawn so that it strikes: an election by hand where there is something to elect, and so on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.explore.course import undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import KINDS
from sim.explore.search import DEFAULT_SCENARIO
from sim.faults import Alter, Elect, RollingRestart, Stop
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import FaultInjected, FaultRefused

COURSE = undisturbed(load(DEFAULT_SCENARIO), 0, is_warm=True)
WHAT = {
    "stop": Stop,
    "rolling restart": RollingRestart,
    "elect preferred": Elect,
    "elect unclean": Elect,
    "alter setting": Alter,
    "alter safety": Alter,
}


@pytest.mark.parametrize("name", WHAT)
def test_what_is_drawn_strikes(name: str) -> None:
    struck = 0
    for number in range(12):
        schedule = drawn(number, seed=1, course=COURSE, kinds=(KINDS[name],))
        report = run(replace(load(DEFAULT_SCENARIO), schedule=schedule))
        refused = {event.entry for event in report.trace if isinstance(event, FaultRefused)}
        injected = {event.entry for event in report.trace if isinstance(event, FaultInjected)} - refused
        struck += sum(isinstance(schedule[entry].fault, WHAT[name]) for entry in injected)

    assert struck >= 3


def test_an_unclean_election_that_is_drawn_breaks_what_it_is_known_to_break() -> None:
    broken: set[str] = set()
    for number in range(20):
        schedule = drawn(number, seed=1, course=COURSE, kinds=(KINDS["elect unclean"],))
        broken |= {one.guarantee for one in run(replace(load(DEFAULT_SCENARIO), schedule=schedule)).violated}

    assert "lost" in broken
    assert broken <= KINDS["elect unclean"].breaks
