"""Somebody reads while a story goes on: from a moment on, by a name, over links of its own, until all that is committed is read."""

from dataclasses import replace
from typing import Any

import pytest

from sim.faults import Crash
from sim.faults.names import UnknownNameError
from sim.faults.points import event, phase_ended
from sim.faults.schedule import parse_entry
from sim.faults.words import after, at
from sim.judges.guarantees import Ledger, State
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.trace.events import ReaderBegan, ReaderEnded, ReaderMoved, RecordRead, RecordSent

QUIET = load("default_config")
CUT = load("unclean_election_takes_back_what_was_read")


def of(report: Report, kind: type[Any], reader: str) -> list[Any]:
    return [one for one in report.trace if isinstance(one, kind) and one.client == reader]


def test_reader_is_given_each_record_while_the_story_goes_on() -> None:
    report = run(replace(QUIET, readers=(at(0).read("orders"),)))

    reads = of(report, RecordRead, "reader-1")
    last_send = max(one.at_us for one in report.trace if isinstance(one, RecordSent))
    assert len(reads) == report.counts.sent == report.counts.read
    assert sum(one.at_us < last_send for one in reads) >= report.counts.sent - 1
    assert report.exit_code == 0


def test_reader_from_the_latest_is_given_what_comes_after_it_began() -> None:
    report = run(
        replace(QUIET, readers=(after(phase_ended(1)).wait(10_000).read("orders", begin="latest", name="audit"),))
    )

    before = [one.offset for one in of(report, ReaderMoved, "audit")]
    assert sum(before) == 24 * 2 // 8
    assert len(of(report, RecordRead, "audit")) == report.counts.sent - sum(before)
    assert report.verdict("unread").state is State.HOLDS


def test_reader_stays_where_a_search_draws_another_schedule() -> None:
    scenario = replace(QUIET, readers=(at(0).read("orders"),), schedule=(at(0).crash("b1"),))

    assert of(run(replace(scenario, schedule=())), ReaderBegan, "reader-1")


def test_read_is_a_line_of_a_schedule_like_any_other() -> None:
    line = "after PhaseEnded#1 phase=1 +10ms: read orders from latest as audit"

    assert str(parse_entry(line)) == line
    assert of(run(QUIET, faults=(parse_entry(line),)), ReaderBegan, "audit")


def test_reader_that_is_cut_off_for_a_while_is_given_the_rest_afterwards() -> None:
    schedule = (
        after(event("RecordRead", nth=3, where={"client": "audit"})).cut_link("audit", None),
        at(4_000_000).open_link("audit", None),
    )
    report = run(replace(QUIET, readers=(at(0).read("orders", name="audit"),), schedule=schedule))

    assert report.exit_code == 0
    assert len(of(report, RecordRead, "audit")) == report.counts.sent


def test_name_that_is_taken_is_refused_and_the_run_is_not_the_one_that_was_meant() -> None:
    report = run(replace(QUIET, readers=(at(0).read("orders", name="audit"), at(1).read("orders", name="audit"))))

    assert [one.reason for one in report.missed] == ["somebody is called audit already"]
    assert report.exit_code == 3


def test_reader_whose_moment_never_comes_leaves_the_run_open() -> None:
    assert run(replace(QUIET, readers=(after(phase_ended(9)).read("orders"),))).exit_code == 3


def test_readers_are_readers_of_topics_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"Scenario\.readers has 'at 0s: crash b1'"):
        replace(QUIET, readers=(at(0).fault(Crash(1)),))
    with pytest.raises(UnknownNameError, match="names topic 'bills'"):
        replace(QUIET, readers=(at(0).read("bills"),))
    with pytest.raises(UnknownNameError, match="names host 'audit'"):
        replace(QUIET, schedule=(at(0).cut_link("audit", "b1"),))


def test_reader_asks_a_new_leader_where_the_old_epoch_ends_and_goes_on_where_the_log_was_cut() -> None:
    report = run(CUT)

    moved = of(report, ReaderMoved, "audit")
    assert [(one.offset, one.why) for one in moved] == [(0, "begins"), (10, "log was cut")]
    (ended,) = of(report, ReaderEnded, "audit")
    assert ended.position == 20
    assert {one.record for one in report.verdict("dirty read").findings} == set(range(11, 21))
    assert report.verdict("unread").state is State.HOLDS
    assert report.verdict("read again").state is State.HOLDS


def test_who_reads_only_afterwards_sees_nothing_of_it() -> None:
    without: Scenario = replace(CUT, readers=(), expects=frozenset({"lost"}))

    assert run(without).is_as_expected


def test_partitions_that_are_added_and_a_topic_that_is_created_anew_are_read_like_the_rest() -> None:
    for schedule in (
        (after(phase_ended(1)).add_partitions("orders", up_to=4),),
        (after(phase_ended(2)).delete_topic("orders"), after(phase_ended(2)).wait(3_000_000).create_topic("orders")),
    ):
        report = run(replace(QUIET, readers=(at(0).read("orders"),), schedule=schedule))

        assert report.verdict("unread").state is State.HOLDS
        assert {one.where.topic for one in Ledger(report.trace).history.ways.values()} == {"orders"}
        assert of(report, RecordRead, "reader-1")
