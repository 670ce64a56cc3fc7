"""Log directories that a search lets fail: they strike, and take no promise with them as long as bytes are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.explore.course import undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import KINDS
from sim.explore.promised import may_lose_disk, with_disk_kept
from sim.explore.search import DEFAULT_SCENARIO
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import LogDirectoryFailed

SCENARIO = load(f"{DEFAULT_SCENARIO}+log_dirs=2")
COURSE = undisturbed(SCENARIO, 0, is_warm=True)


@pytest.mark.parametrize("name", ["fail log directory", "replace log directory"])
def test_what_is_drawn_is_found_out_and_breaks_nothing_by_itself(name: str) -> None:
    directories: set[int] = set()
    for number in range(12):
        schedule = drawn(number, seed=2, course=COURSE, kinds=(KINDS[name],))
        if name == "replace log directory" and not may_lose_disk(SCENARIO, schedule):
            schedule = tuple(filter(None, map(with_disk_kept, schedule)))
        report = run(replace(SCENARIO, schedule=schedule))
        assert not report.violated
        directories |= {event.directory for event in report.trace if isinstance(event, LogDirectoryFailed)}

    assert directories == {1, 2}


def test_a_directory_that_is_replaced_counts_as_a_lost_disk() -> None:
    failed = parse_entry("at 0s: fail log directory 1 of b1")
    repaired = parse_entry("at 8s: repair log directory 1 of b1, wiped")
    crashed = parse_entry("at 0s: crash b2")

    assert may_lose_disk(SCENARIO, (failed, repaired))
    assert not may_lose_disk(SCENARIO, (failed, repaired, crashed))
    assert str(with_disk_kept(repaired)) == "at 8s: repair log directory 1 of b1"
