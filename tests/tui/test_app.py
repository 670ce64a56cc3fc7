"""Keys, focus and frames; what is shown of a run is tested on its view model."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Input

from sim.tui.app import AcklabApp
from sim.tui.lines import text_of
from sim.tui.panels.cluster import cluster_lines
from sim.tui.screens.change import ChangeScreen
from sim.tui.screens.compare import CompareScreen
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.watch import WatchScreen
from sim.tui.view_model import State, take
from sim.tui.widgets.event_list import EventList
from sim.tui.widgets.verdict_list import VerdictList
from tests.tui.runs import LOST, SMALL, drawn, event_of, frame, press, run_of, settled, use

GOLDEN = Path(__file__).parent / "golden"
WRITE_GOLDEN = "ACKLAB_WRITE_GOLDEN"
"""Set to 1, it writes the frames anew: look at the difference before you commit it."""


def on_top(app: AcklabApp) -> WatchScreen:
    assert isinstance(app.screen, WatchScreen)
    return app.screen


def check_golden(name: str, shown: str) -> None:
    # Which microsecond it is, is the network's affair: an answer that is some bytes longer takes longer.
    shown = re.sub(r"(\d\.\d{3})\d{3}s", r"\1...s", shown)
    path = GOLDEN / name
    if os.environ.get(WRITE_GOLDEN) == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def test_the_first_frame_tells_what_broke_and_how() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        return frame(app)

    check_golden("first_frame.txt", use(run_of(LOST), act))


def test_the_frame_of_the_crash_shows_what_only_the_dead_broker_has() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "f", "f", "right", "tab")
        await drawn(pilot)
        return frame(app)

    check_golden("crash.txt", use(run_of(LOST), act))


def test_two_panes_stand_side_by_side_from_120_columns_on() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[bool, bool, bool]:
        shown = app.screen
        cluster, producer = shown.query_one("#cluster"), shown.query_one("#producer")
        lists = shown.query_one("#verdicts").region, shown.query_one("#events").region
        return cluster.region.y == producer.region.y, lists[0].right <= lists[1].x, lists[1].width > 0

    assert use(run_of(LOST), act, size=(120, 30)) == (True, True, True)
    assert use(run_of(LOST), act, size=SMALL) == (False, False, False)


@pytest.mark.parametrize("size", [(60, 15), (200, 60), (30, 8)])
def test_every_screen_is_drawn_at_any_size(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        frames = [frame(app)]
        for key in ("c", "escape", "question_mark", "escape", "tab"):
            await press(pilot, key)
            frames.append(frame(app))
        return frames

    assert all(use(run_of("default_config_survives_leader_moves"), act, size=size))


def test_walking_down_the_verdict_walks_through_its_moments() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[int]:
        await press(pilot, "down")
        first = on_top(app).playhead.index
        await press(pilot, "down")
        return [first, on_top(app).playhead.index]

    watched = run_of(LOST)
    assert use(watched, act) == [watched.marks.faults[0], event_of(watched, "RecordSent", 16)]


def test_what_happened_is_told_whole_and_walked_through_event_by_event() -> None:
    """In half of 120 columns a step may take two lines; nobody stops at the second."""
    watched = run_of(LOST)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[list[int], str]:
        places = []
        for key in (*["down"] * 5, *["up"] * 2):
            await press(pilot, key)
            places.append(on_top(app).playhead.index)
        await drawn(pilot)
        return places, frame(app)

    places, shown = use(watched, act, size=(120, 40))
    assert places == [107, 111, 122, 127, 131, 127, 122]
    left = [row[:59].rstrip() for row in shown.splitlines()]
    told = next(row for row, text in enumerate(left) if "#131" in text)
    assert left[told].endswith("the application is told that record 16 is")
    assert left[told + 1].strip() == "written, at offset 15"


def test_enter_on_a_finding_goes_to_where_the_promise_broke() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> int:
        await press(pilot, "enter")
        return on_top(app).playhead.index

    assert use(run_of(LOST), act) == run_of(LOST).marks.violations[0]


def test_keys_step_follow_and_jump() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[int]:
        places = []
        for key in ("right", "right", "left", "end", "home", "f", "f", "F", "slash"):
            await press(pilot, key)
            places.append(on_top(app).playhead.index)
        app.screen.query_one(Input).value = "#122"
        await press(pilot, "enter", "n")
        places.append(on_top(app).playhead.index)
        await press(pilot, "shift+right", "N")
        places.append(on_top(app).playhead.index)
        return places

    # 122 is a batch that leaves; 126 is where its broker begins on it.
    assert use(run_of(LOST), act) == [15, 16, 15, 227, 0, 107, 181, 107, 107, 126, 126]


def test_a_filter_shows_fewer_events_and_escape_shows_all_again() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, int, bool]:
        await press(pilot, "slash", *"crash", "enter")
        few = app.screen.query_one(EventList).count
        await press(pilot, "escape", "escape", "escape")
        return few, app.screen.query_one(EventList).count, app.is_running

    assert use(run_of(LOST), act) == (2, 228, True)


def test_tab_goes_between_verdicts_and_events() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[type]:
        kinds = [type(app.focused)]
        for _ in range(2):
            await press(pilot, "tab")
            kinds.append(type(app.focused))
        return kinds

    assert use(run_of(LOST), act) == [VerdictList, EventList, VerdictList]


def test_a_click_on_the_bar_and_on_an_event_goes_there() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, int]:
        await pilot.click("#scrub", offset=(40, 0))
        on_bar = on_top(app).playhead.index
        await press(pilot, "tab")
        await pilot.click("#events", offset=(5, 0))
        listed = app.screen.query_one(EventList)
        return on_bar, on_top(app).playhead.index - listed.scroll_offset.y

    on_bar, row = use(run_of(LOST), act)
    assert on_bar == 40 * 228 // 80
    assert 0 <= row <= 2


def test_playing_moves_by_frames_and_space_stops_it() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, bool]:
        screen = on_top(app)
        screen.playhead.play(is_playing=True)
        before = screen.playhead.index
        for _ in range(20):
            screen.tick()
        moved = screen.playhead.index - before
        await press(pilot, "space")
        return moved, screen.playhead.is_playing

    assert use(run_of(LOST), act) == (10, False)


def test_the_palette_has_every_action_of_a_screen() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[set[str], set[str]]:
        named = {command.title for command in app.get_system_commands(app.screen)}
        bindings = [one for bound in app.screen._bindings.key_to_bindings.values() for one in bound]
        return named, {one.tooltip or one.description for one in bindings}

    named, wanted = use(run_of(LOST), act)
    assert wanted <= named
    assert {"Change one thing", "Previous fault", "Copy the command that runs this again"} <= named


def test_the_command_that_repeats_it_is_copied_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A terminal that does not say that it copies has the commands in a file, too.
    monkeypatch.chdir(tmp_path)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        await press(pilot, "y")
        first = app.clipboard
        await press(pilot, "f", "Y")
        return [first, app.clipboard]

    assert use(run_of(LOST), act) == [
        "acklab run acks_one_leader_crash --seed 0",
        "acklab watch acks_one_leader_crash --seed 0 --at 107",
    ]


def test_change_one_thing_runs_again_and_shows_both() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[list[int], str, int]:
        # The crash is the second of the faults; to leave it out is the last of what can be done with it.
        await press(pilot, "c", "down", "enter", "end", "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        compared = app.screen
        assert compared.second is not None
        shown = frame(app)
        await press(pilot, "2")
        await drawn(pilot)
        return [compared.first.exit_code, compared.second.exit_code], shown, on_top(app).playhead.index

    codes, shown, index = use(run_of(LOST), act)
    assert codes == [1, 0]
    assert "✗ lost       15 of 30" in shown
    assert "✓ lost       holds" in shown
    # What holds in both is counted, so that what differs has the room.
    assert f"✓ the other {len(run_of(LOST).verdicts) - 1} hold" in shown
    assert "phantom" not in shown
    assert "record 16: lost in 1, none in 2" in shown
    assert "b2 is elected leader of orders-0, epoch 1" in shown
    # The changed run has no election: what comes before that line is shown.
    assert 110 < index < event_of(run_of(LOST), "BrokerCrashed")


def test_moved_by_an_arrow_the_fault_lands_one_event_further() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        await press(pilot, "c", "down", "enter")
        shown = [frame(app)]
        await press(pilot, "left")
        shown.append(frame(app))
        await press(pilot, "right", "right")
        shown.append(frame(app))
        return shown

    one, two, later = use(run_of(LOST), act)
    assert "Move it 1 event earlier" in one
    assert "Move it 2 events earlier" in two
    assert "Move it 1 event later" in later


def test_a_fault_that_names_nobody_is_refused_where_it_is_written() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, bool, str]:
        await press(pilot, "c", "end", "up", "up", "up", "enter", "enter", "end", "enter")
        app.screen.query_one("#written", Input).value = "crash b9"
        await press(pilot, "enter")
        refused, stays = frame(app), isinstance(app.screen, ChangeScreen)
        app.screen.query_one("#written", Input).value = "restart b2 if possible"
        await press(pilot, "enter")
        await settled(app, pilot)
        return refused, stays, frame(app)

    refused, stays, compared = use(run_of(LOST), act)
    assert "names broker 9, brokers are 1..3" in refused
    assert stays
    assert "no effect" in compared


def test_a_line_copied_from_a_report_strikes_at_its_own_time_and_not_at_this_moment() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "c", "end", "up", "up", "up", "enter", "enter", "end", "enter")
        app.screen.query_one("#written", Input).value = "   1.522s  #131  fault: slow b3 x2"
        await press(pilot, "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        return str(app.screen.change)

    assert use(run_of(LOST), act) == "one more fault: at 1522ms: slow b3 x2"


def test_a_fault_is_injected_at_this_moment() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "f", "c", "down", "down", "enter", "enter", "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        return str(app.screen.change)

    assert use(run_of(LOST), act) == "one more fault: after FaultInjected#1: crash leader(orders-0)"


def test_a_property_that_cannot_be_is_told_and_can_be_mended() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, bool]:
        await press(pilot, "c", "end", "up", "up", "enter", "end", "enter")
        app.screen.query_one(Input).value = "ack=1"
        await press(pilot, "enter")
        shown = frame(app)
        app.screen.query_one(Input).value = "acks=all"
        await press(pilot, "enter")
        await settled(app, pilot)
        return shown, isinstance(app.screen, CompareScreen)

    shown, is_run = use(run_of(LOST), act)
    assert "did you mean acks?" in shown
    assert is_run


def test_escape_goes_back_page_by_page_and_never_leaves() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[type]:
        kinds = []
        await press(pilot, "c", "end", "up", "up", "enter")
        for _ in range(3):
            await press(pilot, "escape")
            kinds.append(type(app.screen))
        return kinds

    assert use(run_of(LOST), act) == [ChangeScreen, WatchScreen, WatchScreen]


def test_help_is_a_key_away_and_closes() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[type]:
        await press(pilot, "question_mark")
        kinds = [type(app.screen)]
        await press(pilot, "question_mark")
        return [*kinds, type(app.screen)]

    assert use(run_of(LOST), act) == [HelpScreen, WatchScreen]


def test_a_fault_is_left_out_in_words_that_are_no_fault() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "c")
        first = frame(app)
        await press(pilot, "enter")
        return first + frame(app)

    shown = use(run_of(LOST), act)
    assert "Move or leave out fault 1" in shown
    assert "Leave this fault out" in shown
    assert "drop" not in shown.lower()


KEYS = st.lists(
    st.sampled_from(
        [
            "right",
            "left",
            "n",
            "N",
            "e",
            "f",
            "F",
            "home",
            "end",
            "down",
            "up",
            "enter",
            "tab",
            "pagedown",
            "v",
            "space",
        ]
    ),
    max_size=15,
)


@settings(max_examples=6)
@given(KEYS)
def test_after_any_keys_the_screen_shows_the_fold_at_its_place(keys: list[str]) -> None:
    watched = run_of(LOST)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        screen = on_top(app)
        screen.playhead.play(is_playing=False)
        screen.show_moment()
        await drawn(pilot)
        index = screen.playhead.index
        state = State()
        for event in watched.events[: index + 1]:
            take(state, event)
        cluster = screen.query_one("#cluster")
        wanted = cluster_lines(state, width=cluster.size.width, height=cluster.size.height)
        shown = frame(app).splitlines()
        assert shown[1 : 1 + len(wanted)] == [text_of(line).rstrip() for line in wanted]
        assert f"#{index} of 227" in shown[11]

    use(watched, act)
