"""An application sends a failed record again, as a new one: so often, on such news, and as long as it lives."""

from dataclasses import replace

from sim.stories.runner import run
from sim.stories.scenario import (
    SECOND_US,
    Resends,
    Workload,
    at,
    leader,
)
from sim.trace.events import (
    RecordFailed,
    RecordRead,
    RecordSentAgain,
)
from tests.unit.sim.stories.cast import ALONE, BILLING, FRAIL, told


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


def test_a_stopped_application_sends_nothing_again() -> None:
    again = replace(BILLING, producer=FRAIL, resends=Resends(wait_us=SECOND_US))
    refusal = at(0).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0")

    report = run(replace(ALONE, applications=(again,)), faults=[refusal, at(500_000).stop("billing")])

    assert report.counts.failed > 0
    assert told(report, RecordSentAgain) == []
    assert report.exit_code == 0
