"""What becomes of an application's process: each of its lives is a client of its own, and a new one takes up what is left."""

from dataclasses import replace

import pytest

from producer.events import BatchSent, IdentityAssigned
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import (
    SECOND_US,
    Phase,
    Workload,
    after,
    appended,
    at,
    batch_sent,
    killed,
    phase_ended,
    sent,
    started,
    stopped,
)
from sim.trace.events import (
    ApplicationKilled,
    ApplicationPaused,
    ApplicationResumed,
    ApplicationStarted,
    ApplicationStopping,
    PhaseBegan,
    RecordAcknowledged,
    RecordFailed,
    RecordRead,
    RecordSent,
    RecordSentAgain,
)
from tests.unit.sim.stories.cast import ALONE, AUDIT, BILLING, BOTH, told, values_of


def test_a_killed_application_flushes_nothing_hears_nothing_and_sends_nothing_more() -> None:
    report = run(BOTH, faults=[after(sent(5, by="billing")).kill("billing")])

    (death,) = told(report, ApplicationKilled)
    later = [
        event
        for event in report.trace.events[report.trace.events.index(death) + 1 :]
        if getattr(event, "client", "") == "billing"
    ]
    assert [
        event for event in later if isinstance(event, (RecordSent, RecordAcknowledged, RecordFailed, BatchSent))
    ] == []
    assert len(values_of(report, "billing")) == 5
    assert report.counts.unknown == 5
    assert report.exit_code == 0


def test_what_the_brokers_took_of_the_dead_is_written_though_nobody_hears_of_it() -> None:
    report = run(ALONE, faults=[after(appended("orders-0")).kill("billing")])

    assert report.counts.acknowledged == 0
    assert report.counts.read > 0
    assert report.is_settled
    assert report.exit_code == 0


def test_a_stopped_application_sends_nothing_new_and_hears_of_all_it_sent() -> None:
    steady = replace(BILLING, workload=Workload(records=10, phases=(Phase(every_us=20_000),)))
    faults = [after(sent(6, by="billing")).stop("billing"), after(stopped("billing")).restart("billing")]

    report = run(replace(ALONE, applications=(steady,)), faults=faults)

    names = [type(event).__name__ for event in report.trace if getattr(event, "client", "") == "billing"]
    assert "RecordSent" not in names[names.index("ApplicationStopping") :]
    assert names.count("RecordAcknowledged") == 6
    assert [len(values_of(report, client)) for client in ("billing", "billing.2")] == [6, 4]
    assert report.counts.acknowledged == 10
    assert report.exit_code == 0


def test_a_send_that_waits_when_its_application_is_stopped_fails_for_certain() -> None:
    report = run(ALONE, faults=[at(0).cut_link("billing"), at(100_000).stop("billing")])

    (failed,) = told(report, RecordFailed)
    assert failed.outcome == "failed"
    assert failed.at_us == told(report, ApplicationStopping)[0].at_us


def test_an_application_that_died_behind_a_held_link_is_gone_when_the_network_is_repaired() -> None:
    moment = after(sent(5, by="billing"))

    report = run(ALONE, faults=[moment.hold_link("b1", one_way=True), moment.wait(1_000).kill("billing")])

    assert report.is_settled
    assert not report.missed


def test_an_application_that_is_stopping_cannot_be_asked_twice_but_it_can_be_killed() -> None:
    held = at(0).delay_response("Produce", by_us=5 * SECOND_US)
    asked = [at(600_000).stop("billing"), at(700_000).stop("billing").if_possible(), at(800_000).kill("billing")]

    report = run(ALONE, faults=[held, *asked])

    (refused,) = report.refused
    assert "billing stops already" in refused.reason
    assert len(told(report, ApplicationKilled)) == 1
    assert report.counts.unknown > 0


def test_a_restarted_application_goes_on_with_what_it_has_not_sent() -> None:
    faults = [after(sent(5, by="billing")).kill("billing"), after(killed("billing")).wait(SECOND_US).restart("billing")]

    report = run(BOTH, faults=faults)

    assert values_of(report, "billing") == [b"value-%d" % number for number in range(5)]
    assert values_of(report, "billing.2") == [b"value-%d" % number for number in range(5, 10)]
    assert told(report, RecordSentAgain) == []
    first, second = (
        [
            event.producer_id
            for event in told(report, IdentityAssigned)
            if event.client == client and event.producer_id >= 0
        ]
        for client in ("billing", "billing.2")
    )
    assert set(first).isdisjoint(second)
    assert report.exit_code == 0


def test_a_restarted_application_that_sends_again_begins_with_what_it_was_not_told() -> None:
    careful = replace(BOTH, applications=(replace(BILLING, new_life="sends again"), AUDIT))
    faults = [after(sent(5, by="billing")).kill("billing"), after(killed("billing")).wait(SECOND_US).restart("billing")]

    report = run(careful, faults=faults)

    assert values_of(report, "billing.2") == [b"value-%d" % number for number in range(10)]
    again = told(report, RecordSentAgain)
    assert [(one.client, one.record, one.first_client, one.first_record) for one in again] == [
        ("billing.2", number, "billing", number) for number in range(1, 6)
    ]


def test_a_restarted_application_that_begins_anew_sends_everything_once_more() -> None:
    anew = replace(ALONE, applications=(replace(BILLING, new_life="begins anew"),))
    faults = [after(phase_ended(1, by="billing")).wait(1000).restart("billing")]

    report = run(anew, faults=faults)

    assert values_of(report, "billing.2") == values_of(report, "billing")
    assert report.counts.acknowledged == report.counts.read == 20


def test_later_lives_count_on() -> None:
    faults = [
        after(sent(3, by="billing")).kill("billing"),
        after(killed("billing")).wait(1000).restart("billing"),
        after(sent(3, by="billing.2")).kill("billing"),
        after(killed("billing.2")).wait(1000).restart("billing"),
    ]

    report = run(ALONE, faults=faults)

    assert [(event.client, event.life) for event in told(report, ApplicationStarted)] == [
        ("billing.2", 2),
        ("billing.3", 3),
    ]
    assert [len(values_of(report, client)) for client in ("billing", "billing.2", "billing.3")] == [3, 3, 4]


def test_a_life_takes_up_the_phase_in_which_the_one_before_it_died() -> None:
    workload = Workload(records=10, phases=(Phase(), Phase(quiet_us=SECOND_US)))
    two = replace(ALONE, applications=(replace(BILLING, workload=workload),))
    faults = [after(sent(7, by="billing")).kill("billing"), after(killed("billing")).wait(1000).restart("billing")]

    report = run(two, faults=faults)

    (second,) = [event for event in told(report, PhaseBegan) if event.client == "billing.2"]
    (birth,) = told(report, ApplicationStarted)
    assert second.phase == 2
    assert second.at_us == birth.at_us


def test_a_paused_application_does_nothing_but_its_kernel_takes_what_comes() -> None:
    steady = replace(BILLING, workload=Workload(records=10, phases=(Phase(every_us=20_000),)))
    faults = [
        after(batch_sent("orders-0")).pause("billing"),
        after(batch_sent("orders-0")).wait(3 * SECOND_US).resume("billing"),
    ]

    report = run(replace(BOTH, applications=(steady, AUDIT)), faults=faults)

    (paused,), (resumed,) = told(report, ApplicationPaused), told(report, ApplicationResumed)
    assert resumed.at_us - paused.at_us == 3 * SECOND_US
    own = [
        event for event in report.trace if getattr(event, "client", "") == "billing" and "broker" not in event._fields
    ]
    assert [event for event in own if paused.at_us < event.at_us < resumed.at_us] == []
    assert any(event.at_us == resumed.at_us for event in own if isinstance(event, RecordAcknowledged))
    assert report.counts.acknowledged == 14


def test_an_application_that_waits_for_metadata_in_a_pause_gives_up_only_when_it_goes_on() -> None:
    impatient = replace(BILLING, producer={"max.block.ms": "1000"})
    faults = [at(0).cut_link("billing"), at(100_000).pause("billing"), at(5 * SECOND_US).resume("billing")]

    report = run(replace(ALONE, applications=(impatient,)), faults=faults)

    (resumed,) = told(report, ApplicationResumed)
    assert min(event.at_us for event in told(report, RecordFailed)) >= resumed.at_us


def test_a_paused_application_goes_on_although_nobody_says_so() -> None:
    report = run(BOTH, faults=[after(sent(5, by="billing")).pause("billing")])

    assert report.counts.acknowledged == 14
    assert report.exit_code == 0


def test_a_replaced_application_is_a_zombie_that_sends_what_its_replacement_sends() -> None:
    steady = replace(BILLING, workload=Workload(records=10, phases=(Phase(every_us=20_000),)))
    faults = [
        after(sent(5, by="billing")).pause("billing"),
        after(sent(5, by="billing")).wait(SECOND_US).replace("billing"),
        after(started("billing.2")).wait(SECOND_US).resume("billing"),
    ]

    report = run(replace(ALONE, applications=(steady,)), faults=faults)

    assert report.exit_code == 0
    assert values_of(report, "billing")[5:] == values_of(report, "billing.2")
    assert [event.value for event in told(report, RecordRead)].count(b"value-7") == 2


def test_a_life_that_is_killed_in_the_instant_in_which_it_begins_does_nothing() -> None:
    faults = [after(sent(3, by="billing")).replace("billing"), after(sent(3, by="billing")).kill("billing")]

    report = run(replace(ALONE, applications=(BILLING,)), faults=faults)

    assert report.exit_code == 0
    assert not values_of(report, "billing.2")


def test_a_fault_names_a_life_or_means_the_latest_one() -> None:
    steady = replace(BILLING, workload=Workload(records=10, phases=(Phase(every_us=20_000),)))
    faults = [
        after(sent(3, by="billing")).replace("billing"),
        after(sent(3, by="billing.2")).kill("billing.1"),
        after(sent(5, by="billing.2")).kill("billing"),
    ]

    report = run(replace(ALONE, applications=(steady,)), faults=faults)

    assert [event.client for event in told(report, ApplicationKilled)] == ["billing", "billing.2"]


@pytest.mark.parametrize(
    "line,reason",
    [
        ("at 1us: start billing", "billing has begun already"),
        ("at 1us: restart billing", "billing still lives"),
        ("at 1us: resume billing", "no life of billing stands still"),
        ("at 1us: resume billing.1", "billing does not stand still"),
        ("at 60s: stop billing", "no life of billing is left"),
        ("at 60s: kill billing", "no life of billing is left"),
        ("at 60s: kill billing.1", "billing is over"),
        ("at 60s: pause billing", "no life of billing is left"),
        ("at 60s: replace billing", "no life of billing is left to be replaced"),
        ("at 1us: kill late", "late has not begun yet"),
        ("at 1us: kill late.1", "late has not begun yet"),
        ("at 1us: restart late", "late has not begun yet"),
        ("at 1us: start soon", "soon begins by itself"),
    ],
)
def test_what_makes_no_sense_now_is_refused_and_leaves_the_run_open(line: str, reason: str) -> None:
    cast = (
        BILLING,
        replace(AUDIT, name="late", starts_after_us=None),
        replace(AUDIT, name="soon", starts_after_us=SECOND_US),
    )

    report = run(replace(BOTH, applications=cast), faults=[parse_entry(line)])

    (refused,) = report.refused
    assert reason in refused.reason
    assert report.exit_code == 3
