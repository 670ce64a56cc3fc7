"""A run that is played live is a run like any other: what struck is its schedule, and its digest is that of `acklab run`."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cli.options import faults_named
from sim.faults import FaultTextError
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import FaultInjected, PhaseBegan
from sim.tui.live import PACES, Live, LivePlayhead
from sim.tui.playhead import FRAMES_PER_S
from sim.tui.session import Watched
from sim.tui.strikes import STRIKES, aims, client_of, offered
from sim.tui.view_model import Film, Marks, Objects, Ways
from tests.tui.runs import LOST, STORIES, run_of

TELLING = (*STORIES, "late_produce_after_abort", "field_removed_breaks_consumer")


def strike(live: Live, fault: str) -> int | None:
    """Let a fault strike, as the screen does."""
    entry = live.entry_now(fault)
    return live.take(live.struck(entry))


def played(watched: Watched, *, ticks: int = 10) -> LivePlayhead:
    playhead = LivePlayhead(Live(watched))
    playhead.play(is_playing=True)
    for _ in range(ticks):
        playhead.tick()
    return playhead


# -- what grows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TELLING)
@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(1, 700), max_size=6))
def test_what_grew_is_what_was_made_whole(name: str, sizes: list[int]) -> None:
    events = run_of(name).events
    some: list[object] = []
    film, marks, ways, objects = Film(some), Marks(some), Ways(some), Objects(some)
    for size in (*sizes, len(events)):
        some.extend(events[len(some) : len(some) + size])
        for part in (film, marks, ways, objects):
            part.grow()
        ways.way(ways.of(0)[0]) if ways.of(0) else None

    whole = Film(events)
    assert len(film) == len(whole) == len(events)
    assert all(film.state_at(at) == whole.state_at(at) for at in (-1, 0, len(events) // 2, 255, 256, len(events) - 1) if at < len(events))  # fmt: skip
    named = Marks(events)
    assert (marks.faults, marks.acknowledgements, marks.total) == (named.faults, named.acknowledgements, named.total)
    ways_of_all = Ways(events)
    last = len(events) // 2
    for entity in ways_of_all.of(last):
        assert ways.way(entity) == ways_of_all.way(entity)
    assert [objects.of(at) for at in range(0, len(events), 9)] == [
        Objects(events).of(at) for at in range(0, len(events), 9)
    ]


# -- time --------------------------------------------------------------------------------------------------------------


def test_it_begins_with_the_story_and_shows_nothing_of_its_end() -> None:
    watched = run_of(LOST)
    live = Live(watched)

    assert live.now_us == 0
    assert type(live.watched.events[-1]) is PhaseBegan
    assert (live.watched.verdicts, live.watched.digest, live.watched.remarks) == ((), "", ())
    assert live.watched.marks.violations == []


def test_time_goes_on_by_the_pace_and_shows_what_has_happened() -> None:
    watched = run_of(LOST)
    playhead = played(watched, ticks=7)
    live = playhead.live

    assert live.now_us == 7 * PACES[2][0] // FRAMES_PER_S
    assert list(live.watched.events) == [
        event for event in watched.events if event.at_us - watched.begun_us <= live.now_us
    ]
    assert playhead.state == watched.film.state_at(playhead.index)


def test_a_step_is_one_event_and_time_goes_on_to_it() -> None:
    watched = run_of(LOST)
    playhead = LivePlayhead(Live(watched))

    assert playhead.step(1)
    assert playhead.index == watched.film.first_of_story + 1
    assert playhead.live.now_us == watched.film.story_us(playhead.index)
    assert playhead.step(-1)
    assert not playhead.is_now
    # Time does not go on while somebody looks back.
    assert playhead.step(1)
    assert playhead.index == watched.film.first_of_story + 1


def test_at_the_end_of_the_story_time_stands_still() -> None:
    watched = run_of(LOST)
    live = Live(watched)
    live.advance(10**9)

    assert live.is_over
    assert live.now_us == watched.film.story_us(len(watched.events) - 1)
    assert not live.step()
    playhead = LivePlayhead(live)
    playhead.play(is_playing=True)
    assert not playhead.is_playing


def test_the_pace_has_bounds() -> None:
    playhead = LivePlayhead(Live(run_of(LOST)))
    for _ in range(20):
        playhead.change_speed(1)
    assert playhead.tempo == PACES[-1][1]
    assert not playhead.change_speed(1)
    for _ in range(20):
        playhead.change_speed(-1)
    assert playhead.tempo == PACES[0][1]


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["default_config", LOST, "hot_key", "late_produce_after_abort"])
def test_a_live_run_has_the_digest_of_acklab_run_with_its_faults(name: str) -> None:
    live = Live(run_of(name))
    live.advance(31_000)
    strike(live, "pause leader(orders-0)")
    live.advance(500_000)
    live.step()
    strike(live, "resume b1,b2,b3")
    live.advance(10**9)

    words = live.whole.words
    assert words is not None
    scenario = load(words[0])
    faults = [words[place + 1] for place, word in enumerate(words) if word == "--fault"]
    assert len(faults) == 2
    again = run(scenario, int(words[2]), faults=faults_named(faults, scenario))
    assert again.digest == live.whole.digest
    assert list(again.trace.events) == list(live.watched.events)


def test_a_fault_strikes_behind_what_was_seen_and_before_what_was_not() -> None:
    live = Live(run_of("default_config"))
    live.advance(20_000)
    before = list(live.watched.events)

    assert strike(live, "crash leader(orders-0)") is None

    now = live.watched.events
    assert now[: len(before)] == before
    struck = now[len(before)]
    assert isinstance(struck, FaultInjected)
    assert struck.at_us - live.whole.begun_us == live.now_us == 20_001


def test_a_fault_that_comes_when_all_is_repaired_changes_the_past_and_says_from_where() -> None:
    """A story waits with its repairs until the last fault of its schedule has struck."""
    watched = run_of(LOST)
    live = Live(watched)
    resumed = next(place for place, one in enumerate(watched.events) if type(one).__name__ == "BrokerResumed")
    live.advance(watched.film.story_us(resumed) + 2_000_000)
    before = list(live.watched.events)

    changed = strike(live, "crash b2")

    assert changed is not None
    assert changed <= resumed
    assert live.watched.events[:changed] == before[:changed]
    assert live.watched.events[changed] != before[changed]
    assert live.watched.film.state_at(live.seen - 1) == live.whole.film.state_at(live.seen - 1)


@pytest.mark.parametrize(
    ("fault", "said"),
    [("at 2s: crash b1", "says when it strikes"), ("crash bb", "bb"), ("crush b1", "crush")],
)
def test_what_cannot_strike_is_refused_with_the_reason(fault: str, said: str) -> None:
    live = Live(run_of(LOST))

    with pytest.raises(FaultTextError, match=said):
        live.entry_now(fault)


def test_a_fault_on_what_can_never_be_is_refused_and_nothing_changes() -> None:
    live = Live(run_of(LOST))
    whole = live.whole

    with pytest.raises(FaultTextError, match="b9"):
        strike(live, "crash b9")
    assert live.whole is whole


@pytest.mark.parametrize("name", TELLING)
def test_every_strike_that_is_offered_strikes(name: str) -> None:
    """What a key offers has an effect at that moment: it is refused by nobody."""
    for key in (one.key for one in STRIKES):
        live = Live(run_of(name))
        live.advance(40_000)
        state = live.watched.film.state_at(live.seen - 1)
        aim = aims(state, client_of(state))[0]
        fault = next(fault for one, fault in offered(state, aim) if one.key == key)
        if fault:
            strike(live, fault)
            last = live.watched.film.state_at(live.seen - 1).faults[-1]
            assert last.refusal == "", (key, fault)


@pytest.mark.parametrize("name", ["late_produce_after_abort", "field_removed_breaks_consumer"])
def test_nobody_aims_at_what_brokers_keep_for_themselves(name: str) -> None:
    """The schedule of a story names its own topics alone."""
    live = Live(run_of(name))
    live.advance(40_000)
    state = live.watched.film.state_at(live.seen - 1)

    assert {aim.where.topic for aim in aims(state, "")} == {"orders"}
    assert len({where.topic for where in state.partitions}) > 1


def test_what_cannot_strike_is_not_offered() -> None:
    live = Live(run_of("default_config"))
    live.advance(20_000)
    strike(live, "crash leader(orders-0)")
    state = live.watched.film.state_at(live.seen - 1)
    there = {one.key: fault for one, fault in offered(state, aims(state, "")[0])}

    assert [there[key] for key in "CSPD"] == [""] * 4
    assert there["R"] == "restart b1"
    assert there["X"] == ""
    assert all(fault == "" for _, fault in offered(state, None))
