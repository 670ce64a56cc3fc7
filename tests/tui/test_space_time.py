"""The space-time view: each message from its departure to its arrival, what is lost, lanes as somebody wants them; drawn, and as SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from producer import events as engine
from sim.trace import events as cluster
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of
from sim.tui.panels.space_time import space_time_rows
from sim.tui.playhead import Playhead
from sim.tui.screens.space_time import SpaceTimeScreen
from sim.tui.session import Watched
from sim.tui.view_model.space_time import ALL, Lane, LaneChoice, Lanes, LaneState, Row, Shape
from sim.tui.widgets.page_list import PageList
from tests.cli.command import Told, run_here
from tests.tui.runs import LOST, STORIES, drawn, event_of, frame, page_of, press, run_of, use
from tests.tui.test_app import check_golden, on_top

Acklab = Callable[..., Told]
SIZES = [(80, 24), (100, 30), (120, 40), (160, 48)]
MOVES = "default_config_survives_leader_moves"
EVERY_KIND = (*STORIES, "lost_ack_duplicate", "two_applications", "delayed_end_txn")
LANES = st.sampled_from(["producer-1", "b1", "b2", "b3", "controller"])
CHOICES = st.builds(
    LaneChoice,
    hidden=st.frozensets(LANES, max_size=2),
    pinned=st.lists(LANES, unique=True, max_size=2).map(tuple),
    collapsed=st.frozensets(st.sampled_from(["clients", "brokers"]), max_size=2),
)


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process."""
    return lambda *words: run_here(capsys, monkeypatch, *words)


def at(watched: Watched, index: int) -> Playhead:
    playhead = Playhead(watched)
    playhead.seek(index)
    return playhead


# -- messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", EVERY_KIND)
def test_whatever_arrives_was_sent_before_between_the_same_two(story: str) -> None:
    watched = run_of(story)
    messages = watched.space_time.messages

    for index, event in enumerate(watched.events):
        sent = messages.sent_by(index)
        if sent is None:
            continue
        assert sent < index
        before = watched.events[sent]
        if isinstance(event, cluster.RequestReceived):
            assert (before.client, before.broker) == (event.client, event.broker)
        if isinstance(before, cluster.ResponseSent):
            assert before.client == event.client
        if isinstance(event, cluster.BatchReplicated):
            assert (before.topic, before.partition, before.crc) == (event.topic, event.partition, event.crc)


@pytest.mark.parametrize("story", EVERY_KIND)
def test_a_batch_arrives_or_is_lost_and_never_both(story: str) -> None:
    watched = run_of(story)
    messages = watched.space_time.messages
    received = {
        (event.client, event.connection, event.correlation_id)
        for event in watched.events
        if isinstance(event, cluster.RequestReceived)
    }

    for index, event in enumerate(watched.events):
        if isinstance(event, engine.BatchSent):
            arrives = (event.client, event.connection, event.correlation_id) in received
            assert (messages.received_by(index) is not None) is arrives
            assert messages.is_lost(index) is not arrives


def test_a_lost_answer_ends_nowhere_and_its_repetition_arrives() -> None:
    watched = run_of("lost_ack_duplicate")
    dropped = watched.space_time.rows.of(event_of(watched, "ResponseDropped"))
    first = event_of(watched, "BatchSent")

    assert dropped is not None
    assert (dropped.shape, dropped.lane, dropped.to, dropped.words) == (Shape.LOSS, "b1", "producer-1", "written")
    assert watched.space_time.messages.received_by(first) is not None
    assert watched.space_time.messages.received_by(event_of(watched, "BatchSent", 2)) is not None


def test_what_stood_on_a_connection_that_broke_never_arrived() -> None:
    watched = run_of(MOVES)
    lost = [
        watched.events[index].batch
        for index, event in enumerate(watched.events)
        if isinstance(event, engine.BatchSent) and watched.space_time.messages.is_lost(index)
    ]

    assert lost == [5, 6, 7]


# -- the picture -------------------------------------------------------------------------------------------------------


@given(st.data())
def test_around_a_moment_no_row_is_missing_and_none_is_told_twice(data: st.DataObject) -> None:
    watched = run_of(data.draw(st.sampled_from(EVERY_KIND)))
    index = data.draw(st.integers(0, len(watched.events) - 1))
    count = data.draw(st.integers(1, 50))

    picture = watched.space_time.around(index, count=count)

    events = [event for row in picture.rows for event in row.events]
    assert 0 < len(picture.rows) <= count
    assert len(set(events)) == len(events)
    between = range(min(picture.rows[0].events), picture.rows[-1].event + 1)
    assert set(events) == {number for number in between if watched.space_time.rows.of(number) is not None}
    later = [row.event for row in picture.rows if row.event > index]
    now = -1 if picture.now < 0 else picture.rows[picture.now].event
    assert now <= index < min(later, default=len(watched.events))


@given(choice=CHOICES, data=st.data())
def test_only_chosen_lanes_are_drawn_and_every_row_is_theirs(choice: LaneChoice, data: st.DataObject) -> None:
    watched = run_of(data.draw(st.sampled_from(STORIES)))
    index = data.draw(st.integers(0, len(watched.events) - 1))

    picture = watched.space_time.around(index, count=30, choice=choice)

    names = [lane.name for lane in picture.lanes]
    assert not choice.hidden.intersection(names)
    assert len(set(names)) == len(names)
    assert all(set(row.lanes) <= set(names) for row in picture.rows)
    assert all(row.lane != row.to for row in picture.rows if row.shape is not Shape.FAULT)
    pinned = [name for name in choice.pinned if name in names]
    assert names[: len(pinned)] == pinned


@given(choice=CHOICES, width=st.integers(30, 200), height=st.integers(3, 60), data=st.data())
def test_a_picture_is_as_wide_as_its_room_whoever_is_in_it(
    choice: LaneChoice, width: int, height: int, data: st.DataObject
) -> None:
    watched = run_of(data.draw(st.sampled_from(EVERY_KIND)))
    playhead = at(watched, data.draw(st.integers(0, len(watched.events) - 1)))
    playhead.lanes = choice

    rows = space_time_rows(playhead, width, height)

    assert len(rows) <= height
    assert all(len(text_of(row.line)) == width for row in rows[2:])


def test_lanes_stand_as_they_are_at_each_row() -> None:
    watched = run_of(LOST)
    space_time = watched.space_time
    lanes = space_time.lanes.everybody

    before = space_time.states_of(lanes, event_of(watched, "BrokerCrashed") - 1)
    after = space_time.states_of(lanes, event_of(watched, "BrokerCrashed"))

    assert (before["b1"], after["b1"]) == (LaneState.LEADS, LaneState.DOWN)
    assert before["b2"] is after["b2"] is LaneState.PAUSED
    assert space_time.states_of(lanes, len(watched.events) - 1)["b2"] is LaneState.LEADS


def test_where_there_is_room_for_few_the_pinned_ones_stay() -> None:
    lanes = Lanes(run_of("two_applications").events)
    last = lanes.everybody[-1].name

    shown = lanes.shown(LaneChoice(pinned=("b3",)), most=3, near=last)

    assert shown[0].name == "b3"
    assert shown[-1].name == last
    assert len(shown) == 3


def test_a_lane_is_hidden_and_shown_again_by_the_same_word() -> None:
    lane = Lane("b1", "brokers")

    assert ALL.toggled("hidden", lane).hidden == {"b1"}
    assert ALL.toggled("hidden", lane).toggled("hidden", lane) == ALL
    assert ALL.toggled("pinned", lane).toggled("pinned", lane) == ALL
    assert ALL.toggled("collapsed", lane).collapsed == {"brokers"}


def test_collapsed_brokers_tell_who_of_them_did_it() -> None:
    watched = run_of(LOST)
    choice = LaneChoice(collapsed=frozenset({"brokers"}))

    picture = watched.space_time.between(0, len(watched.events) - 1, choice=choice)

    def told(event: int) -> Row:
        (row,) = [row for row in picture.rows if event in row.events]
        return row

    assert [lane.name for lane in picture.lanes] == ["producer-1", "consumer-1-orders", "brokers", "controller"]
    assert told(event_of(watched, "BatchReplicated")).words == "b3: copies 0-6"
    assert told(event_of(watched, "BrokerCrashed")).words == "b1 crashes"


# -- on the screen -----------------------------------------------------------------------------------------------------


def shown_by(app: AcklabApp) -> SpaceTimeScreen:
    assert isinstance(app.screen, SpaceTimeScreen)
    return app.screen


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_picture_around_a_lost_answer(size: tuple[int, int]) -> None:
    watched = run_of(MOVES)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        on_top(app).playhead.seek(event_of(watched, "ResponseDropped"))
        await press(pilot, "4")
        return page_of(app)

    check_golden(f"space_time_{size[0]}x{size[1]}.txt", use(watched, act, size=size))


def test_an_explanation_is_followed_through_the_picture() -> None:
    watched = run_of(LOST)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[list[int], str, int, str]:
        on_top(app).playhead.seek(event_of(watched, "LogTruncated"))
        await press(pilot, "4", "w")
        first = page_of(app)
        places = []
        for _ in range(5):
            await press(pilot, "w")
            places.append(shown_by(app).playhead.index)
        await press(pilot, "escape")
        return places, first, shown_by(app).playhead.index, frame(app)

    places, first, asked, after = use(watched, act)
    assert places == [193, 188, 187, 182, 181]
    assert asked == 195
    assert "18 events are behind #195" in first
    assert first.count("▸") > 4
    assert "▸" not in after
    check_golden("space_time_why_80x24.txt", first)


def test_up_and_down_go_from_row_to_row_and_the_moment_with_them() -> None:
    watched = run_of(LOST)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[tuple[int, int]]:
        await press(pilot, "f", "f", "4")
        places = []
        for key in ("down", "down", "up", "pagedown", "end", "home"):
            await press(pilot, key)
            page = app.screen.query_one(PageList)
            event = page.rows[page.cursor].event
            places.append((shown_by(app).playhead.index, -1 if event is None else event))
        return places

    places = use(watched, act)
    crash = event_of(watched, "FaultInjected", 2)
    assert places[0][0] == crash + 1
    assert places[2] == places[0]
    assert all(event <= index for index, event in places[:-1])


def test_lanes_are_hidden_pinned_and_collapsed_by_keys() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[LaneChoice]:
        await press(pilot, "4", "H")
        choices = [shown_by(app).playhead.lanes]
        for keys in (("full_stop", "full_stop", "H"), ("P",), ("comma", "C"), ("A",)):
            await press(pilot, *keys)
            choices.append(shown_by(app).playhead.lanes)
        return choices

    nothing, hidden, pinned, collapsed, again = use(run_of("two_applications"), act)
    assert nothing == again == ALL
    assert len(hidden.hidden) == 1
    assert len(pinned.pinned) == 1
    assert len(collapsed.collapsed) == 1


@settings(max_examples=6)
@given(
    st.lists(
        st.sampled_from(["right", "left", "down", "up", "f", "F", "w", "full_stop", "H", "P", "C", "A", "end", "n"]),
        max_size=8,
    )
)
def test_whatever_keys_are_pressed_the_picture_is_that_of_the_trace(keys: list[str]) -> None:
    watched = run_of(LOST)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[list[str], list[str]]:
        await press(pilot, "f", "4", *keys)
        screen = shown_by(app)
        page = screen.query_one(PageList)
        while not page.rows:
            # It is drawn once it knows its room.
            await drawn(pilot)
        fresh = at(watched, screen.playhead.index)
        fresh.lanes, fresh.lane, fresh.chain = screen.playhead.lanes, screen.playhead.lane, screen.playhead.chain
        wanted = space_time_rows(fresh, page.size.width - 1, page.size.height)
        return [text_of(row.line) for row in page.rows], [text_of(row.line) for row in wanted]

    shown, wanted = use(watched, act)
    assert shown == wanted


# -- as SVG, and between two moments -----------------------------------------------------------------------------------


def test_the_same_picture_is_written_as_svg(acklab: Acklab, tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"

    told = acklab("watch", MOVES, "--svg", str(path), "--from", "#141", "--to", "#340")

    texts = ["".join(one.itertext()) for one in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert told.status == 0
    assert told.out == f"{path}: #141 to #337, 5 lanes, 38 rows\n"
    assert {"producer-1", "b1", "controller", "batch 3", "NOT_LEADER_OR_FOLLOWER", "✗ move orders-0 to b2"} <= {*texts}
    again = tmp_path / "again.svg"
    acklab("watch", MOVES, "--svg", str(again), "--from", "#141", "--to", "#340")
    assert again.read_text() == path.read_text()


def test_a_stretch_is_printed_between_two_moments(acklab: Acklab) -> None:
    told = acklab("watch", LOST, "--plain", "--view", "space-time", "--from", "100ms", "--to", "#182")

    assert "x pause b2,b3" in told.out
    assert "x crash b1" in told.out
    assert "ApiVersions" not in told.out


@pytest.mark.parametrize(
    "words, said",
    [
        (["--from", "1s", "--plain"], "--from and --to are of a picture"),
        (["--svg", "FILE", "--plain"], "--svg writes a picture: give it without"),
        (["--svg", "FILE", "--from", "soon"], "--from 'soon' is no moment: expected #107, or a time"),
        (["--svg", "FILE", "--to", "#999"], "--to #999 is behind the end: the last event is #227"),
        (["--svg", "FILE", "--from", "#200", "--to", "#100"], "--to #100 is before --from #200"),
        (["--svg", "FILE", "--from", "#111", "--to", "#112"], "nobody sends anything"),
        (["--svg", "/no/such/folder/a.svg"], "cannot write /no/such/folder/a.svg"),
    ],
)
def test_a_picture_that_cannot_be_is_told(acklab: Acklab, tmp_path: Path, words: list[str], said: str) -> None:
    path = tmp_path / "picture.svg"

    told = acklab("watch", LOST, *(str(path) if word == "FILE" else word for word in words))

    assert told.status == 2
    assert said in told.err
    assert not path.exists()


def test_a_picture_has_bounds(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("watch", "rolling_restart", "--svg", str(tmp_path / "picture.svg"))

    assert told.status == 2
    assert "600 at most: give --from and --to" in told.err


# -- while a run goes on -----------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 200), max_size=6))
def test_a_picture_that_grows_is_that_of_the_whole(steps: list[int]) -> None:
    whole = run_of(MOVES)
    seen = 30
    growing = replace(whole, events=[*whole.events[:seen]])
    assert growing.space_time.around(seen - 1, count=10).rows
    for step in [*steps, len(whole.events)]:
        growing.grow(whole.events[seen : seen + step])
        seen += step

    last = len(whole.events) - 1

    assert growing.space_time.between(0, last) == whole.space_time.between(0, last)
    assert [*growing.causes.of(last)] == [*whole.causes.of(last)]


def test_what_is_on_its_way_is_not_lost_before_the_run_is_over() -> None:
    whole = run_of("lost_ack_duplicate")
    sent = event_of(whole, "BatchSent")

    part = replace(whole, events=whole.events[: sent + 1])

    row = part.space_time.rows.of(sent)
    assert row is not None
    assert (row.shape, row.other) == (Shape.DEPARTURE, -1)
    assert text_of(space_time_rows(at(part, sent), 80, 20)[-1].line).count("╮") == 1
