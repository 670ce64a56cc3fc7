"""What is left of a failing schedule fails no more without any one of its entries, and its numbers are as low as they go."""

from __future__ import annotations

from sim.explore.course import undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import KINDS
from sim.explore.search import DEFAULT_SCENARIO
from sim.explore.shrink import shrunk
from sim.faults import Crash, DelayResponse, DropResponse, HoldLink, Leader, MoveLeader
from sim.faults.points import acknowledged, appended
from sim.faults.schedule import Entry, Schedule
from sim.faults.words import after, at
from sim.stories.scenario import load

COURSE = undisturbed(load(DEFAULT_SCENARIO), 0, is_warm=True)

CRASH = after(acknowledged(12)).wait(3_456_789).crash(2)
DROP = after(appended("orders-0", nth=9)).drop_response("Produce", about="orders-0", times=4)


def noise() -> tuple[Entry, ...]:
    many = [drawn(number, seed=0, course=COURSE, kinds=tuple(KINDS.values())) for number in range(12)]
    return tuple(entry for schedule in many for entry in schedule)


def has(schedule: Schedule, fault_type: type[object]) -> bool:
    return any(isinstance(entry.fault, fault_type) for entry in schedule)


def test_two_entries_of_many_are_left_and_no_more() -> None:
    crowd = [entry for entry in noise() if not isinstance(entry.fault, (Crash, DropResponse))]
    schedule = (*crowd[:7], CRASH, *crowd[7:15], DROP, *crowd[15:])

    smallest = shrunk(schedule, lambda tried: has(tried, Crash) and has(tried, DropResponse), runs_max=5_000)

    assert [str(entry) for entry in smallest] == [
        "after RecordAcknowledged#1: crash b2",
        "after BatchAppended#1 topic=orders partition=0: drop Produce orders-0 x1 by anybody then reset",
    ]


def test_numbers_go_down_to_where_it_still_fails() -> None:
    def fails(tried: Schedule) -> bool:
        faults = [entry.fault for entry in tried]
        return any(isinstance(fault, DelayResponse) and fault.by_us >= 30_000 and fault.times >= 2 for fault in faults)

    smallest = shrunk((at(5_000_000).delay_response("Produce", by_us=125_000_000, times=5),), fails)

    assert [entry.fault for entry in smallest] == [DelayResponse(None, by_us=30_000, times=2)]
    assert str(smallest[0].when) == "at 0s"


def test_a_plain_fault_takes_the_place_of_two() -> None:
    intricate = (
        after(acknowledged(3)).crash(1),
        after(acknowledged(4)).fault(HoldLink(Leader("orders-0"))),
        after(acknowledged(9)).open_link("producer-1"),
    )

    def fails(tried: Schedule) -> bool:
        return has(tried, Crash) and (has(tried, MoveLeader) or len(tried) == 3)

    smallest = shrunk(intricate, fails, instead=[MoveLeader("orders-0")])

    assert [str(entry.fault) for entry in smallest] == ["crash b1", "move orders-0"]


def test_what_fails_always_shrinks_to_nothing() -> None:
    assert shrunk((CRASH, DROP), lambda _: True) == ()


def test_search_for_something_smaller_ends() -> None:
    tried: list[Schedule] = []

    def fails(schedule: Schedule) -> bool:
        tried.append(schedule)
        return False

    assert shrunk(noise(), fails, runs_max=25) == noise()
    assert len(tried) == 25
