"""Stories of jobs that take checkpoints (Flink's two-phase commit sink): what a successor finds open, and what it makes of it."""

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TypeVar

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import (
    ApplicationStarted,
    ApplicationStopped,
    CheckpointTaken,
    RecordDerived,
    RecordRead,
    TransactionEnded,
    TransactionFenced,
    TransactionKept,
    TransactionMoved,
    TransactionRecovered,
)

E = TypeVar("E")

SEEDS = range(8)
SHORT, LONG, TWO = "flink_short_transaction_timeout", "prepared_survives_timeout", "flink_two_phase_commit"
ENDINGS: dict[str, set[str]] = {SHORT: {"exactly once"}, LONG: set(), TWO: set()}
ONE_PHASE = {"job:transaction.two.phase.commit.enable": "false", "job:transaction.timeout.ms": "10000"}


@cache
def told(name: str, seed: int = 0) -> Report:
    return run(load(name), seed)


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def events(report: Report, kind: type[E]) -> list[E]:
    return [event for event in report.trace if isinstance(event, kind)]


def given_to(reader: str, report: Report) -> Counter[bytes | None]:
    return Counter(
        event.value for event in events(report, RecordRead) if event.client == reader and event.topic == "invoices"
    )


@pytest.mark.parametrize("name", ENDINGS)
def test_it_ends_as_it_says_under_eight_seeds(name: str) -> None:
    assert [broken(told(name, seed)) for seed in SEEDS] == [ENDINGS[name]] * len(SEEDS)


def test_what_is_lost_is_what_the_expired_transaction_held_and_nothing_else() -> None:
    report = told(SHORT)
    (fenced,) = events(report, TransactionFenced)
    first, second = events(report, CheckpointTaken)[:2]

    assert fenced.reason == "timed out"
    (_, _, begin), (_, _, end) = first.positions[0], second.positions[0]
    assert len(report.verdict("exactly once").findings) == end - begin > 0
    # The job has no way to know: what it finds is what it would find if it had committed.
    (recovered,) = events(report, TransactionRecovered)
    ends = [(one.transaction, one.outcome) for one in events(report, TransactionEnded) if one.client == "job.2"]
    assert ends[0] == (recovered.transaction, "unknown")


def test_a_time_out_that_outlasts_the_absence_loses_nothing() -> None:
    report = run(load(SHORT), properties={"job:transaction.timeout.ms": "60000"})

    assert report.exit_code == 0
    assert len(events(report, TransactionKept)) == 1


def test_a_job_that_does_not_die_commits_behind_every_checkpoint() -> None:
    report = run(replace(load(SHORT), schedule=(), expects=frozenset()))

    assert report.exit_code == 0
    taken = [one.transaction for one in events(report, CheckpointTaken)]
    assert taken == [one.transaction for one in events(report, TransactionEnded)] == list(range(1, len(taken) + 1))


def test_a_prepared_transaction_waits_for_the_successor_and_its_readers_with_it() -> None:
    report = told(LONG)
    (kept,) = events(report, TransactionKept)
    (recovered,) = events(report, TransactionRecovered)
    late = [one for one in events(report, RecordRead) if one.client == "audit" and one.at_us > recovered.at_us]

    assert events(report, TransactionFenced) == []
    assert kept.at_us - events(report, CheckpointTaken)[1].at_us > 40_000_000
    assert late
    assert set(given_to("audit", report).values()) == {1}
    assert sum(given_to("audit", report).values()) == 20


def test_without_two_phases_the_same_story_loses_what_was_prepared() -> None:
    report = run(load(LONG), properties=ONE_PHASE)

    assert broken(report) == {"exactly once"}


def test_where_transactions_have_no_epoch_of_their_own_nothing_can_be_kept_and_nobody_decides() -> None:
    report = run(load(f"{LONG}+transaction_version=1"))

    assert broken(report) == {"exactly once"}
    assert events(report, TransactionKept) == []
    assert [one.client for one in events(report, TransactionRecovered)] == []


def test_a_successor_commits_what_the_checkpoint_names_and_aborts_what_it_does_not() -> None:
    report = told(TWO)
    ends = [one.state for one in events(report, TransactionMoved) if hasattr(one, "broker")]

    recovered = [(one.first_client, one.client) for one in events(report, TransactionRecovered)]
    assert recovered == [("job", "job.2"), ("job.2", "job.3")]
    assert len(events(report, TransactionKept)) == 2
    assert ends.count("PrepareAbort") == 1
    # What was aborted was made again.
    made = Counter((one.topic, one.partition, one.offset, one.part) for one in events(report, RecordDerived))
    assert max(made.values()) == 2
    assert set(given_to("audit", report).values()) == {1}
    assert sum(given_to("audit", report).values()) == 120


def test_the_next_coordinator_knows_what_was_prepared() -> None:
    report = told(TWO)
    brokers = [one.broker for one in events(report, TransactionKept)]
    before = {
        one.broker
        for one in events(report, TransactionMoved)
        if hasattr(one, "broker") and one.at_us < events(report, CheckpointTaken)[1].at_us
    }

    assert before.isdisjoint(brokers)


def test_what_came_to_nothing_before_a_checkpoint_is_made_again() -> None:
    refusal = parse_entry("at 1500ms: answer Produce invoices-0 TRANSACTION_ABORTABLE x1 by leader(invoices-0)")

    report = run(replace(load(LONG), schedule=(refusal,)))

    ends = [(one.transaction, one.outcome) for one in events(report, TransactionEnded)]
    assert ends == [(1, "committed"), (2, "failed"), (2, "aborted"), (3, "committed")]
    assert broken(report) == set()
    assert set(given_to("audit", report).values()) == {1}
    assert sum(given_to("audit", report).values()) == 20


# -- whose checkpoints count, and who is begun again ---------------------------------------------------------------------


def struck(*lines: str) -> Report:
    return run(replace(load(LONG), schedule=tuple(map(parse_entry, lines))))


def lives(report: Report) -> list[str]:
    return [one.client for one in events(report, ApplicationStarted) if one.application == "job"]


def test_a_checkpoint_of_a_life_that_was_replaced_does_not_count_and_what_it_made_is_made_again() -> None:
    # Neither knows of the other, and the old one comes to its checkpoint before its producer hears that it is fenced.
    report = struck("after TransactionBegan#2 client=job +990ms: replace job")
    (replaced,) = [one for one in events(report, ApplicationStarted) if one.client == "job.2"]

    late = [one.client for one in events(report, CheckpointTaken) if one.at_us > replaced.at_us]
    assert late
    assert set(late) == {"job.2"}
    assert [one.client for one in events(report, ApplicationStopped)] == ["job"]
    assert broken(report) == set()
    assert set(given_to("audit", report).values()) == {1}
    assert sum(given_to("audit", report).values()) == 20


def test_a_successor_goes_on_from_the_checkpoint_that_it_found_however_long_it_takes_over() -> None:
    report = struck(
        "after TransactionBegan#2 client=job +990ms: replace job",
        "after TransactionalIdTaken#2 transactional_id=job: detain EndTxn x1 to transaction_coordinator(job) for 3s",
    )

    assert broken(report) == set()
    assert set(given_to("audit", report).values()) == {1}
    assert sum(given_to("audit", report).values()) == 20


def test_a_job_whose_producer_is_of_no_more_use_is_begun_again_and_commits_what_its_checkpoint_names() -> None:
    # As a deposed coordinator answers that knows nothing of the transaction.
    report = struck(
        "after CheckpointTaken#1 client=job: answer EndTxn INVALID_TXN_STATE x1 by transaction_coordinator(job)"
    )

    assert lives(report) == ["job", "job.2"]
    (recovered,) = events(report, TransactionRecovered)
    assert (recovered.first_client, recovered.first_transaction) == ("job", 1)
    assert broken(report) == set()
    assert set(given_to("audit", report).values()) == {1}
    assert sum(given_to("audit", report).values()) == 20


def test_a_job_that_was_asked_to_stop_is_not_begun_again() -> None:
    report = struck("after CheckpointTaken#1 client=job: stop job")

    assert lives(report) == ["job"]


def test_a_job_that_could_not_even_take_over_is_not_begun_again_to_fail_once_more() -> None:
    report = run(load(f"{LONG}+transaction_version=1"))

    assert lives(report)[-1] == "job.2"


def test_a_job_that_fails_when_everybody_else_is_done_is_waited_for_until_it_is_begun_again() -> None:
    # Between its end and its next life nobody processes: that is no end of the story.
    report = struck(
        "after CheckpointTaken#3 client=job: detain EndTxn x1 to transaction_coordinator(job) for 20s",
        "after CheckpointTaken#3 client=job: answer EndTxn INVALID_TXN_STATE x1 by transaction_coordinator(job)",
    )

    assert lives(report) == ["job", "job.2"]
    assert report.stopped == ""
    assert broken(report) == set()
    assert sum(given_to("audit", report).values()) == 20


def test_a_job_that_does_not_come_to_an_end_is_named() -> None:
    story = replace(load(LONG), duration_us_max=5_000_000)

    report = run(
        replace(story, schedule=(parse_entry("after CheckpointTaken#1 client=job: pause job"),), patience_us=0)
    )

    assert report.stopped == "job was not done after 5s"
