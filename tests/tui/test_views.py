"""The table of views: each has its key, its text and its JSON; a key shows it and keeps the moment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from sim.tui.app import SCREENS, AcklabApp
from sim.tui.facts import FORMAT, view_facts
from sim.tui.lines import text_of
from sim.tui.panels.view_names import views_line
from sim.tui.plain import view_lines
from sim.tui.playhead import Playhead
from sim.tui.screens.help import help_text
from sim.tui.screens.moving import MovingScreen
from sim.tui.screens.view import ViewScreen
from sim.tui.screens.watch import WatchScreen
from sim.tui.views import VIEWS, NoViewError, View, view_named
from tests.cli.command import Told, run_here
from tests.tui.runs import LOST, drawn, event_of, frame, press, run_of, use
from tests.tui.test_app import on_top

Acklab = Callable[..., Told]


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process."""
    return lambda *words: run_here(capsys, monkeypatch, *words)


def at_crash() -> Playhead:
    playhead = Playhead(run_of(LOST))
    playhead.seek(event_of(playhead.watched, "BrokerCrashed"))
    return playhead


def shown_by(app: AcklabApp) -> ViewScreen:
    assert isinstance(app.screen, ViewScreen), app.screen
    return app.screen


by_name = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)


# -- the table ---------------------------------------------------------------------------------------------------------


def test_no_key_and_no_name_is_taken_twice() -> None:
    other = {
        key
        for screen in (MovingScreen, WatchScreen, ViewScreen)
        for binding in screen.__dict__["BINDINGS"]
        if not binding.action.startswith("view(")
        for key in binding.key.split(",")
    }
    taken = Counter(key for view in VIEWS for key in view.keys)

    assert max(taken.values()) == 1
    assert not other & taken.keys()
    assert max(Counter(view.name for view in VIEWS).values()) == 1
    assert SCREENS.keys() <= {view.name for view in VIEWS}


@by_name
def test_every_view_has_a_key_a_text_and_an_object(view: View) -> None:
    playhead = at_crash()

    told = json.loads(json.dumps(view_facts(playhead, view), allow_nan=False))
    plain = list(view_lines(playhead, view))

    assert view.keys
    assert view.meaning
    assert told["format"] == FORMAT
    assert (told["view"], told["moment"]["event"]) == (view.name, playhead.index)
    assert told["facts"]
    assert [line["text"] for line in told["lines"]] == [text_of(row.line).rstrip() for row in view.rows(playhead, 0, 0)]
    assert plain[1] == f"{view.name.upper()}, {view.meaning}"
    assert any(plain[4:])


@by_name
def test_every_view_is_in_the_help_and_in_the_palette(view: View) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        return [command.title for command in app.get_system_commands(app.screen)]

    assert view.meaning in help_text("", "", (), is_run=True, width=200)
    assert f"View {view.name}: {view.meaning}" in use(run_of(LOST), act)


def test_a_view_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(NoViewError, match="no view is called 'governence': did you mean governance"):
        view_named("governence")
    with pytest.raises(NoViewError, match=r"there are .*governance"):
        view_named("x")


# -- on the screen -----------------------------------------------------------------------------------------------------


@by_name
def test_its_key_shows_a_view_of_the_moment_and_esc_leads_back(view: View) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f", "f", "tab")
        watch = on_top(app)
        before = watch.playhead.index, frame(app)
        for key in view.keys:
            for back in ("escape", "q", key):
                await press(pilot, key)
                assert shown_by(app).view is view
                assert shown_by(app).playhead is watch.playhead
                assert f"#{before[0]} of" in frame(app)
                await press(pilot, back)
                assert on_top(app) is watch
                assert (watch.playhead.index, frame(app)) == before

    use(run_of(LOST), act)


@by_name
def test_from_view_to_view_the_moment_stays_and_back_is_the_run(view: View) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        watch = on_top(app)
        await press(pilot, "f", view.key, "right")
        index = watch.playhead.index
        for other in VIEWS:
            if other is not view:
                await press(pilot, other.key)
                assert (shown_by(app).view, watch.playhead.index) == (other, index)
                await press(pilot, view.key)
                assert (shown_by(app).view, watch.playhead.index) == (view, index)
        await press(pilot, "escape")
        assert on_top(app) is watch
        assert f"#{index} of" in frame(app)

    use(run_of(LOST), act)


@by_name
def test_a_view_plays(view: View) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await press(pilot, view.key, "space")
        screen = shown_by(app)
        before = screen.playhead.index
        for _ in range(20):
            screen.tick()
        assert screen.playhead.index > before
        await press(pilot, "space")
        assert not screen.playhead.is_playing
        await drawn(pilot)

    use(run_of(LOST), act)


# -- the command -------------------------------------------------------------------------------------------------------


def test_a_view_is_printed_as_text_and_as_one_object(acklab: Acklab) -> None:
    words = ("watch", LOST, "--at", "181", "--view", "governance")

    plain, told = acklab(*words, "--plain"), acklab(*words, "--json")

    assert (plain.status, told.status) == (1, 1)
    assert plain.out.splitlines()[:4] == [
        "acks_one_leader_crash, seed 0, acks=1",
        "GOVERNANCE, rights, errors by class, throttling, policy, audits, lineage",
        *plain.out.splitlines()[2:3],
        "",
    ]
    found = json.loads(told.out)
    assert (found["view"], found["moment"]["event"], found["scenario"]) == ("governance", 181, LOST)
    assert found["facts"]["writes"]["producer-1/orders"]["sent"] == 30


@pytest.mark.parametrize(
    "words,said",
    [
        (["--json"], "--json prints one view, and --view says which: "),
        (["--plain", "--view", "goverance"], "--view: no view is called 'goverance': did you mean governance?"),
        (
            ["--plain", "--json", "--view", "governance"],
            "--plain and --json are two ways to print it: give one of them",
        ),
        (["--view", "governance"], "watch needs a terminal"),
    ],
)
def test_a_view_that_cannot_be_printed_is_told(words: list[str], said: str, acklab: Acklab) -> None:
    told = acklab("watch", LOST, *words)

    assert told.status == 2
    assert said in told.err
    assert told.out == ""


def test_a_screen_opens_with_the_view_that_is_asked_for() -> None:
    import asyncio

    async def used() -> None:
        app = AcklabApp(run_of(LOST), index=50, view="governance")
        async with app.run_test(size=(80, 24)) as pilot:
            await drawn(pilot)
            assert shown_by(app).view.name == "governance"
            assert "#50 of" in frame(app)
            await press(pilot, "escape")
            assert isinstance(app.screen, WatchScreen)

    asyncio.run(used())


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
def test_every_view_is_named_by_its_key_and_by_its_name_where_there_is_room(width: int) -> None:
    for view in VIEWS:
        text = text_of(views_line(view, width=width))

        assert len(text) <= width
        assert f" {view.key} {view.name}" in text
        assert all(f" {one.key}" in text for one in VIEWS)
        assert width < 120 or all(f" {one.key} {one.name}" in text for one in VIEWS)
