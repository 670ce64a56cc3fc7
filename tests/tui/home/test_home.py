"""The first screen: what it offers, what a filter leaves, what is told and what is not, and that Escape keeps the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from sim.tui.app import AcklabApp
from sim.tui.home.memory import Ending
from sim.tui.screens.exploring import ExploringScreen
from sim.tui.screens.home import HomeScreen
from sim.tui.screens.lesson import LessonScreen
from sim.tui.screens.story import StoryScreen
from sim.tui.screens.watch import WatchScreen
from sim.tui.widgets.shelf_list import ShelfList
from tests.tui.home.desks import BREAKS, HOLDS, LESSONS, StagedCampaigns, desk_of
from tests.tui.runs import drawn, frame, press, settled, use
from tests.tui.test_app import check_golden

SIZES = [(80, 24), (100, 30), (120, 40), (160, 48)]


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that the terminal may not copy is written into this folder."""
    monkeypatch.chdir(tmp_path)


def chosen_of(app: AcklabApp) -> str:
    item = app.screen.query_one(ShelfList).shelf.chosen
    return "" if item is None else item.name


@pytest.mark.parametrize("size", SIZES)
def test_the_first_frame_leads_to_the_course_and_tells_no_ending(size: tuple[int, int], tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        first = frame(app)
        await press(pilot, *"leader crash")
        return first, frame(app)

    first, filtered = use(None, act, size=size, desk=desk_of(tmp_path))
    assert chr(10003) not in "".join(row for row in first.splitlines() if any(name in row for name in (BREAKS, HOLDS)))
    check_golden(f"home_{size[0]}x{size[1]}.txt", first)
    check_golden(f"home_filtered_{size[0]}x{size[1]}.txt", filtered)


@pytest.mark.parametrize("size", SIZES)
def test_a_story_is_asked_before_it_is_told(size: tuple[int, int], tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        await press(pilot, *BREAKS, "enter")
        await settled(app, pilot)
        await press(pilot, "space", "down", "space")
        asked = frame(app)
        await press(pilot, "enter")
        return asked, frame(app)

    asked, told = use(None, act, size=size, desk=desk_of(tmp_path))
    assert "broke" not in asked
    assert "15 of 30" not in asked
    assert "10 OF 11 RIGHT" in told
    check_golden(f"story_asked_{size[0]}x{size[1]}.txt", asked)
    check_golden(f"story_told_{size[0]}x{size[1]}.txt", told)


def test_what_was_predicted_is_watched_and_kept_beside_the_story(tmp_path: Path) -> None:
    kept = tmp_path / "state" / "screen.json"

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[object]:
        await press(pilot, *BREAKS, "enter")
        await settled(app, pilot)
        await press(pilot, "space", "enter", "enter")
        kinds: list[object] = [type(app.screen)]
        for _ in range(3):
            await press(pilot, "escape")
            kinds.append(type(app.screen))
        return [*kinds, frame(app)]

    *kinds, shown = use(None, act, desk=desk_of(tmp_path, memory=kept))
    assert kinds == [WatchScreen, StoryScreen, HomeScreen, HomeScreen]
    assert "you said 11 of 11 right" in str(shown)
    assert desk_of(tmp_path, memory=kept).memory.endings == {BREAKS: Ending(right=11, of=11)}


def test_a_story_can_be_watched_without_a_word(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[object]:
        await press(pilot, *HOLDS, "right")
        await settled(app, pilot)
        told = [type(app.screen)]
        await press(pilot, "escape")
        return [*told, type(app.screen), chosen_of(app), frame(app)]

    *where, shown = use(None, act, desk=desk_of(tmp_path))
    assert where == [WatchScreen, HomeScreen, HOLDS]
    assert f"✓ {HOLDS}" in str(shown)
    assert "✓ every promise holds" in str(shown)


def test_the_ending_is_told_to_who_asks(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        await press(pilot, *BREAKS)
        before = frame(app)
        await press(pilot, "enter")
        await settled(app, pilot)
        await press(pilot, "t", "escape")
        return before, frame(app)

    before, after = use(None, act, desk=desk_of(tmp_path))
    assert "✗ breaks: lost" not in before
    assert "✗ breaks: lost" in after


def test_the_hint_is_told_once_in_a_life_and_needs_no_folder(tmp_path: Path) -> None:
    kept = tmp_path / "screen.json"

    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        return frame(app)

    assert "New here?" in use(None, act, desk=desk_of(tmp_path, memory=kept))
    assert "New here?" not in use(None, act, desk=desk_of(tmp_path, memory=kept))
    nowhere = kept / "a file is no folder" / "screen.json"
    assert "New here?" in use(None, act, desk=desk_of(tmp_path, memory=nowhere))


def test_a_lesson_says_how_it_goes_on_and_how_it_begins(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[object]:
        await press(pilot, "down", "enter")
        shown = [type(app.screen), frame(app)]
        await press(pilot, "pagedown", "pagedown")
        shown.append(frame(app))
        await press(pilot, "enter", "escape")
        return [*shown, app.commands, type(app.screen), chosen_of(app)]

    kind, first, later, commands, back, chosen = use(None, act, desk=desk_of(tmp_path))
    assert kind is LessonScreen
    assert "▸ acklab learn start schemas" in str(first)
    assert "line 0 of the text" in str(first)
    assert "line 20 of the text" in str(later)
    assert commands == ["acklab learn start schemas"]
    assert (back, chosen) == (HomeScreen, LESSONS[1].title)


def test_a_search_shows_what_it_found_and_a_finding_opens_as_a_run(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[object]:
        await press(pilot, "tab", "enter", "down", "down", "left", "enter")
        await settled(app, pilot)
        shown = frame(app)
        await press(pilot, "down", "y")
        on_finding = app.commands
        await press(pilot, "enter")
        await settled(app, pilot)
        watching = type(app.screen)
        await press(pilot, "escape", "escape")
        return [shown, on_finding, watching, type(app.screen), frame(app)]

    shown, on_finding, watching, back, home = use(None, act, desk=desk)
    assert isinstance(desk.campaigns, StagedCampaigns)
    assert [one.schedules for one in desk.campaigns.begun] == [50]
    assert "50 of 50  1 failing  done" in str(shown)
    assert "✗ lost  at 2s: crash b1" in str(shown)
    assert on_finding == [f"acklab replay {tmp_path / 'lost-0-7.json'}"]
    assert watching is WatchScreen
    assert back is HomeScreen
    assert "✗ lost-0-7.json" in str(home)


def test_a_story_leads_to_a_search_of_its_own(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[type]:
        await press(pilot, *BREAKS, "enter")
        await settled(app, pilot)
        await press(pilot, "x", "b")
        await settled(app, pilot)
        kinds = [type(app.screen)]
        await press(pilot, "escape")
        return [*kinds, type(app.screen)]

    assert use(None, act, desk=desk) == [ExploringScreen, StoryScreen]
    assert isinstance(desk.campaigns, StagedCampaigns)
    assert [one.story for one in desk.campaigns.begun] == [BREAKS]


@pytest.mark.parametrize("key", ["escape", "ctrl+c", "q"])
def test_a_search_that_is_stopped_keeps_what_it_found(key: str, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, is_held=True)
    assert isinstance(desk.campaigns, StagedCampaigns)
    found = desk.campaigns.has_found

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[type, str, type]:
        await press(pilot, "tab", "enter", "b")
        while not found.is_set():
            await drawn(pilot)
        await press(pilot, key)
        await settled(app, pilot)
        stopped = type(app.screen), frame(app)
        await press(pilot, "escape")
        return *stopped, type(app.screen)

    where, shown, back = use(None, act, desk=desk)
    assert where is ExploringScreen
    assert "stopped; every finding is kept" in shown
    assert "✗ lost  at 2s: crash b1" in shown
    assert back is HomeScreen
    assert (tmp_path / "lost-0-7.json").exists()


def test_the_last_witnesses_open_as_runs(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    assert isinstance(desk.campaigns, StagedCampaigns)
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    (tmp_path / "damaged.json").write_text('{"format": "acklab-witness-1", "seed": }', encoding="utf-8")

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[object]:
        await press(pilot, "tab", "enter", "b")
        await settled(app, pilot)
        await press(pilot, "escape", "tab")
        named = chosen_of(app)
        await press(pilot, "enter")
        await settled(app, pilot)
        return [named, type(app.screen), frame(app)]

    named, kind, shown = use(None, act, desk=desk)
    assert named == "lost-0-7.json"
    assert kind is WatchScreen
    assert "lost 15 of 30" in str(shown)


def test_every_letter_filters_and_backspace_takes_it_back(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        told = []
        for keys in (["q", "z"], ["backspace"], ["ctrl+u", *"jk"], ["escape"]):
            await press(pilot, *keys)
            told.append(frame(app).splitlines()[1].split("▏")[0].rstrip())
        return told

    shown = use(None, act, desk=desk_of(tmp_path))
    assert shown[0] == "▸ qz"
    assert shown[1] == "▸ q"
    assert shown[2] == "▸ jk"
    assert shown[3].startswith("▸ type to filter")


def test_letters_that_come_at_once_are_all_taken(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        listed = app.screen.query_one(ShelfList)
        for letter in "hot_key":
            # As from a terminal's buffer: the next is there before anybody hears of the one before.
            listed.post_message(Key(letter, letter))
        await drawn(pilot)
        return listed.wanted

    assert use(None, act, desk=desk_of(tmp_path)) == "hot_key"


def test_the_mouse_chooses_and_then_opens(tmp_path: Path) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[object]:
        rows = frame(app).splitlines()
        row = next(place for place, text in enumerate(rows) if LESSONS[1].title in text)
        y = row - app.screen.query_one(ShelfList).region.y
        await pilot.click("#shelf", offset=(5, y))
        first = [type(app.screen), chosen_of(app)]
        await pilot.click("#shelf", offset=(5, y))
        return [*first, type(app.screen)]

    assert use(None, act, desk=desk_of(tmp_path)) == [HomeScreen, LESSONS[1].title, LessonScreen]
