"""Esc leads back to where one was: the same moment, the same list, the same line, the same records open."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from sim.tui.app import AcklabApp
from sim.tui.screens.change import ChangeScreen
from sim.tui.screens.compare import CompareScreen
from sim.tui.screens.watch import WatchScreen
from sim.tui.widgets.event_list import EventList
from sim.tui.widgets.row_list import RowList
from sim.tui.widgets.verdict_list import VerdictList
from tests.tui.runs import LOST, SMALL, drawn, press, run_of, settled, use


class Place(NamedTuple):
    """What somebody sees of where they are."""

    moment: int
    focus: str
    lines: tuple[int, int]
    opened: tuple[str, ...]
    tops: tuple[int, int]
    """The first line of each list that is in sight."""
    wanted: str


def place_of(app: AcklabApp) -> Place:
    screen = app.screen
    assert isinstance(screen, WatchScreen), screen
    verdicts, shown = screen.query_one(VerdictList), screen.query_one(EventList)
    assert app.focused is not None
    return Place(
        moment=screen.playhead.index,
        focus=type(app.focused).__name__,
        lines=(verdicts.cursor, shown.cursor),
        opened=tuple(str(row.finding) for row in verdicts.rows if row.finding and verdicts.is_open(row.finding)),
        tops=(verdicts.scroll_offset.y, shown.scroll_offset.y),
        wanted=screen.playhead.wanted,
    )


WALKS = {
    "the finder": ("slash", *"cras", "escape"),
    "the finder, nothing written": ("slash", "enter"),
    "the dialog": ("c", "down", "escape"),
    "a page of the dialog": ("c", "down", "enter", "down", "escape", "escape"),
    "the comparison": ("c", "home", "down", "enter", "end", "enter", "settle", "down", "escape"),
    "a run of the comparison": (
        *("c", "home", "down", "enter", "end", "enter", "settle", "2", "f", "tab", "down", "escape", "escape"),
    ),
    "the help": ("question_mark", "down", "escape"),
}


@pytest.mark.parametrize("size", [SMALL, (120, 40)])
@pytest.mark.parametrize("focus", ["verdicts", "events"])
def test_escape_leads_back_to_where_one_was(focus: str, size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[Place, dict[str, Place]]:
        # Somewhere: two records open, the cursor on one of the steps.
        await press(pilot, *["down"] * 14, "enter", "up", "up")
        if focus == "events":
            await press(pilot, "tab", "up")
        await drawn(pilot)
        before, after = place_of(app), {}
        for walk, keys in WALKS.items():
            for key in keys:
                await (settled(app, pilot) if key == "settle" else press(pilot, key))
            await drawn(pilot)
            after[walk] = place_of(app)
        return before, after

    before, after = use(run_of(LOST), act, size=size)
    assert len(set(before.opened)) == 2
    assert after == dict.fromkeys(WALKS, before)


def test_escape_in_the_dialog_leads_back_to_the_line_that_was_chosen() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[int | None]:
        rows = []
        await press(pilot, "c", "end", "up", "up", "enter", *["down"] * 3, "enter", "escape")
        rows.append(app.screen.query_one("#choices", OptionList).highlighted)
        await press(pilot, "escape")
        rows.append(app.screen.query_one("#choices", OptionList).highlighted)
        return rows

    # The property fourth from above, and `A property …`, the last of the first page.
    assert use(run_of(LOST), act) == [3, len(run_of(LOST).schedule) + 1]


def test_after_a_comparison_the_dialog_goes_on_where_it_was() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        await press(pilot, "c", "down", "enter", "left", "left", "enter")
        await settled(app, pilot)
        first = str(app.screen.change) if isinstance(app.screen, CompareScreen) else ""
        await press(pilot, "escape", "c", "enter", "left", "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        return first, str(app.screen.change)

    three, four = use(run_of(LOST), act)
    assert three != four
    assert "fault 2 moved" in three
    assert "fault 2 moved" in four


def test_at_another_moment_the_dialog_begins_anew() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> int | None:
        await press(pilot, "c", "end", "up", "up", "enter", "enter", "enter")
        await settled(app, pilot)
        await press(pilot, "escape", "right", "c")
        assert isinstance(app.screen, ChangeScreen)
        return app.screen.query_one("#choices", OptionList).highlighted

    assert use(run_of(LOST), act) == 0


def test_what_cannot_be_run_is_still_written_there() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "c", "end", "up", "up", "enter", "end", "enter")
        app.screen.query_one(Input).value = "acks=0"
        await press(pilot, "enter")
        await settled(app, pilot)
        await press(pilot, "escape", "c", "enter", "enter")
        return app.screen.query_one(Input).value

    assert use(run_of(LOST), act) == "acks=0"


def test_a_run_of_the_comparison_leads_back_to_its_line() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[int]:
        await press(pilot, "c", "down", "enter", "end", "enter")
        await settled(app, pilot)
        await press(pilot, *["down"] * 4)
        rows = [app.screen.query_one(RowList).cursor]
        await press(pilot, "2", "f", "escape")
        return [*rows, app.screen.query_one(RowList).cursor]

    before, after = use(run_of(LOST), act)
    assert before == after > 0


def test_a_finder_that_finds_nothing_stays_open_and_hides_nothing() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[tuple[str, bool]]:
        await press(pilot, "slash", *"crash", "enter")
        told = []
        for wanted in ("[/no such words", "#9999", "99999s", "²s", "#²"):
            await press(pilot, "slash")
            app.screen.query_one(Input).value = wanted
            await press(pilot, "enter")
            assert isinstance(app.screen, WatchScreen)
            told.append((app.screen.playhead.wanted, isinstance(app.focused, Input)))
            await press(pilot, "escape")
        return told

    assert use(run_of(LOST), act) == [("crash", True)] * 5


def test_a_line_of_the_verdicts_is_kept_when_the_terminal_grows() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        await press(pilot, "end", "tab", "tab", *["down"] * 12)
        verdicts = app.screen.query_one(VerdictList)
        before = verdicts.rows[verdicts.cursor]
        await pilot.resize_terminal(200, 60)
        await press(pilot, "up", "down")
        return str(before.line), str(verdicts.rows[verdicts.cursor].line)

    before, after = use(run_of(LOST), act, size=(180, 60))
    assert before == after
