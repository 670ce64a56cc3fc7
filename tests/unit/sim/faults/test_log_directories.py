"""The lines by which a log directory fails and is repaired: what they strike, what they refuse, how they are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.faults import FailLogDirectory, FaultTextError, NotInjectedError, RepairLogDirectory, parse_fault
from sim.faults.names import UnknownNameError, check_names
from sim.faults.schedule import parse_entry
from sim.faults.words import at
from sim.judges.report.telling import sentence
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, load
from sim.trace.events import BrokerCrashed, LeaderElected, LogDirectoryFailed
from tests.unit.sim.jbod import jbod

STORY = load("log_directory_fails")


def test_the_words_of_a_scenario_write_the_lines_of_a_schedule() -> None:
    assert str(at(0).fail_log_directory(2, of="b1,b3")) == "at 0s: fail log directory 2 of b1,b3"
    assert str(at(0).repair_log_directory(2, of=1)) == "at 0s: repair log directory 2 of b1"
    wiped = at(0).repair_log_directory(2, of="leader(orders-1)", files="wiped")
    assert str(wiped) == "at 0s: repair log directory 2 of leader(orders-1), wiped"
    assert parse_entry(str(wiped)) == wiped


@pytest.mark.parametrize("line", ["fail log directory 0 of b1", "repair log directory 0 of b1"])
def test_directories_are_counted_from_1(line: str) -> None:
    with pytest.raises(FaultTextError, match="log directory 0: they are counted from 1"):
        parse_fault(line)


def test_a_directory_that_no_broker_has_is_a_mistake_before_the_run() -> None:
    entry = parse_entry("at 0s: fail log directory 2 of b1")
    with pytest.raises(UnknownNameError, match=r"brokers have 1 log directory$"):
        check_names((entry,), ClusterConfig())
    with pytest.raises(UnknownNameError, match=r"brokers have 1 log directory$"):
        check_names((parse_entry("at 0s: repair log directory 2 of b1"),), ClusterConfig())
    check_names((entry,), ClusterConfig(log_dirs=2))


def test_several_brokers_are_struck_at_once() -> None:
    lab = jbod()

    FailLogDirectory(2, (1, 2)).inject(lab.cluster)
    lab.run(6)

    assert sorted(event.broker for event in lab.events(LogDirectoryFailed)) == [1, 2]


def test_what_is_whole_is_not_repaired() -> None:
    lab = jbod()

    with pytest.raises(NotInjectedError, match="log directory 2 of broker 1 has not failed"):
        RepairLogDirectory(2, 1).inject(lab.cluster)


def test_the_story_that_ships_moves_one_partition_and_keeps_every_broker() -> None:
    report = run(STORY, is_thorough=True)

    (failed,) = [event for event in report.trace if isinstance(event, LogDirectoryFailed)]
    moved = [event for event in report.trace if isinstance(event, LeaderElected) and event.at_us >= failed.at_us]
    assert (moved[0].partition, moved[0].leader, moved[0].isr) == (1, 2, (2, 3))
    assert not any(isinstance(event, BrokerCrashed) for event in report.trace)
    assert not report.violated
    assert sentence(failed) == "b1 finds that log directory 2 has failed, orders-1 with it"


def test_with_the_first_directory_the_same_story_takes_the_broker() -> None:
    faults = ("after PhaseBegan#1 phase=2 +500ms: fail log directory 1 of b1",)
    report = run(replace(STORY, schedule=tuple(map(parse_entry, faults))), is_thorough=True)

    (failed,) = [event for event in report.trace if isinstance(event, LogDirectoryFailed)]
    assert sentence(failed) == "b1 finds that log directory 1 has failed, orders-0 with it; it halts"
    assert [event.broker for event in report.trace if isinstance(event, BrokerCrashed)] == [1]
    assert not report.violated
