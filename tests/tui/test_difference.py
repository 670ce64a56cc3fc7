"""The difference of two states: all of what is otherwise, and nothing else; since the event before, or since a pinned moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from producer.records import TopicPartition
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of
from sim.tui.panels.difference import changes_of, difference_rows
from sim.tui.playhead import Playhead
from sim.tui.view_model.difference import CLOCKS, NOTHING, Change, difference
from tests.tui.runs import LOST, STORIES, event_of, page_of, press, run_of, use
from tests.tui.test_app import check_golden, on_top

SIZES = [(80, 24), (100, 30), (120, 40), (160, 48)]
EVERY_KIND = (*STORIES, "delayed_end_txn", "policy_refuses_one_record_of_a_batch")


def found(state: Any, path: tuple[Any, ...]) -> Any:
    """Give what stands at a path; NOTHING where nothing does."""
    for step in path:
        if isinstance(state, Mapping):
            state = state.get(step, NOTHING)
        elif isinstance(step, int):
            state = state[step] if step < len(state) else NOTHING
        else:
            state = getattr(state, step)
    return state


@given(st.data())
def test_it_is_empty_for_equal_states_alone_and_each_change_is_there(data: st.DataObject) -> None:
    film = run_of(data.draw(st.sampled_from(EVERY_KIND))).film
    places = st.integers(-1, len(film) - 1)
    before, after = film.state_at(data.draw(places)), film.state_at(data.draw(places))

    changes = difference(before, after)

    same_moment = {name: getattr(before, name) for name in CLOCKS}
    assert (not changes) is (before == replace(after, **same_moment))
    for change in changes:
        assert change.before is NOTHING or found(before, change.path) == change.before
        assert change.after is NOTHING or found(after, change.path) == change.after
        assert change.before != change.after


@given(st.data())
def test_the_way_back_undoes_the_way_there(data: st.DataObject) -> None:
    film = run_of(data.draw(st.sampled_from(EVERY_KIND))).film
    places = st.integers(-1, len(film) - 1)
    before, after = film.state_at(data.draw(places)), film.state_at(data.draw(places))

    there = {(change.path, str(change.before), str(change.after)) for change in difference(before, after)}
    back = {(change.path, str(change.after), str(change.before)) for change in difference(after, before)}

    assert there == back


def test_an_election_changes_leader_epoch_and_isr_and_nothing_else() -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(event_of(watched, "LeaderElected", 2))
    orders_0 = TopicPartition("orders", 0)

    assert changes_of(playhead) == [
        Change(("partitions", orders_0, "leader"), 1, 2),
        Change(("partitions", orders_0, "leader_epoch"), 0, 1),
        Change(("partitions", orders_0, "isr"), (1, 2, 3), (2, 3)),
    ]
    assert [text_of(row.line) for row in difference_rows(playhead, 0, 0)][1:] == [
        "  partitions",
        "    orders-0",
        "      leader  1 → 2",
        "      leader epoch  0 → 1",
        "      ISR  1,2,3 → 2,3",
    ]


def test_a_batch_that_is_over_goes_from_one_part_into_another() -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(event_of(watched, "BatchAcknowledged", 2))

    told = [text_of(row.line) for row in difference_rows(playhead, 0, 0)]

    assert (
        "    batch 2 of producer-1  - topic orders, partition 0, state in flight, records 5, attempt 1, broker 1"
        in told
    )
    assert any(line.startswith("    batch 2 of producer-1  + topic orders, partition 0, state done") for line in told)


def test_a_pinned_moment_is_what_is_compared_with_until_it_is_let_go() -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(107)

    playhead.pin()
    playhead.seek(182)
    since = changes_of(playhead)
    playhead.seek(107)
    playhead.pin()

    assert since == difference(watched.film.state_at(107), watched.film.state_at(182))
    assert playhead.pinned is None
    assert changes_of(playhead) == difference(watched.film.state_at(106), watched.film.state_at(107))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_changed_since_a_pinned_moment(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "f", "m", "f", "right", "d")
        app.clear_notifications()
        await pilot.pause()
        return page_of(app)

    check_golden(f"diff_{size[0]}x{size[1]}.txt", use(run_of(LOST), act, size=size))


def test_the_key_that_pins_says_so() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[int | None]:
        await press(pilot, "f", "m")
        pinned = [on_top(app).playhead.pinned]
        await press(pilot, "m")
        return [*pinned, on_top(app).playhead.pinned]

    assert use(run_of(LOST), act) == [107, None]
