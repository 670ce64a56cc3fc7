"""What a topic's retention removes is lost to late readers, and to nobody else; where they go on is auto.offset.reset's matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.faults.schedule import parse_entry
from sim.faults.words import at
from sim.judges.guarantees import State
from sim.judges.report import Report
from sim.stories.planted import planted_bug
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import ReaderMoved, RecordRead, SegmentsDeleted

STORY = load("records_expire_unread")


def of(report: Report, kind: type[Any]) -> list[Any]:
    return [event for event in report.trace if isinstance(event, kind) and event.client == "audit"]


def test_what_went_by_age_before_it_was_read_is_counted_and_not_lost() -> None:
    report = run(STORY)

    read = {event.offset for event in of(report, RecordRead)}
    gone = max(event.to_offset for event in report.trace if isinstance(event, SegmentsDeleted))
    assert report.verdict("lost").state is State.HOLDS
    assert report.counts.acknowledged == 60
    assert report.counts.retired == gone
    assert report.counts.retired_unread == len(set(range(gone)) - read) > 0


def test_reader_from_the_latest_passes_over_what_is_still_there() -> None:
    report = run(STORY)

    back = next(event for event in of(report, ReaderMoved) if event.why == "offset out of range")
    missed = {finding.what for finding in report.verdict("unread").findings}
    assert missed
    assert f"committed at orders-0 offset {back.offset - 1}, and audit passed over it" in missed


def test_reader_from_the_earliest_takes_up_what_is_still_there() -> None:
    report = run(replace(STORY, readers=(at(0).read("orders", name="audit"),)))

    back = next(event for event in of(report, ReaderMoved) if event.why == "offset out of range")
    offsets = [event.offset for event in of(report, RecordRead)]
    assert report.exit_code == 0
    assert report.counts.retired_unread > 0
    assert offsets == [*range(offsets.index(back.offset)), *range(back.offset, 60)]


def test_nobody_misses_anything_where_everything_is_kept() -> None:
    kept = parse_entry("at 9s: alter topic orders set retention.ms=600000")

    report = run(STORY, faults=(kept,))

    assert (report.exit_code, report.counts.retired) == (0, 0)


def test_segment_that_goes_too_early_is_seen_on_the_disk() -> None:
    report = run(STORY, mutant=planted_bug("segment_as_old_as_its_first"))

    assert report.breach is not None
    assert report.breach.invariant == "log start"
    assert "was to stay for 20000" in report.breach.what
