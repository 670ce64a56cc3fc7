"""The list of the first screen as values: whatever is typed and wherever somebody goes, the cursor stands on an item."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sim.tui.home.items import Item, Kind
from sim.tui.home.memory import Ending, Memory
from sim.tui.home.searching import CHOICES, SCHEDULES, Searching, Stage
from sim.tui.home.shelf import Shelf

ITEMS = tuple(
    Item(kind, f"{kind.name.lower()} {number}", "does it hold?" if number % 2 else "is it lost?")
    for kind in Kind
    for number in range(4)
)
MOVES = st.one_of(
    st.tuples(st.just("filter"), st.sampled_from(["", "lost", "story", "hold 3", "no such words"])),
    st.tuples(st.just("move"), st.sampled_from([-100, -1, 1, 2, 100])),
    st.tuples(st.just("kind"), st.sampled_from([-1, 1])),
    st.tuples(st.just("go"), st.integers(-2, 30)),
)


def act(shelf: Shelf, move: tuple[str, object]) -> None:
    what, given_value = move
    if what == "filter":
        shelf.filter(str(given_value))
    elif what == "move":
        shelf.move(int(str(given_value)))
    elif what == "kind":
        shelf.next_kind(int(str(given_value)))
    else:
        shelf.go(int(str(given_value)))


@given(st.lists(MOVES, max_size=12))
def test_the_cursor_stands_on_an_item_whenever_there_is_one(moves: list[tuple[str, object]]) -> None:
    shelf = Shelf(ITEMS)

    for move in moves:
        act(shelf, move)

        assert (shelf.chosen is None) == (shelf.shown == 0)
        assert all(
            word in f"{row.item.name} {row.item.about}"
            for row in shelf.rows
            if row.item
            for word in shelf.wanted.split()
        )


@given(st.lists(MOVES, max_size=12))
def test_a_filter_that_is_taken_back_leaves_the_cursor_where_it_was(moves: list[tuple[str, object]]) -> None:
    shelf = Shelf(ITEMS)
    for move in moves:
        act(shelf, move)
    chosen = shelf.chosen

    shelf.filter("")

    assert chosen is None or shelf.chosen == chosen
    assert shelf.shown == len(ITEMS)


def test_a_damaged_memory_is_new_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    path.write_text("{", encoding="utf-8")

    memory = Memory(path)

    assert memory.is_new("home")
    assert not memory.is_new("home")
    assert path.read_text(encoding="utf-8") == "{"


def test_two_screens_keep_what_both_have_seen(tmp_path: Path) -> None:
    path = tmp_path / "state" / "screen.json"
    one, other = Memory(path), Memory(path)

    one.keep_ending("first", Ending(right=3, of=4))
    other.keep_ending("second")
    other.keep_ending("first", Ending(right=4, of=4))

    assert Memory(path).endings == {"first": Ending(right=3, of=4), "second": Ending()}


@given(st.lists(st.sampled_from(["turn", "back", "up", "down", "begin", "stop", "end"]), max_size=20))
def test_a_search_under_way_is_not_asked_otherwise(steps: list[str]) -> None:
    searching = Searching(("a", "b"), {"warm": "w", "wide": "x"}, "c")

    for step in steps:
        busy, asked = searching.is_busy, searching.asked
        if step == "turn":
            searching.turn(1)
        elif step == "back":
            searching.turn(-1)
        elif step in {"up", "down"}:
            searching.move(-1 if step == "up" else 1)
        elif step == "begin":
            assert searching.begin() is not busy
        elif step == "stop":
            was_running = searching.stage is Stage.RUNNING
            assert searching.stop() is was_running
        elif busy:
            searching.end()

        assert not busy or searching.asked == asked
        assert searching.cursor < len(CHOICES)
        assert searching.asked.schedules in SCHEDULES
