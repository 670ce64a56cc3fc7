"""One thing changed, and the same seed: what is chosen strikes where it was chosen to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import ConfigError
from sim.faults import parse_fault
from sim.faults.schedule import Entry
from sim.tui.changes import (
    PROPERTIES,
    AddFault,
    DropFault,
    MoveFault,
    SetProperty,
    anchor_behind,
    landing,
    landing_here,
    origin_of,
    run_with,
    struck_at,
    value_of,
)
from sim.tui.offers import fault_kinds, offers
from sim.tui.session import of_report
from tests.tui.runs import LOST, STORIES, event_of, first_difference, run_of

CRASH = 1
"""Place of the crash in the schedule of acks_one_leader_crash."""


@pytest.mark.parametrize("story", STORIES[:2])
@settings(max_examples=8)
@given(data=st.data())
def test_a_fault_at_a_moment_strikes_when_the_step_of_its_event_is_over(story: str, data: st.DataObject) -> None:
    watched = run_of(story)
    # What a reader reads at the end comes after the story: no fault strikes there any more.
    index = data.draw(st.integers(watched.film.first_of_story, event_of(watched, "PhaseEnded")))
    entry = Entry(anchor_behind(watched, index), parse_fault("slow b1 x2"))

    changed = run_with(watched, AddFault(entry))

    struck = first_difference(watched, changed)
    assert struck > index
    assert changed.events[struck].fault == "slow b1 x2"
    assert changed.events[struck].at_us == watched.events[index].at_us


def test_the_crash_before_the_answer_loses_nothing_and_one_event_later_it_does() -> None:
    watched = run_of(LOST)
    told = event_of(watched, "BatchAcknowledged", 4)

    outcomes = {}
    for behind in (told - 1, told):
        here = landing_here(watched, CRASH, behind)
        assert here is not None
        moved = run_with(watched, MoveFault(CRASH, here.when, watched.schedule[CRASH].fault))
        outcomes[behind] = len(moved.verdicts[0].findings)

    assert watched.verdicts[0].guarantee == "lost"
    # ResponseSent lies between: the answer that is under way arrives, though its sender is dead.
    assert outcomes[told] == 5
    held = landing_here(watched, CRASH, event_of(watched, "BatchAppended", 4))
    assert held is not None
    assert not run_with(watched, MoveFault(CRASH, held.when, watched.schedule[CRASH].fault)).verdicts[0].findings


def test_no_label_of_a_fault_is_taken_back_by_what_its_meaning_goes_on_to_say() -> None:
    briefs = {kind.verb: kind.brief for kind in fault_kinds()}

    for kind in fault_kinds():
        rest = kind.meaning.removeprefix(kind.brief)
        assert not re.match(r"\W*(?:but|and does not|and is not|or)\b", rest), f"{kind.verb}: {kind.brief} … {rest}"
    assert briefs["drop"] == "A broker's answer is lost"
    assert briefs["unsync"] == "A disk only says that it flushes a partition's file"


@pytest.mark.parametrize("steps", [-3, -1, 1, 2])
def test_a_fault_moved_by_events_strikes_in_the_new_run_where_it_was_said(steps: int) -> None:
    watched = run_of(LOST)
    found = landing(watched, CRASH, steps)
    assert found is not None

    moved = run_with(watched, MoveFault(CRASH, found.when, watched.schedule[CRASH].fault))

    struck = struck_at(moved, CRASH)
    assert struck is not None
    late_us = moved.film.story_us(struck) - watched.film.story_us(found.behind)
    assert late_us == (0 if steps < 0 else 1)


def test_a_fault_is_not_moved_out_of_the_story() -> None:
    watched = run_of(LOST)

    assert landing(watched, CRASH, -10_000) is None
    assert landing(watched, CRASH, 10_000) is None
    assert landing_here(watched, CRASH, 0) is None


def test_without_the_crash_nothing_is_lost() -> None:
    watched = run_of(LOST)

    changed = run_with(watched, DropFault(CRASH, watched.schedule[CRASH].fault))

    assert (watched.exit_code, changed.exit_code) == (1, 0)
    assert len(changed.schedule) == len(watched.schedule) - 1


def test_a_property_is_laid_over_the_others_and_the_faults_stay() -> None:
    changed = run_with(run_of(LOST), SetProperty("acks", "all"))

    assert changed.properties == {"acks": "all"}
    assert changed.schedule == run_of(LOST).schedule
    assert changed.exit_code == 0


def test_a_property_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError, match="acks is 1, must be all"):
        run_with(run_of(LOST), SetProperty("enable.idempotence", "true"))


def test_values_are_those_in_effect() -> None:
    watched = run_of(LOST)

    assert (value_of(watched, "acks"), origin_of(watched, "acks")) == ("1", "set")
    assert (value_of(watched, "enable.idempotence"), origin_of(watched, "enable.idempotence")) == (
        "false",
        "not set, follows from the others",
    )
    assert all(value_of(run_of(STORIES[1]), name) == values[0] for name, values in PROPERTIES.items())


@pytest.mark.parametrize("story", STORIES)
def test_every_kind_of_fault_has_targets_at_every_moment_of_a_story(story: str) -> None:
    film = run_of(story).film

    for kind in fault_kinds():
        for index in (film.first_of_story, len(film) // 2, len(film) - 1):
            texts = offers(film.state_at(index), kind.verb)
            assert texts, kind.verb
            assert all(str(parse_fault(text)).split()[0] == kind.verb for text in texts)


def test_a_changed_run_says_what_repeats_it() -> None:
    watched = run_of(LOST)
    entry = Entry(anchor_behind(watched, 120), parse_fault("crash b3"))

    assert run_with(watched, AddFault(entry)).command("run", file="x.json") == (
        "acklab run acks_one_leader_crash --seed 0 --fault 'after RecordSent#20: crash b3'"
    )
    assert run_with(watched, SetProperty("acks", "all")).command("watch", file="x.json", index=7) == (
        "acklab watch acks_one_leader_crash --seed 0 --set acks=all --at 7"
    )
    dropped = run_with(watched, DropFault(0, watched.schedule[0].fault))
    assert dropped.words is None
    assert dropped.command("run", file="x.json") == "acklab replay x.json"


def test_a_witness_of_a_changed_run_repeats_it() -> None:
    watched = run_of(LOST)
    dropped = run_with(watched, DropFault(0, watched.schedule[0].fault))
    assert dropped.scenario is not None

    report = dropped.as_witness().replay()

    assert of_report(report, source=LOST, scenario=dropped.scenario).digest == dropped.digest


def test_members_of_groups_and_their_coordinators_are_offered_while_they_are_there() -> None:
    film = run_of("coordinator_fails_over").film
    state = film.state_at(len(film) // 2)

    assert "close billing-1" in offers(state, "close")
    assert "read orders in consumer group audit" in offers(state, "read")
    assert "crash coordinator(audit)" in offers(state, "crash")
    assert "cut audit-1 <-> *" in offers(state, "cut")
