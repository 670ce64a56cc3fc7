"""What a record stands for is in the log once at most, whoever wrote it: another question than whether it was written once."""

from dataclasses import replace

import pytest

from producer.records import Record
from sim.judges.guarantees import State
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.workload import Workload
from tests.guarantees.written import WrittenTrace


def sent_by_two(first: bytes | None, second: bytes | None) -> WrittenTrace:
    """Two clients write a record each, and say what it stands for."""
    trace = WrittenTrace()
    for place, (client, thing) in enumerate((("app", first), ("app.2", second))):
        trace.by(client).send(1, stands_for=thing)
        trace.append(trace.request(trace.batch(1)), at=place).commit(place + 1).acknowledge(1, at=place)
    return trace.end()


def test_a_thing_that_two_clients_wrote_is_there_twice_though_each_wrote_its_record_once() -> None:
    trace = sent_by_two(b"b1", b"b1")

    (finding,) = trace.judged("repeated").findings
    assert (
        finding.what
        == "b1 is there 2 times: record 1 of app at orders-0 offset 0, record 1 of app.2 at orders-0 offset 1"
    )
    assert (finding.client, finding.record) == ("app.2", 1)
    assert {"send of the first one", "append of the first one", "append"} <= {one.role for one in finding.moments}
    assert trace.state("duplicated") is State.HOLDS


def test_two_things_are_two_though_their_records_have_the_same_bytes() -> None:
    assert sent_by_two(b"order-1", b"order-2").state("repeated") is State.HOLDS


def test_nobody_says_what_records_stand_for_so_nothing_is_judged() -> None:
    verdict = sent_by_two(None, None).judged("repeated")

    assert (verdict.state, verdict.checked) == (State.HOLDS, 0)


def test_record_that_its_producer_wrote_twice_is_there_twice_for_the_business_as_well() -> None:
    trace = WrittenTrace().send(1, stands_for=b"b1")
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).append(trace.request(batch), at=1).commit(2).end()

    assert trace.state("duplicated") is State.VIOLATED
    assert trace.state("repeated") is State.VIOLATED


def test_first_send_that_is_in_no_log_any_more_repeats_nothing() -> None:
    trace = WrittenTrace().send(1, 2, stands_for=b"b1").fail(1, outcome="unknown")
    trace.append(trace.request(trace.batch(2)), at=0).commit(1).acknowledge(2, at=0)

    assert trace.end().state("repeated") is State.HOLDS


def test_run_cut_short_without_a_finding_shows_nothing() -> None:
    assert WrittenTrace().send(1, stands_for=b"b1").end(is_settled=False).state("repeated") is State.INCONCLUSIVE


@pytest.mark.parametrize("name", ["application_restarts", "resend_on_error", "zombie_application"])
def test_an_application_that_sends_again_leaves_a_thing_twice_and_each_record_once(name: str) -> None:
    report = run(load(name))

    assert report.verdict("repeated").findings
    assert report.verdict("duplicated").state is State.HOLDS


def test_an_application_that_only_goes_on_repeats_nothing() -> None:
    scenario = load("application_restarts")
    goes_on = replace(scenario, applications=(replace(scenario.applications[0], new_life="goes on"),))

    assert run(goes_on).verdict("repeated").state is State.HOLDS


@pytest.mark.parametrize(
    ("stands_for", "thing"), [("value", b"v"), ("key", b"k"), ("header id", b"7"), ("header none", None), ("", None)]
)
def test_a_record_stands_for_its_value_its_key_or_a_header_of_its(stands_for: str, thing: bytes | None) -> None:
    record = Record("orders", b"v", b"k", headers=(("id", b"7"), ("id", b"8")))

    assert Workload(stands_for=stands_for).business_of(record) == thing


def test_what_a_record_cannot_stand_for_is_named() -> None:
    with pytest.raises(ValueError, match=r"Workload\.stands_for is 'colour', must be value, key or header NAME"):
        Workload(stands_for="colour")
