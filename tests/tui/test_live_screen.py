"""The screen of a run that is played live: keys, frames, and what it says. Time goes on by the tests' word alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from sim.stories.runner import run
from sim.stories.scenario import load
from sim.tui.app import AcklabApp
from sim.tui.live import Live
from sim.tui.screens.live import LiveScreen
from sim.tui.screens.view import ViewScreen
from sim.tui.screens.watch import WatchScreen
from sim.tui.widgets.event_list import EventList
from tests.tui.noting import NotingApp, framed, said
from tests.tui.runs import LOST, drawn, frame, press, run_of, settled, use
from tests.tui.test_app import check_golden

T = TypeVar("T")
SIZES = ((80, 24), (100, 30), (120, 40), (160, 48))
Act = Callable[[AcklabApp, Pilot[None], LiveScreen], Awaitable[T]]


def play(name: str, act: Act[T], *, size: tuple[int, int] = (80, 24)) -> T:
    """Open a story live, without a terminal, and act on it."""

    async def used() -> T:
        app = NotingApp(first=lambda: LiveScreen(Live(run_of(name)), is_first=True))
        async with app.run_test(size=size) as pilot:
            await drawn(pilot)
            assert isinstance(app.screen, LiveScreen)
            return await act(app, pilot, app.screen)

    return asyncio.run(used())


async def let_pass(pilot: Pilot[None], screen: LiveScreen, us: int) -> None:
    """Let virtual time go on, as the ticker does."""
    screen.live.advance(us)
    screen.moved(screen.playhead.seek(screen.playhead.last))
    await drawn(pilot)


@pytest.mark.parametrize("size", SIZES)
def test_a_strike_in_a_frame(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> str:
        await let_pass(pilot, screen, 200_000)
        await press(pilot, "t", "C")
        await settled(app, pilot)
        app.clear_notifications()
        await let_pass(pilot, screen, 3_000)
        return await framed(app, pilot, "v Verdicts", "now 0.203")

    check_golden(f"live_{size[0]}x{size[1]}.txt", play("hot_key", act, size=size))


def test_keys_that_strike_make_the_run_of_their_schedule() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[str, list[str], str]:
        await let_pass(pilot, screen, 20_000)
        await press(pilot, "A")
        await settled(app, pilot)
        await let_pass(pilot, screen, 80_000)
        await press(pilot, "C")
        await settled(app, pilot)
        return screen.live.whole.digest, [str(one) for one in screen.live.whole.schedule], said(app)

    digest, schedule, told = play("default_config", act)
    assert schedule == ["at 0.020001s: pause b2,b3", "at 0.100002s: crash leader(orders-0)"]
    assert "struck: at 0.020001s: pause b2,b3" in told
    from sim.faults.schedule import parse_entry

    assert run(load("default_config"), faults=[parse_entry(one) for one in schedule]).digest == digest


def test_any_fault_is_written_and_one_that_is_wrong_stays_to_be_mended() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[str, bool, str, list[str]]:
        await press(pilot, "s", *"crash bb", "enter")
        written = screen.query_one("#find", Input)
        first = said(app), bool(written.display), written.value
        await press(pilot, "backspace", "1", "enter")
        await settled(app, pilot)
        assert not written.display
        return (*first, [str(one) for one in screen.live.whole.schedule[2:]])

    told, is_open, value, schedule = play(LOST, act)
    assert "it cannot strike: " in told
    assert (is_open, value) == (True, "crash bb")
    assert schedule == ["at 1us: crash b1"]


def test_a_fault_on_nobody_is_refused_and_time_goes_on() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[str, int]:
        await press(pilot, "s", *"crash b9", "enter")
        await settled(app, pilot)
        return said(app), len(screen.live.whole.schedule)

    told, count = play(LOST, act)
    assert "it cannot strike" in told
    assert "b9" in told
    assert count == 2


def test_steps_go_on_in_time_and_back_in_what_was() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> list[tuple[int, int]]:
        places = []
        for key in ("right", "right", "left", "home", "end", "right"):
            await press(pilot, key)
            places.append((screen.playhead.index, screen.live.seen))
        return places

    assert play(LOST, act) == [(15, 16), (16, 17), (15, 17), (0, 17), (16, 17), (17, 18)]


def test_playing_ticks_and_a_strike_lets_it_go_on() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> list[bool]:
        screen.playhead.play(is_playing=True)
        screen.tick()
        playing = [screen.playhead.is_playing]
        # The ticker itself stands still: no time passes but by a tick of the test's.
        await press(pilot, "P")
        playing.append(screen.playhead.is_playing)
        await settled(app, pilot)
        playing.append(screen.playhead.is_playing)
        await press(pilot, "space")
        return [*playing, screen.playhead.is_playing]

    assert play("default_config", act)[2:] == [True, False]


def test_what_has_happened_is_exported_and_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> None:
        await let_pass(pilot, screen, 50_000)
        await press(pilot, "P")
        await settled(app, pilot)
        await press(pilot, "x", "enter")
        await drawn(pilot)

    play(LOST, act)
    (written,) = tmp_path.iterdir()
    page = written.read_text(encoding="utf-8")
    assert written.name == f"{LOST}.html"
    assert "not over, not judged" in page
    assert "--fault &#x27;at 0.050001s: pause leader(orders-0)&#x27;" in page
    assert "witness" not in page


def test_who_looks_back_while_time_goes_on_is_not_taken_along() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[int, int]:
        await let_pass(pilot, screen, 50_000)
        screen.playhead.play(is_playing=True)
        await press(pilot, "left")
        screen.tick()
        return screen.playhead.index, screen.live.seen

    assert play(LOST, act) == (105, 107)


def test_at_the_end_nothing_strikes_and_v_tells_the_verdicts() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[str, str, bool, str]:
        await let_pass(pilot, screen, 10**9)
        over = frame(app)
        await press(pilot, "C")
        told = said(app)
        await press(pilot, "v")
        shown = app.screen
        assert isinstance(shown, WatchScreen)
        return over, told, shown.watched is screen.live.whole, frame(app)

    over, told, is_whole, watched = play(LOST, act)
    assert "■ over" in over
    assert "✗" not in over
    assert "the story is over" in told
    assert is_whole
    assert "✗ lost 15 of 30" in watched


def test_a_run_that_is_watched_goes_on_live_from_its_moment_and_back() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, int, list[str], bool]:
        await press(pilot, "f", "L")
        live = app.screen
        assert isinstance(live, LiveScreen)
        index, seen = live.playhead.index, live.live.seen
        await press(pilot, "C")
        await settled(app, pilot)
        schedule = [str(one) for one in live.live.whole.schedule]
        await press(pilot, "q")
        return index, seen, schedule, isinstance(app.screen, WatchScreen)

    index, seen, schedule, is_back = use(run_of(LOST), act)
    assert (index, seen) == (107, 108)
    assert schedule[2:] == ["at 0.116521s: crash leader(orders-0)"]
    assert is_back


def test_a_view_of_what_has_happened_stands_still() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[int, int]:
        await let_pass(pilot, screen, 50_000)
        await press(pilot, "0")
        view = app.screen
        assert isinstance(view, ViewScreen)
        screen.live.advance(500_000)
        return len(view.playhead.watched.events), view.playhead.last

    count, last = play(LOST, act)
    assert (count, last) == (107, 106)


def test_the_command_that_is_copied_says_what_struck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> list[str]:
        await press(pilot, "P")
        await settled(app, pilot)
        await press(pilot, "y")
        return app.commands

    assert play(LOST, act) == [f"acklab run {LOST} --seed 0 --fault 'at 1us: pause leader(orders-0)'"]


def test_the_list_of_events_is_walked_while_time_stands_still() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> tuple[int, int, bool]:
        await let_pass(pilot, screen, 50_000)
        await press(pilot, "tab", "up", "up")
        return screen.playhead.index, screen.live.seen, isinstance(app.focused, EventList)

    assert play(LOST, act) == (104, 107, True)


@pytest.mark.parametrize("size", [(60, 15), (200, 60), (30, 8)])
def test_it_is_drawn_at_any_size(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: LiveScreen) -> str:
        await let_pass(pilot, screen, 50_000)
        return frame(app)

    assert play("late_produce_after_abort", act, size=size)
