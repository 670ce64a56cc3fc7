"""Escape goes back one step, keeps the place, and never leaves for good: after any keys, on every screen that they lead to."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import OptionList

from sim.tui.app import AcklabApp
from sim.tui.screens.home import HomeScreen
from sim.tui.screens.view import ViewScreen
from tests.tui.home.desks import BREAKS, HOLDS, desk_of
from tests.tui.runs import SMALL, drawn, press, settled

LEAVING = ("quit", "interrupt", "copy", "export", "copy_text", "command_palette")
"""Actions that end the program, write files, or are Textual's own."""
TYPED = ["a", "l", "backspace"]
STEPS_MAX = 10
ESCAPES_MAX = 40
"""More than it can take: each finder, filter, page and screen takes one."""

Place = dict[str, Any]


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def place_of(screen: Any) -> Place:
    """Where somebody is on a screen: the chosen line of each list, the moment, the words of a filter."""
    place: Place = {"screen": type(screen).__name__}
    for listed in screen.query("LineList"):
        place[f"#{listed.id}"] = listed.cursor
    for choices in screen.query(OptionList):
        place[f"#{choices.id}"] = choices.highlighted
    playhead = getattr(screen, "playhead", None)
    if playhead is not None:
        place |= {"moment": playhead.index, "wanted": playhead.wanted}
    if isinstance(screen, HomeScreen):
        place["typed"] = screen.query_one("ShelfList").shelf.wanted  # type: ignore[attr-defined]
    return place


def keys_here(app: AcklabApp) -> list[str]:
    """Every key that does something here and may be tried, in the order of the bindings."""
    owners = [app.screen, app] if app.focused is None else [app.focused, app.screen, app]
    found = [
        binding.key
        for owner in owners
        for bound in owner._bindings.key_to_bindings.values()
        for binding in bound
        if not binding.action.rpartition(".")[2].startswith(LEAVING) and binding.key not in {"escape", "q"}
    ]
    return list(dict.fromkeys([*found, *(TYPED if isinstance(app.screen, HomeScreen) else [])]))


async def escape(app: AcklabApp, pilot: Pilot[None]) -> None:
    await press(pilot, "escape")
    await settled(app, pilot)


def walk(act: Any) -> None:
    async def walked() -> None:
        with tempfile.TemporaryDirectory() as folder:
            app = AcklabApp(desk=desk_of(Path(folder)))
            async with app.run_test(size=SMALL) as pilot:
                await drawn(pilot)
                await act(app, pilot)

    asyncio.run(walked())


BEGINS: dict[str, list[list[str]]] = {
    "home": [[]],
    "watch": [[*BREAKS, "right"]],
    "story": [[*HOLDS, "enter"]],
    "search": [["tab", "enter"]],
    "comparison": [[*BREAKS, "right"], ["c", "down", "enter", "end", "enter"]],
}


async def begin_at(begin: str, app: AcklabApp, pilot: Pilot[None]) -> None:
    for keys in BEGINS[begin]:
        await press(pilot, *keys)
        await settled(app, pilot)


@pytest.mark.parametrize("begin", BEGINS)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 10_000), max_size=STEPS_MAX))
def test_whatever_was_pressed_escape_leads_home_step_by_step(begin: str, steps: list[int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await begin_at(begin, app, pilot)
        pressed = []
        for step in steps:
            there = keys_here(app)
            pressed.append(there[step % len(there)])
            await press(pilot, pressed[-1])
            await settled(app, pilot)
        for _ in range(ESCAPES_MAX):
            depth = len(app.screen_stack)
            await escape(app, pilot)
            assert app.is_running, pressed
            assert depth - 1 <= len(app.screen_stack) <= depth, pressed
            if isinstance(app.screen, HomeScreen) and not place_of(app.screen)["typed"]:
                break
        await escape(app, pilot)
        assert app.is_running
        assert isinstance(app.screen, HomeScreen), pressed
        assert place_of(app.screen)["typed"] == "", pressed

    walk(act)


@pytest.mark.parametrize("begin", BEGINS)
def test_whatever_opens_by_a_key_is_left_at_the_same_place(begin: str) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await begin_at(begin, app, pilot)
        await press(pilot, "down", "down", "right" if begin == "watch" else "down")
        opened = []
        for key in keys_here(app):
            before, depth = place_of(app.screen), len(app.screen_stack)
            await press(pilot, key)
            await settled(app, pilot)
            if len(app.screen_stack) == depth:
                continue
            opened.append(type(app.screen).__name__)
            for _ in range(ESCAPES_MAX):
                if len(app.screen_stack) == depth:
                    break
                await escape(app, pilot)
            assert place_of(app.screen) == before, key
        assert opened

    walk(act)


def test_a_view_moves_the_moment_beneath_it_and_nothing_else() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await press(pilot, *BREAKS, "right")
        await settled(app, pilot)
        before = place_of(app.screen)
        await press(pilot, "p", "right", "right")
        assert isinstance(app.screen, ViewScreen)
        await escape(app, pilot)
        after = place_of(app.screen)
        assert after["moment"] == before["moment"] + 2
        assert after["#verdicts"] == before["#verdicts"]

    walk(act)
