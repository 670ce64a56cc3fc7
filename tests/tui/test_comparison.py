"""Two runs side by side: what means the same meets, and the first difference that matters is the one that explains the verdicts."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from sim.faults.schedule import At
from sim.tui.app import AcklabApp
from sim.tui.changes import Change, DropFault, MoveFault, SetProperty, run_with
from sim.tui.comparing.alignment import Kind, Step, aligned
from sim.tui.comparing.comparison import Comparison, step_in
from sim.tui.comparing.telling import comparison_json, plain_comparison
from sim.tui.lines import text_of, width_of
from sim.tui.panels.comparison import compared_lines, ending_lines, why_lines
from sim.tui.screens.compare import CompareScreen
from sim.tui.session import Watched
from sim.tui.widgets.row_list import RowList
from tests.tui.runs import LOST, frame, press, run_of, until, use
from tests.tui.test_app import check_golden, on_top

SIZES = ((80, 24), (100, 30), (120, 40), (160, 48))
DUPLICATE, REORDER, LATE = "lost_ack_duplicate", "pipelined_retry_reorder", "late_produce_after_abort"


@cache
def compared(name: str, change: str) -> Comparison:
    """Compare a story with itself changed: `acks=all`, `-1` without its first fault, `2@1521800` with that fault at that time."""
    return Comparison(run_of(name), run_with(run_of(name), change_of(name, change)))


def change_of(name: str, text: str) -> Change:
    schedule = run_of(name).schedule
    if "=" in text:
        return SetProperty(*text.split("=", 1))
    if "@" in text:
        place, us = map(int, text.split("@"))
        return MoveFault(place - 1, At(us), schedule[place - 1].fault)
    return DropFault(-int(text) - 1, schedule[-int(text) - 1].fault)


PAIRS = [
    (
        LOST,
        "acks=all",
        "record 16: told as written, offset 15, when it is on b1 alone; before fault: crash b1",
        "record 16: told as written, offset 15, when it is on b2, b3; only after fault: crash b1",
    ),
    (LOST, "-1", "does not come to that", "b2 copies record 16, offset 15"),
    (LOST, "-2", "b2 is elected leader of orders-0, epoch 1", "does not come to that"),
    (LOST, "2@1521800", "b1 appends record 16, offset 15", "does not come to that"),
    (LOST, "broker.replica.lag.time.max.ms=1500", "does not come to that", "in sync with b1 are now b1"),
    (DUPLICATE, "enable.idempotence=true", "b1 appends record 1, offset 1", "b1 has record 1 already: no second copy"),
    (
        "new_epoch_repeats_a_record",
        "acklab.renumber.in.doubt=false",
        "b1 appends record 2, offset 2",
        "b1 has record 2 already: no second copy",
    ),
    (
        REORDER,
        "max.in.flight.requests.per.connection=1",
        "record 10 leaves for b1; before b1 appends record 1, offset 4",
        "record 10 leaves for b1, in a batch of 24; only after b1 appends record 1, offset 4",
    ),
    (REORDER, "enable.idempotence=true", "does not come to that", "b1 refuses record 10: NOT_ENOUGH_REPLICAS"),
    ("acks_zero_lost_connection", "acks=all", "does not come to that", "b1 appends record 8, offset 7"),
    (
        "hot_key",
        "partitioner.class=round_robin",
        "record 296 (orders-4) leaves for b2, in a batch of 77",
        "record 296 (orders-1) leaves for b2, in a batch of 50",
    ),
    (
        "partition_expansion_reorder",
        "-1",
        "b3 is elected leader of orders-2, epoch 0",
        "does not come to that",
    ),
    (
        "rebootstrap_believes_a_deposed_leader",
        "acklab.remember.leaders=true",
        "record 5 leaves for b1, attempt 2",
        "record 5 leaves for b2, attempt 2",
    ),
    (
        "torn_multi_partition_write",
        "transactional.id=shop",
        "does not come to that",
        "b1: the transaction of shop holds orders-0",
    ),
    (
        LATE,
        "delivery.timeout.ms=120000",
        "record 2 is given up: 3000 ms have passed since the batch was created; its last attempt ended in REQUEST_TIMED_OUT",
        "does not come to that",
    ),
]


@pytest.mark.parametrize(("name", "change", "first", "second"), PAIRS)
def test_the_first_difference_that_matters_explains_the_verdicts(
    name: str, change: str, first: str, second: str
) -> None:
    _, *told = [text_of(one)[14:] for one in why_lines(compared(name, change), width=0)]

    assert told == [first, second]


def test_a_request_for_metadata_is_never_what_matters() -> None:
    for name, change, _, _ in PAIRS:
        comparison = compared(name, change)
        assert comparison.causal is not None
        assert not comparison.causal.is_aside
        assert comparison.causal.kind is not Kind.ALIKE


def test_what_follows_from_a_change_is_not_before_it() -> None:
    comparison = compared(LOST, "2@1521800")
    moved = next(row for row in comparison.rows if any(step.is_fault for step in row.steps) and row.kind is Kind.ALIKE)

    assert comparison.causal is not None
    assert moved.first is not None
    assert comparison.causal.steps[0].event > moved.first.event


@pytest.mark.parametrize("name", [LOST, DUPLICATE])
def test_a_run_beside_itself_is_the_same_whatever_it_is_called(name: str) -> None:
    comparison = Comparison(run_of(name), run_of(name))

    assert comparison.is_same
    assert comparison.causal is None
    assert comparison.focus is None
    assert [text_of(one) for one in why_lines(comparison, width=80)] == ["The two runs are the same, event for event."]
    assert [one.text for one in compared_lines(comparison, comparison.rows) if one.fold is None][:1] != []


@pytest.mark.parametrize(("name", "change"), [(one[0], one[1]) for one in PAIRS])
def test_each_event_of_both_runs_is_in_one_row_or_moved(name: str, change: str) -> None:
    comparison = compared(name, change)

    for run, watched in enumerate(comparison.runs, start=1):
        rows = [row.first if run == 1 else row.second for row in comparison.rows]
        assert Counter(step.event for step in rows if step is not None) == Counter(range(len(watched.events)))


def test_equal_sentences_meet_on_one_line_whatever_their_times_and_numbers() -> None:
    comparison = compared(LOST, "acks=all")
    alike = {row.first.text: row for row in comparison.rows if row.kind is Kind.ALIKE and row.first is not None}

    row = alike["b1 begins on Produce request with batch 16-20"]
    assert row.second is not None
    first, second = comparison.first.events[row.steps[0].event], comparison.second.events[row.second.event]
    assert first.at_us != second.at_us
    # The other configuration asked for a producer id before, so its requests have other numbers.
    assert first.correlation_id == second.correlation_id or first.at_us < second.at_us
    assert "producer-1 sends record 30, key user-4" in alike


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 9)), unique_by=lambda one: one[0]),
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 9)), unique_by=lambda one: one[0]),
)
def test_rows_keep_both_orders_and_as_much_in_common_as_can_be(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    weights = dict(second) | dict(first)
    runs = [[Step(place, key, "", "", weights[key]) for place, (key, _) in enumerate(one)] for one in (first, second)]

    rows = aligned(*runs)

    for run, steps in enumerate(runs):
        assert [row[run] for row in rows if row[run] is not None] == steps
    kept = sum(row.first.weight for row in rows if row.kind is Kind.ALIKE and row.first is not None)
    assert kept == heaviest([key for key, _ in first], [key for key, _ in second], weights)


def heaviest(first: list[int], second: list[int], weights: dict[int, int]) -> int:
    """The heaviest common subsequence, as a table; slow and plain."""
    best = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for row, one in enumerate(first, start=1):
        for column, other in enumerate(second, start=1):
            taken = best[row - 1][column - 1] + weights[one] if one == other else 0
            best[row][column] = max(best[row - 1][column], best[row][column - 1], taken)
    return best[-1][-1]


def test_a_record_is_said_to_be_on_those_brokers_that_live() -> None:
    comparison = compared(LOST, "acks=all")
    told = next(row for row in comparison.way if row is comparison.causal)

    one, other = step_in(told, 1), step_in(told, 2)
    assert one is not None
    assert other is not None
    # b1 has it on its disk when b2 answers, and is dead.
    assert (one.text[-14:], other.text[-13:]) == ("is on b1 alone", " is on b2, b3")


def test_what_is_alike_is_counted_and_asides_are_folded_away() -> None:
    comparison = compared(LOST, "acks=all")

    folded = [one.text for one in compared_lines(comparison, comparison.rows, has_asides=False)]
    whole = [one.text for one in compared_lines(comparison, comparison.rows, has_asides=True, folds=False)]

    assert "… 20 alike" in folded
    assert not any("Metadata request" in one for one in folded)
    assert any("Metadata request" in one for one in whole)
    assert len(folded) * 3 < len(whole)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
@pytest.mark.parametrize(("name", "change"), [(LOST, "acks=all"), (LATE, "delivery.timeout.ms=120000")])
def test_endings_and_reasons_stay_within_the_width(name: str, change: str, width: int) -> None:
    comparison = compared(name, change)

    for one in (*ending_lines(*comparison.runs, width=width), *why_lines(comparison, width=width)):
        assert width_of(one) <= width


def test_text_and_values_say_the_same() -> None:
    comparison = compared(LOST, "acks=all")

    text, told = "\n".join(plain_comparison(comparison)), comparison_json(comparison)

    assert told["compared_by"] == {"records": [["producer-1", 16]], "why": "lost in 1, none in 2", "run": 1}
    assert told["difference"]["kind"] == "moved"
    assert told["difference"]["before_in_1_after_in_2"][0] == "fault: crash b1"
    assert told["difference"]["1"]["text"] in text
    assert told["difference"]["2"]["text"] in text
    assert {"guarantee": "lost", "states": ["violated", "holds"], "findings": [15, 0]} in told["verdicts"]
    assert "THE WAY OF RECORD 16" in text


async def opened(app: AcklabApp, pilot: Pilot[None], first: Watched, second: Watched) -> None:
    """Show the comparison, and wait until all of it is drawn: its rows, what is chosen, the keys."""
    await app.push_screen(CompareScreen(first, second.changed, second=second))
    await until(lambda: "Back" in frame(app).splitlines()[-1] and app.screen.query_one(RowList).count > 0, pilot)


STORIES_SHOWN = [
    ("lost", LOST, "acks=all"),
    ("duplicate", DUPLICATE, "enable.idempotence=true"),
    ("reorder", REORDER, "max.in.flight.requests.per.connection=1"),
    ("late", LATE, "delivery.timeout.ms=120000"),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("title", "name", "change"), STORIES_SHOWN)
def test_golden_frames(title: str, name: str, change: str, size: tuple[int, int]) -> None:
    second = compared(name, change).second

    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await opened(app, pilot, run_of(name), second)
        return frame(app)

    check_golden(f"comparison_{title}_{size[0]}x{size[1]}.txt", use(run_of(name), act, size=size))


@pytest.mark.parametrize("size", SIZES)
def test_golden_frames_of_everything(size: tuple[int, int]) -> None:
    second = compared(LOST, "acks=all").second

    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await opened(app, pilot, run_of(LOST), second)
        await press(pilot, "a")
        return frame(app)

    check_golden(f"comparison_everything_{size[0]}x{size[1]}.txt", use(run_of(LOST), act, size=size))


def test_enter_unfolds_what_is_alike_and_watches_what_is_told() -> None:
    second = compared(LOST, "acks=all").second

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, int, int, bool]:
        await opened(app, pilot, run_of(LOST), second)
        await press(pilot, "a", "home")
        listed = app.screen.query_one(RowList)
        listed.point_at(next(place for place, one in enumerate(listed.rows) if one.fold is not None))
        folded = len(listed.rows)
        await press(pilot, "enter")
        unfolded = len(listed.rows)
        await press(pilot, "d", "enter")
        return folded, unfolded, on_top(app).playhead.index, on_top(app).watched is run_of(LOST)

    folded, unfolded, index, is_first = use(run_of(LOST), act)

    assert unfolded > folded
    assert is_first
    causal = compared(LOST, "acks=all").causal
    assert causal is not None
    assert index == causal.steps[0].event


@settings(max_examples=10)
@given(keys=st.lists(st.sampled_from(["a", "b", "d", "down", "up", "pagedown", "pageup"]), max_size=12))
def test_random_keys_leave_a_line_chosen_and_the_runs_untouched(keys: list[str]) -> None:
    second = compared(DUPLICATE, "enable.idempotence=true").second

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[bool, bool]:
        await opened(app, pilot, run_of(DUPLICATE), second)
        await press(pilot, *keys)
        listed = app.screen.query_one(RowList)
        return listed.chosen is not None, listed.cursor < len(listed.rows)

    assert use(run_of(DUPLICATE), act) == (True, True)
