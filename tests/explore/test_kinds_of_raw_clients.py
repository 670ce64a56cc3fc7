"""What raw clients send is drawn so that it arrives, and breaks what it is known to break and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.explore.course import undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import KINDS
from sim.explore.search import DEFAULT_SCENARIO
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import RecordAcknowledged, RecordFailed

COURSE = undisturbed(load(DEFAULT_SCENARIO), 0, is_warm=True)
OWN, ANOTHER_S = "write", "write under another's id"


def reports(kind: str) -> list[Report]:
    schedules = [drawn(number, seed=1, course=COURSE, kinds=(KINDS[kind],)) for number in range(20)]
    return [run(replace(load(DEFAULT_SCENARIO), schedule=schedule)) for schedule in schedules]


@pytest.mark.parametrize(("kind", "breaks"), [(OWN, set()), (ANOTHER_S, {"lost", "misplaced"})])
def test_what_is_drawn_is_written_and_breaks_what_it_may(kind: str, breaks: set[str]) -> None:
    told = reports(kind)

    broken = {one.guarantee for report in told for one in report.violated}
    assert breaks <= broken <= KINDS[kind].breaks
    answers = [
        type(event) for report in told for event in report.trace if getattr(event, "client", "") in {"raw", "thief"}
    ]
    assert answers.count(RecordAcknowledged) > 20
    assert answers.count(RecordFailed) > 5
