"""Moving through a run: every key leads to a place that the trace has, and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.tui.playhead import SPEEDS, Playhead
from tests.tui.runs import LOST, event_of, run_of

MOVES = st.lists(
    st.sampled_from(
        [
            lambda head: head.step(1),
            lambda head: head.step(-1),
            lambda head: head.step(37),
            lambda head: head.step_same(1),
            lambda head: head.step_same(-1),
            lambda head: head.follow_another(),
            lambda head: head.step_fault(1),
            lambda head: head.step_fault(-1),
            lambda head: head.filter("b2"),
            lambda head: head.filter("no such words"),
            lambda head: head.filter(""),
            lambda head: head.jump("#128"),
            lambda head: head.jump("1.522s"),
            lambda head: head.play(is_playing=True),
            lambda head: head.tick(),
            lambda head: head.change_speed(1),
            lambda head: head.change_speed(-1),
            lambda head: head.seek(10_000),
        ]
    ),
    max_size=30,
)


@given(MOVES)
def test_whatever_is_pressed_the_place_is_one_of_the_run(moves: list) -> None:  # type: ignore[type-arg]
    head = Playhead(run_of(LOST))

    for move in moves:
        move(head)
        assert 0 <= head.index <= head.last
        assert head.speed in SPEEDS
        assert head.state == run_of(LOST).film.state_at(head.index)
        if head.shown:
            assert list(head.shown) == sorted(set(head.shown))


@given(st.integers(0, 227))
def test_a_step_and_a_step_back_lead_home(index: int) -> None:
    head = Playhead(run_of(LOST))
    head.seek(index)

    if head.step(1):
        head.step(-1)

    assert head.index == index


def test_with_a_filter_steps_go_over_what_it_hides() -> None:
    head = Playhead(run_of(LOST))
    head.filter("crash")

    head.seek(0)
    places = []
    while head.step(1):
        places.append(head.index)

    assert places == head.shown
    assert {type(head.watched.events[index]).__name__ for index in places} == {"FaultInjected", "BrokerCrashed"}


def test_following_a_record_keeps_to_it_through_its_batch() -> None:
    watched = run_of(LOST)
    head = Playhead(watched)
    head.seek(event_of(watched, "RecordSent", 16))

    while head.step_same(1):
        assert str(head.followed) == "record 16 of producer-1"

    assert type(watched.events[head.index]).__name__ == "RecordAcknowledged"


def test_following_another_thing_goes_from_narrow_to_wide_and_around() -> None:
    watched = run_of(LOST)
    head = Playhead(watched)
    head.seek(event_of(watched, "BatchAppended", 4))

    names = []
    for _ in range(5):
        names.append(str(head.followed))
        head.follow_another()

    assert names == ["batch 4 of producer-1", "orders-0", "b1", "producer-1", "batch 4 of producer-1"]


def test_faults_follow_each_other() -> None:
    head = Playhead(run_of(LOST))

    head.step_fault(1)
    first = head.index
    head.step_fault(1)
    head.step_fault(-1)

    assert head.index == first == run_of(LOST).marks.faults[0]


def test_playing_goes_at_its_speed_and_stops_at_the_end() -> None:
    head = Playhead(run_of(LOST))
    begin = head.index
    head.play(is_playing=True)

    for _ in range(40):
        head.tick()
    assert head.index == begin + 2 * head.speed

    head.seek(head.last - 1)
    for _ in range(10):
        head.tick()
    assert (head.index, head.is_playing) == (head.last, False)


def test_times_and_numbers_are_jumped_to_and_words_are_not() -> None:
    head = Playhead(run_of(LOST))

    assert head.jump("#131")
    assert head.index == 131
    assert head.jump("2.5s")
    assert type(head.watched.events[head.index]).__name__ == "FaultInjected"
    assert head.jump("crash") is None
