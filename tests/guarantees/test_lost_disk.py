"""A follower that lost its disk is in sync again only once it has fetched everything again: nothing acknowledged is lost.

Its re-admission may have been under way since before the loss; what it proposes is a registration that ended (KIP-903).
"""

from __future__ import annotations

from dataclasses import replace

from sim.explore.search import DEFAULT_SCENARIO
from sim.faults.schedule import parse_entry
from sim.judges.guarantees import State
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import BrokerRegistered, BrokerUnfenced, FaultInjected, IsrChanged, LeaderElected
from sim.world.units import MILLISECOND_US

SCENARIO = load(DEFAULT_SCENARIO)

LETS_THE_PROPOSAL_THROUGH = "at 12.4s: open b1 -> controller"
PROPOSAL_UNDER_WAY = (
    # The controller hears less of b3 than of b1, and so gives b3 up first.
    "at 3s: cut b3 -> controller",
    "at 7s: shrink orders-0 by b3 for 1s",
    # Before b3 fetches again: b1 proposes to take it back, and the controller is not told.
    "at 7.9s: hold b1 -> controller",
    "at 8.2s: open b3 -> controller",
    LETS_THE_PROPOSAL_THROUGH,
)
WIPED = ("at 8.1s: crash b3, wiped", "at 8.2s: restart b3")
NOTHING_IS_COPIED = ("at 8.2s: hold b3 -> b1",)
EVERYTHING_IS_COPIED = "at 13s: open b3 -> b1"
OTHERS_END = ("at 12.41s: crash b1,b2",)


def told(*lines: str) -> Report:
    return run(replace(SCENARIO, schedule=tuple(map(parse_entry, lines))))


def when_struck(report: Report, line: str) -> int:
    fault = line.partition(": ")[2]
    return next(event.at_us for event in report.trace if isinstance(event, FaultInjected) and event.fault == fault)


def isr_within_a_millisecond(report: Report, after_us: int) -> list[tuple[int, ...]]:
    return [
        event.isr
        for event in report.trace
        if isinstance(event, IsrChanged) and event.partition == 0 and 0 <= event.at_us - after_us <= MILLISECOND_US
    ]


def test_the_proposal_that_was_under_way_takes_back_a_follower_that_lost_nothing() -> None:
    report = told(*PROPOSAL_UNDER_WAY)

    assert isr_within_a_millisecond(report, when_struck(report, LETS_THE_PROPOSAL_THROUGH)) == [(1, 2, 3)]


def test_a_follower_wiped_and_registered_anew_meanwhile_is_not_taken_back_empty() -> None:
    report = told(*PROPOSAL_UNDER_WAY, *WIPED, *NOTHING_IS_COPIED)

    let_through_us = when_struck(report, LETS_THE_PROPOSAL_THROUGH)
    b3 = [event for event in report.trace if isinstance(event, BrokerRegistered | BrokerUnfenced) and event.broker == 3]
    assert [type(event) for event in b3] == [BrokerRegistered, BrokerUnfenced] * 2
    assert b3[-1].at_us < let_through_us
    assert isr_within_a_millisecond(report, let_through_us) == []


def test_one_lost_disk_loses_nothing_acknowledged_when_the_other_brokers_end_as_well() -> None:
    report = told(*PROPOSAL_UNDER_WAY, *WIPED, *NOTHING_IS_COPIED, *OTHERS_END)

    elected = [event.leader for event in report.trace if isinstance(event, LeaderElected) and event.partition == 0]
    lost = report.verdict("lost")
    assert (lost.state, lost.checked) == (State.HOLDS, 24)
    assert 3 not in elected


def test_a_follower_refused_for_its_old_registration_is_taken_back_once_it_has_everything() -> None:
    report = told(*PROPOSAL_UNDER_WAY, *WIPED, *NOTHING_IS_COPIED, EVERYTHING_IS_COPIED)

    left, taken_back = (event for event in report.trace if isinstance(event, IsrChanged) and event.partition == 0)
    assert (left.isr, taken_back.isr) == ((1, 2), (1, 2, 3))
    assert taken_back.at_us > when_struck(report, EVERYTHING_IS_COPIED)
    assert report.verdict("lost").state is State.HOLDS
