"""A search of stories in transactions draws what it says, counts only what Kafka promises, and finds nothing in what users get on V2."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from sim.explore.course import Course
from sim.explore.draw import StreamChoices
from sim.explore.kinds import CLASSES, KINDS, TRANSACTIONS, Kind, kinds_of, moment
from sim.explore.promised import ORDER, unpromised_in_transactions
from sim.explore.reach import Reach, label, labels
from sim.explore.search import Search
from sim.explore.transactions import CLASSES as DRAWN
from sim.explore.transactions import STORIES, WORLDS, TransactionalWorld
from sim.explore.unended import NAME as UNENDED
from sim.explore.unended import is_unended
from sim.faults.schedule import Schedule, parse_entry
from sim.judges.guarantees import GUARANTEES
from sim.mutants.repeated_marker_refused import REPEATED_MARKER_REFUSED
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.witness import Witness
from sim.trace.events import TransactionMoved
from sim.world.kernel import Stream

SEARCH = Search(transactional=STORIES, classes=DRAWN)
SCHEDULES = range(30)
"""So many in every run of the tests; `acklab explore --transactions` runs as many as one likes."""
OF_TRANSACTIONS = kinds_of(TRANSACTIONS)
EXACTLY_ONCE = {"torn", "aborted read", "fencing", "exactly once"}

trial = cache(SEARCH.trial)


@cache
def course() -> Course:
    """A course of members of a group that write in transactions."""
    return next(one.course for one in map(trial, range(WORLDS)) if one.course.groups)


# -- the property ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", range(0, len(SCHEDULES), 10))
def test_atomicity_fencing_exactly_once_and_an_end_of_everything_hold_under_schedules_of_class_t(begin: int) -> None:
    outcomes = [SEARCH.look(number) for number in range(begin, begin + 10)]

    assert {outcome.number: outcome.broken for outcome in outcomes if outcome.broken} == {}
    assert all(outcome.is_repeatable for outcome in outcomes)
    assert sum(outcome.is_conclusive for outcome in outcomes) > len(outcomes) // 2


def test_all_of_it_is_promised_on_v2_and_less_where_a_late_request_counts_as_one_of_the_next_transaction() -> None:
    story = "rebalance_with_group_metadata"
    promised = {
        name: (EXACTLY_ONCE | {UNENDED}) - unpromised_in_transactions(load(f"{story}{name}"))
        for name in (
            "",
            "+gives_metadata=0",
            "+transaction_version=1",
            "+transaction_version=1+transaction_partition_verification=0",
        )
    }

    assert list(promised.values()) == [
        EXACTLY_ONCE | {UNENDED},
        {"torn", "aborted read", "fencing", UNENDED},
        {"fencing", UNENDED},
        set(),
    ]


@pytest.mark.parametrize("number", [319, 1087, 2106])
def test_an_application_that_is_handed_over_may_repeat_itself_and_is_fenced_all_the_same(number: int) -> None:
    tried = trial(number)
    report = SEARCH.tried(tried)

    # It sends again what failed, too: that alone has no order.
    assert any(name.endswith("(handover)") for name in tried.labels)
    assert [one.guarantee for one in report.violated] == ["repeated"]
    assert set(GUARANTEES) - set(tried.promises) == {"repeated"} | ORDER
    assert SEARCH.broken(tried, report) == ()


@pytest.mark.parametrize("number", [3467, 4780, 5676])
def test_a_job_is_promised_exactly_once_though_two_of_its_lives_are_at_work_or_its_producer_failed(number: int) -> None:
    tried = trial(number)

    assert EXACTLY_ONCE | {UNENDED} <= set(tried.promises)
    assert SEARCH.broken(tried, SEARCH.tried(tried)) == ()


# -- liveness ----------------------------------------------------------------------------------------------------------


def test_what_a_late_fault_cuts_off_is_joined_again_so_that_nobody_is_left_waiting() -> None:
    # The moment that two of them are counted from comes long after the last record was written.
    tried = trial(3546)

    report = SEARCH.tried(tried)

    assert SEARCH.broken(tried, report) == ()


def test_a_transaction_that_never_ends_is_found_and_one_that_its_time_out_ends_is_none() -> None:
    story = load("marker_response_lost")

    planted, sound = run(story, mutant=REPEATED_MARKER_REFUSED), run(story)

    assert is_unended(planted)
    assert not is_unended(sound)


def test_a_run_goes_on_until_what_is_decided_has_its_markers_and_longer_where_it_never_has() -> None:
    # The last transaction is struck: nobody calls, or reads, who would have to wait for it.
    story = load("marker_response_lost+records=4")

    planted, sound = run(story, mutant=REPEATED_MARKER_REFUSED), run(story)

    ends = [event.state for event in sound.trace if isinstance(event, TransactionMoved)]
    assert ends[-2:] == ["PrepareCommit", "CompleteCommit"]
    assert not is_unended(sound)
    assert is_unended(planted)


def test_what_nobody_ends_before_its_time_is_over_is_no_finding() -> None:
    # It dies amid a transaction and nobody takes over: the coordinator ends it, a minute later.
    killed = (parse_entry("after TransactionBegan#3 client=billing +1ms: kill billing"),)

    report = run(load("zombie_fenced+repairs_after_us=0"), faults=killed)

    assert not is_unended(report)


def test_a_transaction_that_hangs_is_found_where_no_leader_asks_a_coordinator() -> None:
    assert is_unended(run(load("hanging_transaction_pins_lso")))
    assert not is_unended(run(load("hanging_transaction_pins_lso+transaction_version=2")))


# -- what is drawn -----------------------------------------------------------------------------------------------------


def test_worlds_differ_in_story_version_isolation_group_and_time_outs() -> None:
    worlds = [TransactionalWorld(place, seed=0) for place in range(WORLDS)]
    stories = [load(world.scenario) for world in worlds]
    processing = [one.processing for story in stories for one in story.cast if one.processing is not None]
    timeouts = [value for world in worlds for name, value in world.properties.items() if "transaction.timeout" in name]

    assert {world.scenario.split("+")[0] for world in worlds} == set(STORIES)
    versions = Counter(story.cluster.transaction_version for story in stories)
    assert versions[2] > versions[1] > 0
    assert {True, False} == {
        story.cluster.transaction_partition_verification for story in stories if story.cluster.transaction_version == 1
    }
    assert {True, False} == {one.gives_metadata for one in processing}
    assert {"classic", "consumer"} == {one.protocol for one in processing}
    assert any(one.checkpoints for one in processing)
    assert {"60000", "30000", "15000", "5000"} == set(timeouts)
    assert any("shop:transactional.id" in world.properties for world in worlds)
    assert {1, 2, 3} <= {len(story.readers) for story in stories}


def drawn(kind: Kind, place: Course) -> Schedule:
    """Draw that kind again and again."""
    entries: Schedule = ()
    for number in range(200):
        choices = StreamChoices(Stream(seed=number, name="draw"))
        entries += kind.draw(choices, place, moment(choices, place))
    return entries


@pytest.mark.parametrize("kind", OF_TRANSACTIONS, ids=lambda kind: str(kind.name))
def test_every_kind_of_transactions_draws_what_it_names_and_that_is_a_line_of_text(kind: Kind) -> None:
    entries = drawn(kind, course())

    assert {type(entry.fault) for entry in entries} == set(kind.faults)
    assert tuple(parse_entry(str(entry)) for entry in entries) == entries


@pytest.mark.parametrize(
    "kind", [kind for kind in OF_TRANSACTIONS if kind.name != "transaction with error"], ids=lambda kind: str(kind.name)
)
def test_kinds_of_transactions_have_no_place_where_nobody_writes_in_any(kind: Kind) -> None:
    assert drawn(kind, course()._replace(transactional_ids=(), groups=())) == ()


def test_every_second_schedule_strikes_the_protocol_of_transactions_alone() -> None:
    names = {label(kind, fault) for kind in OF_TRANSACTIONS for fault in kind.faults}

    assert all(set(trial(number).labels) <= names for number in SCHEDULES if number % 2)
    assert any(set(trial(number).labels) - names for number in SCHEDULES)


def test_they_are_apart_so_that_other_searches_draw_what_they_drew() -> None:
    assert TRANSACTIONS not in CLASSES
    assert not {kind.name for kind in OF_TRANSACTIONS} & KINDS.keys()
    assert kinds_of("".join(CLASSES)) == tuple(KINDS.values())
    assert set(labels()) < set(labels((*KINDS.values(), *OF_TRANSACTIONS))) == Reach.of(SEARCH.kinds).faults.keys()


def test_witness_of_a_trial_runs_it_again() -> None:
    found = SEARCH.unshrunk(2)

    again = Witness.model_validate_json(found.witness.model_dump_json()).replay()

    assert again.digest == found.witness.digest


def test_what_is_asked_for_goes_over_what_is_drawn_of_one_application() -> None:
    asked = Search(transactional=STORIES, classes=DRAWN, properties={"transaction.timeout.ms": "7000"})

    told = {name: value for name, value in asked.trial(4).properties.items() if "transaction.timeout" in name}

    assert told == {"transaction.timeout.ms": "7000"}
