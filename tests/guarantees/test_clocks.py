"""What a wrong clock does to records and promises, told by runs."""

from dataclasses import replace

from producer.error_codes import Code
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import IsrChanged, RecordFailed, RecordRead, RecordSent

BEHIND = load("clock_behind_refuses_records")
SET_BACK = load("clock_set_back_blocks_isr")


def test_records_are_refused_only_where_the_clock_is_behind_and_none_is_lost() -> None:
    report = run(BEHIND)

    failed = [event for event in report.trace if isinstance(event, RecordFailed)]
    # Where several records of a batch are at fault, each is INVALID_RECORD, as with Java's producer.
    assert {(event.partition, event.outcome) for event in failed} == {(0, "failed")}
    assert {event.code for event in failed} == {Code.INVALID_TIMESTAMP, Code.INVALID_RECORD}
    assert (report.counts.acknowledged, report.counts.failed) == (30, 10)
    assert report.exit_code == 0


def test_without_the_jump_back_the_follower_is_dropped_and_everything_is_acknowledged() -> None:
    jumped, right = run(SET_BACK), run(replace(SET_BACK, schedule=SET_BACK.schedule[1:]))

    assert (jumped.counts.acknowledged, jumped.counts.unknown) == (10, 10)
    assert (right.counts.acknowledged, right.counts.unknown) == (20, 0)
    assert not any(isinstance(event, IsrChanged) for event in jumped.trace if event.at_us < 120_000_000)


def test_a_clients_clock_is_the_time_of_its_records_and_no_time_out_of_its_own() -> None:
    story = replace(BEHIND, schedule=(parse_entry("after PhaseEnded#1 phase=1: clock producer-1 86400s behind"),))

    report = run(story)

    sent = [event.at_us for event in report.trace if isinstance(event, RecordSent)]
    times_ms = [event.timestamp_ms for event in report.trace if isinstance(event, RecordRead)]
    assert report.counts.acknowledged == len(sent) == len(times_ms) == 40
    assert max(times_ms) - min(times_ms) > 86_000_000
    assert report.exit_code == 0


def test_a_client_whose_clock_is_two_hours_ahead_is_refused_everywhere() -> None:
    story = replace(BEHIND, schedule=(parse_entry("after PhaseEnded#1 phase=1: clock producer-1 7200s ahead"),))

    report = run(story)

    assert (report.counts.acknowledged, report.counts.failed) == (20, 20)
