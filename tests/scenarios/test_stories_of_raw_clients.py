"""What stories of raw clients tell beyond their verdicts: who was told what, and what would have gone otherwise."""

from dataclasses import replace

from producer.errors import Code
from producer.events import IdentityAssigned
from sim.faults.points import phase_ended
from sim.faults.words import after
from sim.judges.report import Report, chain
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import ProduceAnswered, RecordAcknowledged, RecordFailed, RecordRead


def codes(report: Report, client: str) -> list[int]:
    return [event.code for event in report.trace if isinstance(event, ProduceAnswered) and event.client == client]


# -- stale epoch is fenced ---------------------------------------------------------------------------------------------


def test_an_old_epoch_is_taken_until_the_partition_has_seen_the_new_one_and_refused_then() -> None:
    report = run(load("stale_epoch_is_fenced"))

    assert codes(report, "early") == [Code.NONE]
    assert codes(report, "late") == [Code.INVALID_PRODUCER_EPOCH]
    late = next(event for event in report.trace if isinstance(event, RecordFailed) and event.client == "late")
    assert (late.code, late.outcome) == (Code.INVALID_PRODUCER_EPOCH, "failed")
    assert [event.value for event in report.trace if isinstance(event, RecordRead) and event.key is None] == [
        b"early-1"
    ]


def test_the_producer_that_fences_is_never_refused_itself() -> None:
    report = run(load("stale_epoch_is_fenced"))

    assert set(codes(report, "producer-1")) == {Code.NONE}
    assert [event.producer_epoch for event in report.trace if isinstance(event, IdentityAssigned)] == [0, 1]


# -- stolen producer id ------------------------------------------------------------------------------------------------


def test_two_writers_are_told_the_same_offset_and_one_of_them_is_there() -> None:
    report = run(load("stolen_producer_id"))

    told = [event for event in report.trace if isinstance(event, RecordAcknowledged) and event.offset == 3]
    assert [(event.client, event.record) for event in told] == [("thief", 1), ("producer-1", 4)]
    assert [event.value for event in report.trace if isinstance(event, RecordRead) and event.offset == 3] == [
        b"thief-1"
    ]


def test_why_it_is_lost_names_the_foreign_write_and_what_the_leader_took_the_batch_for() -> None:
    report = run(load("stolen_producer_id"))

    (finding,) = report.verdict("lost").findings
    said = [text for _, text in chain(report.trace.events, finding.moments)]
    assert said[0].startswith("fault: write orders-0 to b1 as thief, id ")
    assert "b1 knows the batch already and answers offset 3" in said


def test_two_records_of_the_thief_cost_the_producer_its_epoch_and_no_record() -> None:
    story = load("stolen_producer_id")
    two = (after(phase_ended(1)).write("orders-0", client="thief", of="producer-1", records=2),)
    report = run(replace(story, schedule=two, expects=frozenset()))

    assert report.violated == ()
    assert report.counts.acknowledged == report.counts.sent == 8
    assert Code.OUT_OF_ORDER_SEQUENCE_NUMBER in codes(report, "producer-1")
