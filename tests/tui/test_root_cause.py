"""From which moment on a promise breaks whatever chance brings: the run is rewound to it, and goes on by other seeds and without faults to come."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from sim.stories.rewind import Rewind
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import FaultInjected
from sim.trace.trace import Event
from sim.tui.app import AcklabApp
from sim.tui.root_cause import NoSearchError, Progress, RootCause, found_by, root_cause_text, search
from sim.tui.screens.root_cause import RootCauseScreen
from sim.tui.session import of_file
from sim.world.kernel import World
from tests.cli.command import Told, run_here
from tests.tui.runs import LOST, frame, press, run_of, until, use
from tests.tui.test_app import on_top

Acklab = Callable[..., Told]
KILLS = Path(__file__).parent.parent / "explore" / "kills"
MOVES = "default_config_survives_leader_moves"


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process."""
    return lambda *words: run_here(capsys, monkeypatch, *words)


@cache
def rewound(name: str, at_us: int, seed: int) -> list[Event]:
    return run(load(name), rewind=Rewind(at_us, seed)).trace.events


# -- a run that turns --------------------------------------------------------------------------------------------------


@settings(max_examples=8)
@given(at_ms=st.integers(0, 2_000), seed=st.integers(1, 3))
def test_up_to_its_turn_a_run_is_the_same_event_by_event(at_ms: int, seed: int) -> None:
    whole = run_of(MOVES)
    turn_us = whole.begun_us + at_ms * 1_000

    events = rewound(MOVES, at_ms * 1_000, seed)

    before = [event for event in whole.events if event.at_us < turn_us]
    assert events[: len(before)] == before
    assert all(event.at_us >= turn_us for event in events[len(before) :])


def test_behind_its_turn_it_is_another_and_no_further_fault_strikes() -> None:
    whole = run_of(MOVES)
    at_us = 500_000

    one, other = rewound(MOVES, at_us, 1), rewound(MOVES, at_us, 2)

    struck = [event for event in whole.events if isinstance(event, FaultInjected)]
    kept = [event for event in struck if event.at_us < whole.begun_us + at_us]
    assert one != other
    assert 0 < len(kept) < len(struck)
    assert [event for event in one if isinstance(event, FaultInjected)] == kept


def test_nobody_waits_for_a_fault_that_was_taken_back() -> None:
    report = run(load(LOST), rewind=Rewind(0, 1))

    assert report.is_conclusive
    assert report.unfired == ()


def test_a_reseeded_world_draws_as_one_of_the_other_seed() -> None:
    world, other = World(seed=1), World(seed=2)
    drawn = world.chance("early").bits()

    world.reseed(2)

    assert drawn == World(seed=1).chance("early").bits()
    assert world.chance("early").bits() == other.chance("early").bits()
    assert world.chance("late").bits() == other.chance("late").bits()


# -- the search --------------------------------------------------------------------------------------------------------


def test_the_crash_is_the_root_of_the_loss_and_the_pause_before_it_is_not() -> None:
    watched = run_of(LOST)

    found = found_by(search(watched, seeds=2))

    assert found.event is not None
    assert watched.events[found.event].fault == "crash b1"
    assert (found.guarantee, found.broke, found.broke_before) == ("lost", 2, 0)
    assert root_cause_text(watched, found).startswith("Suspected root cause of lost: 2.53")
    assert "From there on all of 2 other seeds break it" in root_cause_text(watched, found)


@pytest.mark.parametrize(
    "bug, fault",
    [
        ("dedupe_window_of_four", "drop Produce orders-0 x1 by b1 then stall"),
        ("acks_before_replication", "roll all"),
    ],
)
def test_what_sets_a_planted_bug_off_is_found(bug: str, fault: str) -> None:
    watched = of_file(KILLS / f"{bug}.json")

    found = found_by(search(watched, seeds=2))

    assert found.event is not None
    assert watched.events[found.event].fault == fault
    assert found.broke_before == 0


def test_a_story_that_breaks_by_itself_is_its_own_root() -> None:
    watched = run_of("explicit_partitions")

    found = found_by(search(watched, seeds=2))

    assert (found.event, found.broke_before) == (watched.film.first_of_story, None)
    assert root_cause_text(watched, found).startswith("The story itself is the root cause of key order")


def test_where_nothing_broke_there_is_nothing_to_search() -> None:
    with pytest.raises(NoSearchError, match="every promise held"):
        next(search(run_of(MOVES)))


def test_what_was_not_found_is_told_so() -> None:
    told = root_cause_text(run_of(LOST), RootCause("lost", None, 3, None, 10, 10))

    assert told.startswith("No moment is the root cause of lost: even from where it broke on, only 3 of 10 other seeds")


def test_a_search_narrows_with_each_moment_and_may_be_given_up() -> None:
    searching = search(run_of(LOST), seeds=1)
    seen: list[Progress] = [next(searching) for _ in range(6)]

    searching.close()

    widths = [one.last - one.first for one in seen]
    assert widths == sorted(widths, reverse=True)
    assert [one.runs for one in seen] == [1, 2, 3, 4, 5, 6]


# -- as text -----------------------------------------------------------------------------------------------------------


def test_it_is_said_in_one_sentence_and_as_an_object(acklab: Acklab) -> None:
    told = acklab("watch", LOST, "--root-cause", "--seeds", "1")
    found = json.loads(acklab("watch", LOST, "--root-cause", "--seeds", "1", "--json").out)

    assert told.status == 1
    assert len(told.out.splitlines()) == 1
    assert "#181 fault: crash b1" in told.out
    assert (found["guarantee"], found["event"], found["broke_before"]) == ("lost", 181, 0)
    assert found["told"] == told.out.strip()


@pytest.mark.parametrize(
    "words, said",
    [
        (["--root-cause", "--set", "acks=all"], "--root-cause: every promise held in this run"),
        (["--root-cause", "--why", "lost", "--plain"], "--root-cause searches and prints what it found"),
        (["--root-cause", "--seeds", "0"], "--seeds"),
    ],
)
def test_a_search_that_cannot_be_is_told(acklab: Acklab, words: list[str], said: str) -> None:
    told = acklab("watch", LOST, *words)

    assert told.status == 2
    assert said in told.err


# -- on the screen -----------------------------------------------------------------------------------------------------


def on_search(app: AcklabApp) -> RootCauseScreen:
    assert isinstance(app.screen, RootCauseScreen)
    return app.screen


def test_a_search_on_the_screen_leads_to_what_it_found() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, int]:
        await press(pilot, "R")
        screen = on_search(app)
        await until(lambda: screen.found is not None, pilot)
        told = frame(app)
        await press(pilot, "enter")
        return told, on_top(app).playhead.index

    told, index = use(run_of(LOST), act)
    assert "Suspected root cause of lost" in told
    assert index == run_of(LOST).marks.faults[1]


def test_whoever_leaves_ends_the_search_and_stays_where_they_were() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, list[bool]]:
        await press(pilot, "f", "R")
        workers = [*on_search(app).workers]
        await press(pilot, "escape")
        return on_top(app).playhead.index, [worker.is_cancelled or worker.is_finished for worker in workers]

    index, ended = use(run_of(LOST), act)
    assert index == run_of(LOST).marks.faults[0]
    assert ended
    assert all(ended)


def test_where_every_promise_held_the_screen_says_so() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "R")
        await until(lambda: "every promise held in this run" in frame(app), pilot)
        await press(pilot, "enter")
        on_search(app)
        return frame(app)

    assert "Esc: back" in use(run_of(MOVES), act)
