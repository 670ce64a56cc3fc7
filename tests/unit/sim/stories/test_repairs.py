"""Whoever looks after a cluster mends what strikes, whenever it strikes; and does not wait for ever for what never comes."""

from dataclasses import replace

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, Scenario, TopicConfig, Workload, load
from sim.trace.events import BrokerStarted, ControllerStarted, FaultInjected, RequestDetained
from sim.world.units import SECOND_US

GROUP = load("rebalance_with_group_metadata+partitions=2+min_insync_replicas=2+records=12+duration_us_max=75000000")
PAUSED = "after TransactionBegan#1 client=billing-b: pause billing-b"
MENDED_AND_REVIVED = "after ApplicationResumed#1 client=billing-b +1ms"
CALM = Scenario(
    name="calm",
    question="Nothing happens?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    workload=Workload(records=6),
)


def struck(scenario: Scenario, *lines: str) -> Report:
    return run(replace(scenario, schedule=tuple(map(parse_entry, lines))))


def last_struck_us(report: Report) -> int:
    return max(event.at_us for event in report.trace if isinstance(event, FaultInjected))


# Nobody processes while its member stands still, so all is repaired; then that one goes on, and there is more to do.
@pytest.mark.parametrize(
    "fault",
    [
        "hold billing-a <-> *",
        "cut billing-a <-> *",
        "reject billing-a <-> *",
        "hold leader(invoices-0) -> controller",
        "pause leader(invoices-0)",
        "pause controller",
        "pause billing-a",
        "clock b2 7200s ahead",
    ],
)
def test_what_strikes_behind_the_repair_is_repaired_as_what_struck_before(fault: str) -> None:
    report = struck(GROUP, PAUSED, f"{MENDED_AND_REVIVED}: {fault}")

    assert report.exit_code == 0
    assert report.healed_us >= last_struck_us(report) + SECOND_US
    # No sooner, and no later: whoever is paused for a second is still a member of its group.
    assert report.healed_us < last_struck_us(report) + 2 * SECOND_US


def test_who_dies_behind_the_repair_is_started_as_who_died_before() -> None:
    broker, controller = (
        struck(GROUP, PAUSED, f"{MENDED_AND_REVIVED}: crash {who}") for who in ("leader(invoices-0)", "controller")
    )

    starts = [event.at_us for event in broker.trace if isinstance(event, BrokerStarted)]
    restarts = [event.at_us for event in controller.trace if isinstance(event, ControllerStarted)]
    assert starts[-1] == broker.healed_us < broker.virtual_us
    assert restarts[-1] == controller.healed_us < controller.virtual_us
    assert (broker.exit_code, controller.exit_code) == (0, 0)


def test_what_the_repair_itself_sets_off_is_repaired_too() -> None:
    report = struck(GROUP, PAUSED, "after ApplicationResumed#1 client=billing-b: cut billing-b <-> *")

    assert report.exit_code == 0
    assert report.healed_us < last_struck_us(report) + 2 * SECOND_US


def test_who_is_held_up_is_helped_although_another_fault_never_comes() -> None:
    lines = ("at 0s: reject producer-1 <-> *", "after PhaseEnded#5: crash b1")
    patient, impatient = struck(CALM, *lines), struck(replace(CALM, patience_us=30 * SECOND_US), *lines)

    assert patient.stopped.startswith("the application was not done after 300s")
    assert impatient.stopped == ""
    assert impatient.counts.acknowledged == 6
    assert [one.entry for one in impatient.unfired] == [1]


def test_who_is_helped_in_time_is_struck_all_the_same_when_the_moment_comes() -> None:
    lines = ("at 0s: reject producer-1 <-> *", "after RecordAcknowledged#2: crash leader(orders-0)")

    report = struck(replace(CALM, patience_us=30 * SECOND_US), *lines)

    assert report.exit_code == 0
    assert not report.unfired
    assert report.counts.acknowledged == 6


def test_a_time_that_is_known_is_waited_for_beyond_all_patience() -> None:
    report = struck(replace(CALM, patience_us=SECOND_US), "at 0s: cut producer-1 <-> *", "at 20s: pause b2")

    assert not report.unfired
    assert report.healed_us > 20 * SECOND_US


def test_nothing_is_healed_while_what_was_delayed_has_not_left() -> None:
    report = struck(
        GROUP,
        "after TransactionBegan#1 client=billing-b: detain EndTxn x3 to transaction_coordinator(billing-b) for 20s",
    )

    detained = [event.at_us for event in report.trace if isinstance(event, RequestDetained)]
    assert detained
    assert report.healed_us == detained[-1] + 20 * SECOND_US
