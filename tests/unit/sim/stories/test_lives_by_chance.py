"""Whatever becomes of an application's processes, what it took upon itself is done once one of them lives to the end."""

from dataclasses import replace

import pytest

from sim.explore.course import undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import kinds_of
from sim.stories.applications import NewLife
from sim.stories.runner import run
from sim.stories.scenario import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Resends,
    Scenario,
    TopicConfig,
    Workload,
    at,
)
from sim.trace.events import PhaseEnded, RecordRead, RecordSent, RecordSentAgain

WORKLOAD = Workload(records=24, phases=(Phase(every_us=3_000), Phase(every_us=50_000)))
VALUES = {b"value-%d" % number for number in range(24)}
SCHEDULES = 20


def story(new_life: NewLife) -> Scenario:
    application = Application(name="billing", workload=WORKLOAD, new_life=new_life, resends=Resends())
    return Scenario(
        name="lives",
        question="Is everything done?",
        cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
        applications=(application,),
        duration_us_max=900 * SECOND_US,
    )


@pytest.mark.parametrize("number", range(SCHEDULES))
def test_who_sends_again_what_it_was_not_told_leaves_nothing_out(number: int) -> None:
    scenario = story("sends again")
    course = undisturbed(scenario, 0, is_warm=False)
    schedule = drawn(number, seed=5, course=course, kinds=kinds_of("NA"))
    last = at(700 * SECOND_US).restart("billing").if_possible()

    report = run(replace(scenario, schedule=(*schedule, last)), 0)

    assert not report.stopped
    assert report.is_settled
    assert {event.value for event in report.trace if isinstance(event, RecordRead)} >= VALUES


@pytest.mark.parametrize("number", range(SCHEDULES))
def test_who_goes_on_hands_over_each_record_once_but_for_zombies_and_what_failed(number: int) -> None:
    scenario = story("goes on")
    course = undisturbed(scenario, 0, is_warm=False)
    schedule = drawn(number, seed=6, course=course, kinds=kinds_of("A"))

    report = run(replace(scenario, schedule=schedule), 0)

    sent = [event for event in report.trace if isinstance(event, RecordSent)]
    again = [event for event in report.trace if isinstance(event, RecordSentAgain)]
    assert len({event.value for event in sent}) == len(sent) - len(again)
    assert report.counts.failed == 0
    assert {event.client for event in report.trace if isinstance(event, PhaseEnded)} <= {
        one.client for one in report.clients
    }
