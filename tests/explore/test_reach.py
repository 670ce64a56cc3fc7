"""A campaign says of every fault there is whether it was drawn, whether it struck, and whether that mattered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from sim.explore.campaign import Tally, explore
from sim.explore.kinds import KINDS
from sim.explore.reach import Reach, Struck, Tried, is_same, label, labels, struck, without
from sim.explore.search import DEFAULT_SCENARIO, Search
from sim.faults import FAULT_TYPES, Crash, Resume
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from tests.cli.conftest import Acklab

SCENARIO = load(DEFAULT_SCENARIO)


def test_every_fault_there_is_has_its_line() -> None:
    names = list(labels())

    assert len(names) == len(set(names)) >= len(FAULT_TYPES)
    assert label(KINDS["crash"], Crash(1)) == "crash"
    assert label(KINDS["pause"], Resume) == "resume (pause)"


def test_what_strikes_is_neither_late_nor_refused() -> None:
    schedule = tuple(map(parse_entry, ("at 1s: crash b1", "at 2s: resume b2", "after LeaderElected#99: crash b3")))

    report = run(replace(SCENARIO, schedule=schedule))

    assert struck(report, schedule) == (0,)


def test_fault_that_changes_nothing_has_not_mattered_and_one_that_does_has() -> None:
    lines = ("at 900ms: answer InitProducerId NOT_COORDINATOR x1 by anybody", "at 1s: crash b1", "at 4s: restart b1")
    schedule = tuple(map(parse_entry, lines))

    report = run(replace(SCENARIO, schedule=schedule))
    others = [run(replace(SCENARIO, schedule=without(schedule, place))) for place in range(len(schedule))]

    assert [is_same(report, other) for other in others] == [True, False, False]


def test_account_tells_the_three_apart() -> None:
    reach = Reach()
    reach.count(("crash", "pause", "cut link"), (Struck("crash", 0, 0), Struck("pause", 0, 1)), ())
    reach.count((), (), (Tried("crash", True), Tried("pause", False)))

    assert "hold link" in reach.never_drawn
    assert reach.never_struck == ("cut link",)
    assert reach.never_mattered == ("pause",)
    assert reach.as_json()["faults"]["crash"] == {"drawn": 1, "struck": 1, "left_out": 1, "mattered": 1}


def test_what_has_not_mattered_on_the_way_is_left_out_at_the_end() -> None:
    tally = Tally()

    for _ in explore(Search(), 12, tally=tally):
        pass

    assert sum(one.tried for one in tally.reach.faults.values()) > 2
    for name in tally.reach.never_mattered:
        assert tally.reach.faults[name].tried >= min(3, tally.reach.faults[name].struck)


def test_explore_prints_what_it_did_not_reach(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("explore", "-n", "4", "-j", "1", "--faults", "N", "--out", str(tmp_path))

    assert "never drawn" in told.out
    assert "never struck" in told.out
    assert "never mattered" in told.out
    assert "add partitions" in told.out


def test_json_has_the_whole_account(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("explore", "-n", "4", "-j", "1", "--faults", "C", "--json", "--out", str(tmp_path))

    reach = json.loads(told.out)["reach"]
    assert set(reach["faults"]) == set(labels())
    assert "hold link" in reach["never_drawn"]
    assert {"never_drawn", "never_struck", "never_mattered", "faults"} == set(reach)
