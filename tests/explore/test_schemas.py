"""A search of stories in schemas deploys versions and strikes registries, counts what the level protects, and finds nothing in what users get."""

from __future__ import annotations

from functools import cache

import pytest

from sim.explore.course import Course
from sim.explore.draw import StreamChoices
from sim.explore.kinds import CLASSES, KINDS, SCHEMAS, Kind, kinds_of, moment
from sim.explore.promised import UNREAD, unpromised_in_schemas
from sim.explore.reach import Reach, label, labels
from sim.explore.schemas import CLASSES as DRAWN
from sim.explore.schemas import STORIES, SchemaWorld
from sim.explore.search import Search
from sim.faults import OF_SCHEMAS
from sim.faults.schedule import Schedule, parse_entry
from sim.stories.scenario import load
from sim.stories.witness import Witness
from sim.world.kernel import Stream
from tests.explore.hunt import rows

SEARCH = Search(in_schemas=STORIES, classes=DRAWN)
PLANTED = Search(in_schemas=STORIES, classes=DRAWN, planted_bug="level_not_asked")
OF_KINDS = kinds_of(SCHEMAS)

trial = cache(SEARCH.trial)


@cache
def course() -> Course:
    """A course in which both the producer and the reader have two versions."""
    return next(one.course for one in map(trial, range(20)) if len(one.course.versions) == 2)


def entries(*lines: str) -> Schedule:
    return tuple(parse_entry(f"at 1s: {line}") for line in lines)


def test_nothing_is_found_under_schedules_of_class_s_and_most_runs_show_enough() -> None:
    outcomes = [SEARCH.look(number) for number in range(8)]

    assert {outcome.number: outcome.broken for outcome in outcomes if outcome.broken} == {}
    assert all(outcome.is_repeatable for outcome in outcomes)
    assert sum(outcome.is_conclusive for outcome in outcomes) > len(outcomes) // 2


def test_a_registry_that_does_not_ask_its_level_is_found_and_no_other_promise_breaks() -> None:
    # docs/mutants.md: the first schedule that kills.
    number = rows()["level_not_asked"].schedules - 1

    assert set(PLANTED.look(number).broken) == UNREAD
    assert SEARCH.look(number).broken == ()


BACKWARD, REMOVED = "backward_is_not_forward", "field_removed_breaks_consumer"


@pytest.mark.parametrize(
    "story, lines, is_promised",
    [
        (f"{REMOVED}+level=FULL", ["deploy shop version 2", "crash registry-1"], True),
        (f"{REMOVED}+level=FULL_TRANSITIVE", ["deploy shop version 2"], True),
        (f"{REMOVED}+level=NONE", ["crash registry-1", "slow registry-1 x100"], True),
        (f"{REMOVED}+level=NONE", ["deploy shop version 2"], False),
        (f"{REMOVED}+level=BACKWARD", ["deploy shop version 2"], False),
        # A registry that was away may be asked for the second version first.
        (f"{REMOVED}+level=FORWARD", ["deploy shop version 2"], False),
        (f"{BACKWARD}+level=FULL", ["deploy shop version 2"], True),
        (f"{BACKWARD}+level=FULL", ["deploy billing version 1"], True),
        # The level would not let the reader's second version in, so it does not protect it either.
        (f"{BACKWARD}+level=FULL", ["deploy billing version 2"], False),
        ("acks_one_leader_crash", ["crash b1"], True),
    ],
)
def test_it_is_promised_that_all_can_be_read_where_the_level_protects_it(
    story: str, lines: list[str], *, is_promised: bool
) -> None:
    assert unpromised_in_schemas(load(story), entries(*lines)) == (frozenset() if is_promised else UNREAD)


def test_a_schedule_that_may_leave_records_unread_does_so_and_is_no_finding() -> None:
    number = next(
        number
        for number in range(200)
        if not UNREAD & set(trial(number).promises) and SEARCH.tried(trial(number)).violated
    )

    assert {one.guarantee for one in SEARCH.tried(trial(number)).violated} & UNREAD
    assert SEARCH.look(number).broken == ()


def test_worlds_differ_in_story_level_and_what_is_done_about_the_unreadable() -> None:
    worlds = [load(SchemaWorld(place, seed=0).scenario) for place in range(64)]

    assert {world.name.split("+")[0] for world in worlds} == set(STORIES)
    levels = {world.registry.level for world in worlds if world.registry is not None}
    assert levels == {"FULL", "FULL_TRANSITIVE", "FORWARD", "BACKWARD", "NONE"}
    assert {one.unreadable for world in worlds for one in world.deserializing} == {"stop", "skip", "dead"}


def drawn(kind: Kind, place: Course) -> Schedule:
    """Draw that kind again and again."""
    found: Schedule = ()
    for number in range(100):
        choices = StreamChoices(Stream(seed=number, name="draw"))
        found += kind.draw(choices, place, moment(choices, place))
    return found


@pytest.mark.parametrize("kind", OF_KINDS, ids=lambda kind: str(kind.name))
def test_every_kind_draws_what_it_names_and_nothing_where_there_is_no_place_for_it(kind: Kind) -> None:
    found = drawn(kind, course())

    assert {type(entry.fault) for entry in found} == set(kind.faults)
    assert tuple(parse_entry(str(entry)) for entry in found) == found
    assert drawn(kind, course()._replace(versions=(), registries=())) == ()


def test_they_draw_every_fault_of_schemas_and_are_apart_so_that_other_searches_draw_what_they_drew() -> None:
    assert {fault for kind in OF_KINDS for fault in kind.faults} == set(OF_SCHEMAS)
    assert SCHEMAS not in CLASSES
    assert not {kind.name for kind in OF_KINDS} & KINDS.keys()
    assert kinds_of("".join(CLASSES)) == tuple(KINDS.values())
    assert set(labels((*KINDS.values(), *OF_KINDS))) == Reach.of(SEARCH.kinds).faults.keys()


def test_every_second_schedule_is_of_schemas_alone() -> None:
    names = {label(kind, fault) for kind in OF_KINDS for fault in kind.faults}

    assert all(set(trial(number).labels) <= names for number in range(1, 20, 2))
    assert any(set(trial(number).labels) - names for number in range(20))


def test_witness_of_a_trial_runs_it_again() -> None:
    found = SEARCH.unshrunk(3)

    assert Witness.model_validate_json(found.witness.model_dump_json()).replay().digest == found.witness.digest
