"""`?` explains the line under the cursor and names every key; the glossary filters as one types; Escape goes back a step."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Static

from sim.tui.app import AcklabApp
from sim.tui.keys import keys_of, sign_of
from sim.tui.look import LOOKS
from sim.tui.screens.glossary import GlossaryScreen, WordList
from sim.tui.screens.help import SCROLL_BAR, HelpScreen, width_of_text
from sim.tui.screens.watch import WatchScreen
from tests.tui.home.desks import desk_of
from tests.tui.runs import LOST, drawn, frame, press, run_of, settled, use
from tests.tui.test_app import check_golden

SIZES = [(80, 24), (100, 30), (120, 40), (160, 48)]


async def frame_with(words: str, app: AcklabApp, pilot: Pilot[None]) -> str:
    """Give the frame once these stand on it and it changes no more: on a busy machine a screen is drawn in steps."""
    before = ""
    while words not in before or frame(app) != before:
        before = frame(app)
        await drawn(pilot)
    return before


def test_help_begins_with_the_words_of_the_line_under_the_cursor() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "down", "question_mark")
        return await frame_with("In the line under the cursor", app, pilot)

    first = use(run_of(LOST), act).split("How to look")[0]
    assert "In the line under the cursor" in first
    assert " fault   " in first
    assert " paused   " in first
    assert " leads   " not in first


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
def test_the_box_of_help_never_stands_empty_and_fits_whatever_the_terminal(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, int, int]:
        await app.push_screen(HelpScreen())
        at_once = str(app.screen.query_one("#help-text", Static).render())
        await drawn(pilot)
        await pilot.resize_terminal(*size)
        await frame_with("How to look", app, pilot)
        box = app.screen.query_one("#help", VerticalScroll)
        return at_once, box.content_region.width - SCROLL_BAR, width_of_text(size[0])

    at_once, room, width = use(run_of(LOST), act, size=(132, 43))
    assert "How to look" in at_once
    assert room == width


@pytest.mark.parametrize("size", SIZES)
def test_the_help_of_the_first_screen_explains_it(size: tuple[int, int], tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "question_mark")
        return await frame_with("In the line under the cursor", app, pilot)

    check_golden(f"help_{size[0]}x{size[1]}.txt", use(None, act, size=size, desk=desk_of(tmp_path)))


@pytest.mark.parametrize("size", SIZES)
def test_the_glossary_filters_as_one_types(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, int, type, type]:
        await press(pilot, "question_mark", "g", *"stable")
        shown = await frame_with("Esc Show all again", app, pilot)
        await press(pilot, "escape")
        count = app.screen.query_one(WordList).count
        await press(pilot, "escape")
        first = type(app.screen)
        await press(pilot, "escape")
        return shown, count, first, type(app.screen)

    shown, count, first, last = use(run_of(LOST), act, size=size)
    assert "LSO" in shown
    assert count > 100
    assert (first, last) == (HelpScreen, WatchScreen)
    check_golden(f"glossary_{size[0]}x{size[1]}.txt", shown)


def test_the_glossary_is_a_key_away_on_every_screen(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[type]:
        kinds = []
        for keys in ([], ["enter"], ["escape", "tab", "enter"]):
            await press(pilot, *keys, "f1")
            kinds.append(type(app.screen))
            await press(pilot, "escape")
        return kinds

    assert use(None, act, desk=desk_of(tmp_path)) == [GlossaryScreen] * 3


@pytest.mark.parametrize("keys", [[], ["c"], ["p"], ["question_mark"], ["f1"]])
def test_the_palette_and_the_help_have_every_binding_of_the_screen_and_of_its_list(keys: list[str]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[set[str], set[str], set[str]]:
        await press(pilot, *keys)
        owners = [app, app.screen, *([app.focused] if app.focused is not None else [])]
        bound = {
            one.tooltip or one.description
            for owner in owners
            for found in owner._bindings.key_to_bindings.values()
            for one in found
            if one.description
        }
        named = {command.title for command in app.get_system_commands(app.screen)}
        helped = {key.name for key in keys_of(app.screen)}
        return bound, named, helped

    bound, named, helped = use(run_of(LOST), act)
    # Control-C is the application's, before anybody else's.
    assert bound - {"Copy selected text", "Copy"} <= helped
    assert helped | {f"Theme {name}" for name in LOOKS} == named


def test_a_key_is_written_as_it_stands_on_a_keyboard() -> None:
    signs = {"shift+right": "Shift+→", "ctrl+p": "Ctrl+P", "question_mark": "?", "f1": "F1", "f": "f", "N": "N"}

    assert {key: sign_of(key) for key in signs} == signs


def test_the_help_of_a_story_that_is_asked_tells_nothing_of_its_ending(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, *LOST, "enter")
        await settled(app, pilot)
        await press(pilot, "question_mark")
        return frame(app)

    shown = use(None, act, desk=desk_of(tmp_path))
    assert "The breach of this promise" in shown
    assert "15 of 30" not in shown
