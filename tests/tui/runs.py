"""Runs that several tests look at, each made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TypeVar

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Footer

from sim.tui.app import AcklabApp
from sim.tui.home.desk import Desk
from sim.tui.screens.moving import MovingScreen
from sim.tui.session import Watched, of_scenario
from tests.tui.noting import NotingApp

T = TypeVar("T")

STORIES = ("acks_one_leader_crash", "default_config_survives_leader_moves", "partition_expansion_reorder")
"""Crash and truncation; retries, sequences and a shrinking ISR; a topic that grows."""
LOST = "acks_one_leader_crash"
SMALL = (80, 24)
DRAWN_MAX = 500
"""So often it is looked whether a screen is drawn."""
VIEW_NAMES_ROW = 4
"""The row of a view's screen that names the views."""


@cache
def run_of(name: str) -> Watched:
    return of_scenario(name)


def event_of(watched: Watched, name: str, nth: int = 1) -> int:
    """Number of the nth event of a type."""
    places = [place for place, event in enumerate(watched.events) if type(event).__name__ == name]
    return places[nth - 1]


def first_difference(first: Watched, second: Watched) -> int:
    """Number of the first event in which two runs differ; that behind the shorter one if it is a beginning."""
    pairs = enumerate(zip(first.events, second.events, strict=False))
    same = min(len(first.events), len(second.events))
    return next((place for place, (one, other) in pairs if type(one) is not type(other) or one != other), same)


def use(
    watched: Watched | None,
    act: Callable[[AcklabApp, Pilot[None]], Awaitable[T]],
    *,
    size: tuple[int, int] = SMALL,
    desk: Desk | None = None,
) -> T:
    """Open the screens without a terminal, and act on them."""

    async def used() -> T:
        app = NotingApp(watched, desk=desk)
        async with app.run_test(size=size) as pilot:
            await drawn(pilot)
            return await act(app, pilot)

    return asyncio.run(used())


async def settled(app: AcklabApp, pilot: Pilot[None]) -> None:
    """Wait for runs in their threads, and for the screens to take notice."""
    await app.workers.wait_for_complete()
    await drawn(pilot)


async def until(is_there: Callable[[], bool], pilot: Pilot[None]) -> None:
    """Wait until something is on the screen."""
    for _ in range(1_000):
        if is_there():
            return
        await drawn(pilot)
    assert is_there()


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until nothing more happens by itself, and a run's screen that was opened just now has been drawn."""
    await pilot.pause()
    for _ in range(DRAWN_MAX):
        if _is_drawn(pilot.app):
            return
        await pilot.pause()


def _is_drawn(app: App[None]) -> bool:
    """Whether what comes last stands there: the title of a run's screen, and the keys at the foot of any."""
    rows = frame(app).splitlines()
    has_title = not isinstance(app.screen, MovingScreen) or bool(rows[0].strip())
    has_keys = all(bool(rows[foot.region.y].strip()) for foot in app.screen.query(Footer) if foot.display)
    return has_title and has_keys


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other. The pilot's own `press` waits for the machine to be idle after each of them."""
    for key in keys:
        pilot.app.simulate_key(key)
        for _ in range(3):
            await pilot._wait_for_screen()
    await drawn(pilot)


def page_of(app: AcklabApp) -> str:
    """A view as it stands on the screen, without the line that names all views: one more of them changes no other."""
    return "".join(line for row, line in enumerate(frame(app).splitlines(keepends=True)) if row != VIEW_NAMES_ROW)


def frame(app: App[None]) -> str:
    """What stands on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"
