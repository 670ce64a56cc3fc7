"""An application that waits, between two phases, for a point in the protocol or a state of the cluster."""

from dataclasses import replace
from typing import Any

import pytest

from sim.faults.names import UnknownNameError
from sim.faults.points import acknowledged, elected, event, phase_ended
from sim.faults.schedule import After, Entry
from sim.faults.words import after, at
from sim.judges.report import Report
from sim.stories.conditions import Condition, in_sync, led
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload
from sim.trace.events import IsrChanged, LeaderElected, PhaseAwaited, PhaseBegan, RecordAcknowledged
from sim.world.units import SECOND_US

CALM = Scenario(
    name="calm",
    question="?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    workload=Workload(records=4),
)


def waiting(condition: Condition, *faults: Entry, **changes: Any) -> Scenario:
    """Two phases of two records; the second waits."""
    workload = Workload(records=4, phases=(Phase(), Phase(waits_for=condition)))
    return replace(CALM, workload=workload, schedule=faults, **changes)


def second_phase_us(report: Report) -> int:
    return next(event.at_us for event in report.trace if isinstance(event, PhaseBegan) and event.phase == 2)


def test_what_has_come_already_is_not_waited_for() -> None:
    report = run(waiting(acknowledged(2)))

    (awaited,) = [event for event in report.trace if isinstance(event, PhaseAwaited)]
    assert (awaited.phase, awaited.waits_for) == (2, "after RecordAcknowledged#2")
    assert second_phase_us(report) == awaited.at_us
    assert report.exit_code == 0


def test_a_leader_is_waited_for() -> None:
    report = run(waiting(elected("orders-0"), after(phase_ended(1)).wait(SECOND_US).crash("b1")))

    leader = [event for event in report.trace if isinstance(event, LeaderElected)][-1]
    assert leader.leader != 1
    assert second_phase_us(report) == leader.at_us
    assert report.counts.acknowledged == 4


def test_a_partition_that_nobody_leads_is_waited_for() -> None:
    faults = [after(phase_ended(1)).crash("b1,b2,b3"), after(phase_ended(1)).wait(20 * SECOND_US).restart("b1,b2,b3")]
    quiet = waiting(led("orders-0"), *faults, repairs_after_us=60 * SECOND_US)
    # It looks when its silence before is over: by then all three are fenced or down.
    report = run(quiet)

    led_us = [event.at_us for event in report.trace if isinstance(event, LeaderElected) and event.leader > 0][-1]
    assert second_phase_us(report) >= led_us or report.counts.acknowledged == 4
    assert report.exit_code == 0


def test_all_replicas_in_sync_are_waited_for() -> None:
    faults = [after(phase_ended(1)).shrink_isr("orders-0", by="b3", lasts_us=5 * SECOND_US)]
    scenario = replace(waiting(in_sync("orders-0"), *faults))
    slow = replace(
        scenario,
        workload=Workload(
            records=4, phases=(Phase(), Phase(quiet_us=SECOND_US, share=0), *scenario.workload.phases[1:])
        ),
    )

    report = run(slow)

    whole = [event for event in report.trace if isinstance(event, IsrChanged) and len(event.isr) == 3][-1]
    began_us = next(event.at_us for event in report.trace if isinstance(event, PhaseBegan) and event.phase == 3)
    assert began_us == whole.at_us


def test_silence_is_counted_from_what_was_waited_for() -> None:
    workload = Workload(records=4, phases=(Phase(), Phase(waits_for=acknowledged(1), quiet_us=3 * SECOND_US)))

    report = run(replace(CALM, workload=workload))

    ended_us = [event.at_us for event in report.trace if isinstance(event, RecordAcknowledged)][1]
    assert second_phase_us(report) == ended_us + 3 * SECOND_US


def test_what_never_comes_leaves_the_run_open() -> None:
    report = run(waiting(acknowledged(99), duration_us_max=20 * SECOND_US))

    assert report.stopped.startswith("the application was not done after 20s")
    assert report.exit_code == 3


def test_an_application_that_stands_still_hears_of_it_when_it_goes_on() -> None:
    faults = [
        after(phase_ended(1)).wait(SECOND_US).crash("b1"),
        after(phase_ended(1)).wait(2 * SECOND_US).pause("producer-1"),
        after(phase_ended(1)).wait(30 * SECOND_US).resume("producer-1"),
    ]

    report = run(waiting(elected("orders-0"), *faults))

    assert second_phase_us(report) > 30 * SECOND_US


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (in_sync("orders-7"), "waiting for 'orders-7' names partition orders-7, orders has 1"),
        (led("nowhere-0"), "names topic 'nowhere'"),
        (event("RecordAcknowledged", where={"client": "somebody"}), "names "),
    ],
)
def test_what_is_never_there_is_named_before_the_run(condition: Condition, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        waiting(condition)


def test_a_delay_behind_a_point_is_the_phases_silence() -> None:
    with pytest.raises(ValueError, match="a delay behind it is quiet_us"):
        Phase(waits_for=After("RecordAcknowledged", delay_us=5))


def test_two_that_wait_for_the_same_point_both_go_on() -> None:
    phases = (Phase(), Phase(waits_for=elected("orders-0")), Phase(waits_for=elected("orders-0")))
    scenario = replace(
        CALM, workload=Workload(records=6, phases=phases), schedule=(at(5 * SECOND_US).move_leader("orders-0", to=2),)
    )

    report = run(scenario)

    assert report.counts.acknowledged == 6
    assert second_phase_us(report) > 5 * SECOND_US
