"""Several applications in one story: each sends its own, under its own name, with its own properties, from its own time on."""

from dataclasses import replace

import pytest

from producer.events import IdentityAssigned
from sim.faults.names import UnknownNameError
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import (
    SECOND_US,
    Application,
    Scenario,
    Workload,
    after,
    at,
    phase_ended,
)
from sim.trace.events import (
    ApplicationStarted,
    RecordAcknowledged,
)
from tests.unit.sim.stories.cast import ALONE, AUDIT, BILLING, BOTH, CLUSTER, told, values_of


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


def test_whoever_outlives_the_story_is_named() -> None:
    cut = [at(0).cut_link("audit")]

    report = run(replace(BOTH, repairs_after_us=600 * SECOND_US, duration_us_max=20 * SECOND_US), faults=cut)

    assert report.stopped.startswith("audit was not done after 20s")


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
            "names client 'biling', clients are billing, audit",
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
