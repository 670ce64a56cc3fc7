"""Brokers restarted one after the other: each is back and in sync before the next one stops, whatever else happens."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import (
    BrokerCrashed,
    BrokerPaused,
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    IsrChanged,
    RollingRestartEnded,
)
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import Lab


def told(*lines: str, seed: int = 0) -> Report:
    """The story of the rolling restart with another schedule."""
    scenario = load("rolling_restart")
    return run(replace(scenario, schedule=tuple(parse_entry(line) for line in lines)), seed)


@pytest.mark.parametrize("seed", range(3))
def test_no_two_are_away_at_once_and_the_next_stops_only_when_all_is_in_sync(seed: int) -> None:
    lab = Lab(seed=seed)
    lab.cluster.roll((1, 2, 3))
    lab.run_to(RollingRestartEnded, within_us=120 * SECOND_US)

    ways = [event for event in lab.trace if isinstance(event, BrokerStopping | BrokerStopped)]
    assert [(event.broker, type(event)) for event in ways] == [
        (broker, way) for broker in (1, 2, 3) for way in (BrokerStopping, BrokerStopped)
    ]
    isrs = lab.events(IsrChanged)
    for stopped, following in pairwise(lab.events(BrokerStopping)):
        last = [one for one in isrs if one.at_us < following.at_us][-1]
        assert stopped.broker in last.isr
        assert len(last.isr) == 3
    assert lab.cluster.is_settled()


def test_they_go_in_the_order_that_was_asked_for() -> None:
    report = told("after RecordAcknowledged#10: roll b3,b1")

    assert [event.broker for event in report.trace if isinstance(event, BrokerStopping)] == [3, 1]
    assert not report.refused


def test_a_second_one_is_refused_while_the_first_is_under_way() -> None:
    report = told("after RecordAcknowledged#10: roll all", "after RecordAcknowledged#20: roll b1")

    assert [one.reason for one in report.refused] == ["a rolling restart is under way already"]
    assert report.exit_code == 3


def test_a_broker_that_is_down_is_started_at_its_turn() -> None:
    report = told("after RecordAcknowledged#10: crash b2", "after RecordAcknowledged#20: roll all")

    crashed = next(event for event in report.trace if isinstance(event, BrokerCrashed))
    started = [event for event in report.trace if isinstance(event, BrokerStarted) and event.at_us > crashed.at_us]
    assert [event.broker for event in started] == [1, 2, 3]
    assert not report.violated


def test_it_is_through_before_the_story_ends_however_soon_the_application_is() -> None:
    report = told("after RecordAcknowledged#295: roll all")

    assert any(isinstance(event, RollingRestartEnded) for event in report.trace)
    assert report.exit_code == 0


def test_one_that_is_never_through_leaves_the_run_open() -> None:
    scenario = replace(load("rolling_restart"), duration_us_max=10 * SECOND_US)

    report = run(scenario)

    assert [one.reason for one in report.refused] == ["it was not through with every broker when the story ended"]
    assert report.exit_code == 3


def test_a_paused_broker_is_waited_for() -> None:
    report = told("after RecordAcknowledged#10: pause b2", "after RecordAcknowledged#20: roll b2,b3")

    paused = next(event for event in report.trace if isinstance(event, BrokerPaused))
    stopped = [event for event in report.trace if isinstance(event, BrokerStopped)]
    assert [event.broker for event in stopped] == [2, 3]
    assert stopped[0].at_us > paused.at_us
    assert any(isinstance(event, RollingRestartEnded) for event in report.trace)
