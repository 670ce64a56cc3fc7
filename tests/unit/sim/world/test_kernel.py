"""Time, order and chance of one world."""

from collections.abc import Generator
from typing import Any

import pytest
import simpy

from sim.world.kernel import EventLimitError, Stream, World


def test_equal_times_run_in_the_order_of_the_calls() -> None:
    world = World(seed=1)
    seen: list[str] = []

    world.call_in(10, seen.append, "b")
    world.call_in(5, seen.append, "a")
    world.call_in(10, seen.append, "c")
    world.run_until(10)

    assert seen == ["a", "b", "c"]
    assert world.now_us == 10


def test_an_urgent_call_comes_before_everything_else_that_is_due() -> None:
    world = World(seed=1)
    seen: list[str] = []

    world.call_in(0, world.call_first, seen.append, "urgent")
    world.call_in(0, seen.append, "normal")
    world.run_until(0)

    assert seen == ["urgent", "normal"]


def test_a_cancelled_call_never_runs() -> None:
    world = World(seed=1)
    seen: list[str] = []
    call = world.call_in(5, seen.append, "never")

    call.cancel()
    call.cancel()
    world.run_until(10)

    assert seen == []


def test_calls_that_are_cancelled_by_the_thousand_leave_the_heap_and_the_others_their_order() -> None:
    world = World(seed=1)
    seen: list[int] = []
    for number in range(2_000):
        world.call_in(1_000 - number % 7, seen.append, number)
        for _ in range(5):
            world.call_in(600_000_000, seen.append, -1).cancel()

    assert len(world._queue) < 2 * 2_000 + 100
    world.run_until(1_000)

    assert seen == sorted(range(2_000), key=lambda number: (-(number % 7), number))
    assert len(world._queue) < 2_100


def test_time_never_runs_backwards() -> None:
    world = World(seed=1)

    with pytest.raises(ValueError, match="delay_us is -1"):
        world.call_in(-1, print)


def test_a_run_that_would_not_end_is_ended() -> None:
    world = World(seed=1)

    def again() -> None:
        world.call_in(1, again)

    again()

    with pytest.raises(EventLimitError, match="more than 100 events"):
        world.run_until(1_000_000, events_max=100)


def test_a_story_is_a_process_with_int_time() -> None:
    world = World(seed=1)
    seen: list[int] = []

    def story() -> Generator[simpy.Event, Any, None]:
        for _ in range(3):
            yield world.timeout(7)
            seen.append(world.now_us)

    world.story(story())
    world.run_until(100)

    assert seen == [7, 14, 21]


def test_a_failed_story_is_not_hushed_up() -> None:
    world = World(seed=1)

    def story() -> Generator[simpy.Event, Any, None]:
        yield world.timeout(1)
        raise RuntimeError("told")

    world.story(story())

    with pytest.raises(RuntimeError, match="told"):
        world.run_until(10)


def test_a_named_stream_depends_on_seed_and_name_alone() -> None:
    one, other = World(seed=1), World(seed=1)
    other.chance("elsewhere").bits()

    assert [one.chance("x").bits() for _ in range(5)] == [other.chance("x").bits() for _ in range(5)]
    assert one.chance("x").bits() != World(seed=2).chance("x").bits()


def test_draws_stay_in_their_range() -> None:
    stream = Stream(seed=3, name="range")

    assert {stream.randrange(4) for _ in range(200)} == {0, 1, 2, 3}
    assert all(0 <= stream.random() < 1 for _ in range(200))
    with pytest.raises(ValueError, match="randrange stop is 0"):
        stream.randrange(0)
