"""The screen on a served cluster: what is heard is shown as it comes, faults go there, and an end is told. Nobody waits for a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerFailed

from producer.records import TopicPartition
from sim.trace import events as cluster
from sim.trace.trace import EVENT_TYPES
from sim.tui.app import AcklabApp
from sim.tui.attached import Attached, AttachedPlayhead, Client, Heard, RefusedError, ServedEndedError, Standing
from sim.tui.lines import text_of
from sim.tui.panels.clients import client_lines
from sim.tui.screens.attached import AttachedScreen
from sim.tui.screens.view import ViewScreen
from sim.tui.view_model import Film, Life, Partition, Role, State
from tests.tui.noting import NotingApp, framed, said
from tests.tui.runs import drawn, frame, press, run_of, settled
from tests.tui.test_app import check_golden

T = TypeVar("T")
SIZES = ((80, 24), (100, 30), (120, 40), (160, 48))
OF_CLIENTS = ("Record", "Phase", "Application", "RunEnded")
OF_BROKERS = {name for name in EVENT_TYPES if hasattr(cluster, name) and not name.startswith(OF_CLIENTS)}
EVENTS = [one for one in run_of("hot_key").events if type(one).__name__ in OF_BROKERS]
"""What a served cluster tells: nothing of what goes on in a client."""
ORDERS = TopicPartition("orders", 0)
STANDING = Standing(
    at_us=5_000_000,
    lag_us=0,
    brokers={1: Life.UP, 2: Life.DOWN, 3: Life.PAUSED},
    partitions={ORDERS: (Partition(1, 4, (1, 3), (1, 2, 3)), 118)},
    clients=(Client("127.0.0.1", 4), Client("127.0.0.2", 1)),
)


class Scripted:
    """A served cluster whose every answer is known."""

    name = "127.0.0.1:9091"

    def __init__(self, *answers: Heard | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[int] = []
        self.struck: list[str] = []

    def hear(self, first: int) -> Heard:
        self.asked.append(first)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def strike(self, fault: str) -> str:
        if fault == "crash b9":
            raise RefusedError("there is no b9")
        self.struck.append(fault)
        return fault

    def heal(self) -> None:
        self.struck.append("heal")

    def verdicts(self) -> str:
        return "✓ holds: 12 records acknowledged, lost 0, doubled 0"


def heard(first: int, events: Sequence[Any], *, total: int | None = None, standing: Standing = STANDING) -> Heard:
    return Heard(run_of("hot_key").begun_us, first, events, first + len(events) if total is None else total, standing)


WHOLE = heard(0, EVENTS)
ENDED = ServedEndedError("no answer from http://127.0.0.1:9091")
Act = Callable[[AcklabApp, Pilot[None], AttachedScreen], Awaitable[T]]


def attached(served: Scripted, act: Act[T], *, size: tuple[int, int] = (80, 24)) -> T:
    """Open the screen without a terminal; it asks by the test's word alone, and once at its begin."""

    async def used() -> T:
        app = NotingApp(first=lambda: AttachedScreen(served, is_first=True, polls_per_s=0))
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            assert isinstance(app.screen, AttachedScreen)
            return await act(app, pilot, app.screen)

    return asyncio.run(used())


async def ask(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> None:
    screen.poll()
    # A question that has no answer is the screen's to tell.
    with suppress(WorkerFailed):
        await settled(app, pilot)
    await drawn(pilot)


# -- what is heard -----------------------------------------------------------------------------------------------------


def test_what_comes_piece_by_piece_is_what_came_at_once() -> None:
    one = Attached("127.0.0.1:9091")
    for first in range(0, len(EVENTS), 37):
        one.hear(heard(first, EVENTS[first : first + 37]))

    assert (one.next, one.missed, list(one.watched.events)) == (len(EVENTS), 0, EVENTS)
    whole = Film(EVENTS, begun_us=one.watched.begun_us)
    assert all(one.watched.film.state_at(at) == whole.state_at(at) for at in range(0, len(EVENTS), 11))


def test_who_comes_late_begins_with_the_cluster_as_it_stands() -> None:
    one = Attached("127.0.0.1:9091")

    assert one.hear(heard(50_000, []))
    assert one.missed == 50_000
    one.hear(heard(50_000, EVENTS[:0]))
    begun = one.watched.film.state_at(-1)
    assert [(number, known.life) for number, known in begun.brokers.items()] == [
        (1, Life.UP),
        (2, Life.DOWN),
        (3, Life.PAUSED),
    ]
    assert begun.partitions[ORDERS].leader == 1
    assert begun.replica(ORDERS, 1).high_watermark == 118
    assert [begun.replica(ORDERS, broker).role for broker in (1, 2, 3)] == [Role.LEADER, Role.NONE, Role.FOLLOWER]


def test_what_is_gone_in_between_is_counted_and_nothing_is_made_up() -> None:
    one = Attached("127.0.0.1:9091")
    one.hear(heard(0, EVENTS[:20]))
    one.hear(heard(90, EVENTS[90:95]))

    assert (one.missed, one.first, one.next) == (70, 90, 95)
    assert list(one.watched.events) == EVENTS[90:95]


def test_a_place_that_is_looked_at_stays_while_more_is_heard() -> None:
    one = Attached("127.0.0.1:9091")
    one.hear(heard(0, EVENTS[:30]))
    playhead = AttachedPlayhead(one)
    playhead.go_on()
    playhead.play(is_playing=False)
    playhead.seek(7)
    one.hear(heard(30, EVENTS[30:60]))
    playhead.go_on()
    assert playhead.index == 7

    playhead.play(is_playing=True)
    assert playhead.index == playhead.last == 59


def test_clients_that_find_no_room_are_counted() -> None:
    many = STANDING._replace(clients=tuple(Client(f"127.0.0.{number}", 1) for number in range(9)))
    lines = [text_of(one).rstrip() for one in client_lines(State(), many, width=60, height=5)]

    assert len(lines) == 5
    assert lines[0].endswith("now 9 addresses")
    assert lines[-1].strip() == "and 7 more"


# -- the screen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_served_cluster_in_a_frame(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> str:
        return await framed(app, pilot, "v Verdicts", "#144 of 144")

    check_golden(f"attached_{size[0]}x{size[1]}.txt", attached(Scripted(WHOLE), act, size=size))


def test_it_asks_from_where_it_has_heard() -> None:
    served = Scripted(heard(0, EVENTS[:40]), heard(40, EVENTS[40:90]))

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> tuple[list[int], int]:
        await ask(app, pilot, screen)
        return served.asked, screen.playhead.index

    assert attached(served, act) == ([0, 40], 89)


def test_what_one_answer_does_not_take_is_asked_for_at_once() -> None:
    served = Scripted(heard(0, EVENTS[:40], total=90), heard(40, EVENTS[40:90]))

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> list[int]:
        await settled(app, pilot)
        return served.asked

    assert attached(served, act) == [0, 40]


def test_keys_strike_there_and_what_is_refused_is_told() -> None:
    served = Scripted(WHOLE)

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> str:
        await press(pilot, "C", "X", "H")
        await settled(app, pilot)
        await press(pilot, "s", *"crash b9", "enter")
        with suppress(WorkerFailed):
            await settled(app, pilot)
        await drawn(pilot)
        await press(pilot, "escape", "v")
        await settled(app, pilot)
        return said(app)

    told = attached(served, act)
    assert served.struck == ["crash leader(orders-0)", "cut 127.0.0.1 <-> leader(orders-0)", "heal"]
    assert "it does not strike: there is no b9" in told
    assert "so far: ✓ holds: 12 records acknowledged" in told


def test_an_end_is_told_once_and_what_was_heard_stays() -> None:
    served = Scripted(WHOLE, ENDED)

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> tuple[str, str, int, list[int]]:
        await ask(app, pilot, screen)
        await ask(app, pilot, screen)
        await press(pilot, "left", "C")
        await settled(app, pilot)
        return frame(app), said(app), screen.playhead.index, served.asked

    shown, told, index, asked = attached(served, act)
    assert "■ it has ended" in shown
    assert told.count("what was heard until then stays here") == 1
    assert served.struck == []
    assert (index, asked) == (len(EVENTS) - 2, [0, len(EVENTS)])


def test_who_comes_late_is_told_so() -> None:
    served = Scripted(heard(50_000, []), heard(50_000, EVENTS[-3:]))

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> tuple[str, int, str]:
        await ask(app, pilot, screen)
        return said(app), len(screen.playhead.watched.events), frame(app)

    told, count, shown = attached(served, act)
    assert "50000 events came before" in told
    assert count == 3
    assert "CLUSTER" in shown


def test_looking_back_stops_going_along_and_space_goes_on() -> None:
    served = Scripted(heard(0, EVENTS[:40]), heard(40, EVENTS[40:60]), heard(60, EVENTS[60:80]))

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> list[int]:
        await press(pilot, "left")
        places = [screen.playhead.index]
        await ask(app, pilot, screen)
        places.append(screen.playhead.index)
        await press(pilot, "space")
        await ask(app, pilot, screen)
        return [*places, screen.playhead.index]

    assert attached(served, act) == [38, 38, 79]


def test_a_view_stands_still_and_keeps_where_the_cluster_began() -> None:
    served = Scripted(heard(50_000, []), heard(50_000, EVENTS[-3:]))

    async def act(app: AcklabApp, pilot: Pilot[None], screen: AttachedScreen) -> tuple[bool, str]:
        await ask(app, pilot, screen)
        await press(pilot, "1")
        return isinstance(app.screen, ViewScreen), frame(app)

    is_view, shown = attached(served, act, size=(100, 30))
    assert is_view
    assert "b3 ‖ paused" in shown
    assert "not over, not judged" in shown
    assert "every promise held" not in shown
