"""Several applications in one story: each sends its own, under its own name, and each of its lives is a client of its own."""

from dataclasses import replace
from typing import TypeVar

import pytest

from producer.events import BatchSent, IdentityAssigned
from sim.faults.names import UnknownNameError
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
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
    after,
    appended,
    at,
    batch_sent,
    killed,
    leader,
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

E = TypeVar("E")

CLUSTER = ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("audit")))
BILLING = Application(name="billing", workload=Workload(records=10))
AUDIT = Application(name="audit", producer={"acks": "1"}, workload=Workload(topic="audit", records=4))
BOTH = Scenario(name="both", question="Do both go their way?", cluster=CLUSTER, applications=(BILLING, AUDIT))
ALONE = replace(BOTH, applications=(BILLING,))


def told(report: Report, kind: type[E]) -> list[E]:
    return [event for event in report.trace if isinstance(event, kind)]


def values_of(report: Report, client: str) -> list[bytes | None]:
    return [event.value for event in told(report, RecordSent) if event.client == client]


def test_each_application_sends_its_own_records_to_its_own_topic_with_its_own_properties() -> None:
    report = run(BOTH)

    assert report.exit_code == 0
    assert report.counts.acknowledged == report.counts.read == 14
    assert {(event.client, event.topic) for event in told(report, RecordAcknowledged)} == {
        ("billing", "orders"), ("audit", "audit"),
    }  # fmt: skip
    assert report.properties == {"audit:acks": "1"}
    assert {event.client for event in told(report, IdentityAssigned)} == {"billing"}


def test_the_short_form_and_the_long_form_of_one_application_are_one_run() -> None:
    short = Scenario(
        name="one", question="One?", cluster=CLUSTER, producer={"linger.ms": "7"}, workload=Workload(records=9)
    )
    long = replace(
        short,
        producer={},
        workload=Workload(),
        applications=(Application(producer={"linger.ms": "7"}, workload=Workload(records=9)),),
    )

    assert run(short, 3).digest == run(long, 3).digest


def test_one_more_application_moves_nothing_in_what_another_one_sends() -> None:
    with_both, alone = run(BOTH, 2), run(ALONE, 2)

    assert values_of(with_both, "billing") == values_of(alone, "billing")


def test_an_application_starts_when_its_time_has_come() -> None:
    late = replace(AUDIT, starts_after_us=2 * SECOND_US)

    report = run(replace(BOTH, applications=(BILLING, late)))

    begun = {event.client: event.at_us for event in told(report, ApplicationStarted)}
    assert begun["audit"] - begun["billing"] == 2 * SECOND_US
    assert report.counts.acknowledged == 14


def test_an_application_starts_when_a_fault_says_so_and_not_before() -> None:
    waiting = replace(BOTH, applications=(BILLING, replace(AUDIT, starts_after_us=None)))

    assert run(waiting).counts.sent == 10
    report = run(waiting, faults=[after(phase_ended(1, by="billing")).start("audit")])

    assert report.exit_code == 0
    assert report.counts.acknowledged == 14
    order = [
        type(event).__name__ + event.client
        for event in report.trace
        if getattr(event, "client", "") in {"billing", "audit"}
    ]
    assert order.index("PhaseEndedbilling") < order.index("ApplicationStartedaudit") < order.index("RecordSentaudit")


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


def test_a_stopped_application_sends_nothing_again() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(wait_us=SECOND_US))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal, at(500_000).stop("billing")])

    assert report.counts.failed > 0
    assert told(report, RecordSentAgain) == []
    assert report.exit_code == 0


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


def test_whoever_outlives_the_story_is_named() -> None:
    cut = [at(0).cut_link("audit")]

    report = run(replace(BOTH, repairs_after_us=600 * SECOND_US, duration_us_max=20 * SECOND_US), faults=cut)

    assert report.stopped.startswith("audit was not done after 20s")


# -- sent again on error -----------------------------------------------------------------------------------------------

FRAIL = {"retries": "0", "enable.idempotence": "false", "acks": "1"}


def test_a_record_that_failed_is_sent_again_as_a_new_record() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(wait_us=50_000))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal])

    resent = told(report, RecordSentAgain)
    failed = {event.record for event in told(report, RecordFailed)}
    assert failed
    assert {one.first_record for one in resent} == failed
    assert {one.record for one in resent}.isdisjoint(range(1, 11))
    assert {event.value for event in told(report, RecordRead)} == {b"value-%d" % number for number in range(10)}


def test_without_the_word_a_failed_record_is_let_go() -> None:
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(replace(BILLING, producer=FRAIL),)), faults=[refusal])

    assert report.counts.sent == 10
    assert report.counts.failed > 0


def test_a_record_is_sent_again_so_often_and_no_more() -> None:
    again = replace(BILLING, producer=FRAIL, workload=Workload(records=1), resends=Resends(times_max=2, wait_us=0))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", times=9)

    report = run(replace(ALONE, applications=(again,)), faults=[refusal])

    assert report.counts.sent == report.counts.failed == 3


def test_a_record_is_sent_again_only_on_the_news_that_count() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(on=frozenset({"unknown"})))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal])

    assert report.counts.failed > 0
    assert told(report, RecordSentAgain) == []


def test_a_phase_ends_when_what_is_sent_again_has_its_answer_too() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(wait_us=5 * SECOND_US))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal])

    names = [type(event).__name__ for event in report.trace if getattr(event, "client", "") == "billing"]
    assert names.index("PhaseEnded") > names.index("RecordSentAgain")


def test_a_phase_ends_when_what_is_sent_again_at_once_has_its_answer_too() -> None:
    again = replace(BILLING, producer=FRAIL, workload=Workload(records=1), resends=Resends(times_max=2, wait_us=0))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", times=9)

    report = run(replace(ALONE, applications=(again,)), faults=[refusal])

    names = [type(event).__name__ for event in report.trace if getattr(event, "client", "") == "billing"]
    assert names.count("RecordFailed") == 3
    assert "RecordFailed" not in names[names.index("PhaseEnded") :]
    assert "RecordSent" not in names[names.index("PhaseEnded") :]


def test_a_phase_that_ended_has_an_answer_for_all_that_was_sent_again() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(wait_us=SECOND_US))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal])

    names = [type(event).__name__ for event in report.trace if getattr(event, "client", "") == "billing"]
    assert "RecordAcknowledged" not in names[names.index("PhaseEnded") :]


def test_a_killed_application_sends_nothing_again() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(wait_us=SECOND_US))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal, at(500_000).kill("billing")])

    assert report.counts.failed > 0
    assert told(report, RecordSentAgain) == []


# -- words that cannot be ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["b1", "controller", "consumer-1", "billing.2", "", "1st", "bill ing", "a:b"])
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"Application\.name is"):
        Application(name=name)


def test_two_applications_have_two_names() -> None:
    with pytest.raises(ValueError, match="two of the name 'billing'"):
        replace(BOTH, applications=(BILLING, BILLING))


def test_a_story_has_either_form() -> None:
    with pytest.raises(ValueError, match="each has its own producer and workload"):
        replace(BOTH, producer={"acks": "1"})


def test_somebody_begins_by_himself() -> None:
    with pytest.raises(ValueError, match="none that starts by itself"):
        replace(BOTH, applications=(replace(BILLING, starts_after_us=None),))


def test_nobody_starts_when_the_story_is_over() -> None:
    with pytest.raises(ValueError, match="audit starts after Scenario"):
        replace(BOTH, applications=(BILLING, replace(AUDIT, starts_after_us=301 * SECOND_US)))


@pytest.mark.parametrize(
    "line,said",
    [
        ("after BatchSent#3 client=biling: crash b1", "names client 'biling'"),
        ("at 1s: kill biling", "names application 'biling', applications are billing, audit"),
        ("at 1s: start producer-1", "names application 'producer-1'"),
        ("at 1s: kill billing.2", "names billing.2, billing has 1 life"),
        ("at 1s: restart billing.2", "names application 'billing.2'"),
        ("at 1s: cut billing.2 <-> *", "names host 'billing.2', hosts are controller, billing, audit, b1, b2, b3"),
        ("at 1s: cut producer-1 <-> *", "names host 'producer-1'"),
        (
            "after RecordSent#3 client=biling: crash b1",
            "names client 'biling', applications' clients are billing, audit",
        ),
    ],
)
def test_a_stranger_is_known_before_the_run(line: str, said: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        replace(BOTH, schedule=(parse_entry(line),))

    assert said in str(raised.value)


def test_a_life_that_the_schedule_begins_may_be_named() -> None:
    replace(
        BOTH,
        schedule=tuple(
            map(parse_entry, ("at 1s: replace billing", "at 2s: kill billing.2", "at 3s: cut billing.2 <-> b1"))
        ),
    )
