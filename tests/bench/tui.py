"""The terminal UI on a trace of 100,000 events. Marks: opens at more than 100,000 events/s, seeks (p95) more than 20 a second, plays under 40 % of a core."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.case import Case, Measured, stopwatch

if TYPE_CHECKING:
    from sim.tui.session import Watched

EVENTS = 100_000
SIZE = (160, 48)
SEEKS = 500
PLAYED_S = 3


def recording() -> Path:
    """Write a trace of EVENTS events: records into three partitions, and a leader that dies among them."""
    from sim.stories.runner import run
    from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader
    from sim.stories.witness import Witness
    from sim.trace.trace import TraceHeader

    scenario = Scenario(
        name="long",
        question="How long may a trace be?",
        cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=3),)),
        workload=Workload(records=20_000, phases=(Phase(every_us=1_000),)),
        schedule=(after(acknowledged(6_000)).crash(leader("orders-0")),),
    )
    report = run(scenario)
    assert len(report.trace) >= EVENTS, f"only {len(report.trace)} events"
    del report.trace.events[EVENTS:]
    path = Path(tempfile.mkdtemp()) / "long.jsonl"
    witness = Witness.of(report, scenario="default_config", records=None).as_json()
    with path.open("w", encoding="utf-8") as out:
        report.trace.write(out, TraceHeader("long", 0, witness))
    return path


def watched() -> Watched:
    from sim.tui.session import of_file

    path = recording()
    try:
        return of_file(path)
    finally:
        shutil.rmtree(path.parent)


def opening() -> Measured:
    """From the file to the first frame, and its index is made; modules are loaded before, as Python's start is not ours."""
    from sim.tui.app import AcklabApp
    from sim.tui.session import of_file

    path = recording()

    async def show() -> None:
        app = AcklabApp(of_file(path))
        async with app.run_test(size=SIZE):
            pass

    with stopwatch() as watch:
        asyncio.run(show())
    shutil.rmtree(path.parent)
    return watch.measured(EVENTS)


def seeking() -> Measured:
    """To any event, and what the panels make of it; the time that 95 of 100 seeks stay below."""
    from time import perf_counter

    from sim.tui.panels.cluster import cluster_lines
    from sim.tui.panels.producer import producer_lines
    from sim.world.kernel import Stream

    film = watched().film
    chance = Stream(seed=1, name="bench/seeks")
    taken_s = []
    for _ in range(SEEKS):
        index = chance.randrange(EVENTS)
        started_s = perf_counter()
        state = film.state_at(index)
        cluster_lines(state, width=80, height=20)
        producer_lines(state, begun_us=film.begun_us, width=80, height=20)
        taken_s.append(perf_counter() - started_s)
    return Measured(1, sorted(taken_s)[SEEKS * 95 // 100])


def playing() -> Measured:
    """Play for a while without a terminal; processor seconds for each second of the clock."""
    from sim.tui.app import AcklabApp
    from sim.tui.screens.watch import WatchScreen

    app = AcklabApp(watched())

    async def play() -> Measured:
        async with app.run_test(size=SIZE) as pilot:
            screen = app.screen
            assert isinstance(screen, WatchScreen)
            await pilot.press("tab", "plus", "plus", "plus", "space")
            before = screen.playhead.index
            with stopwatch() as watch:
                await asyncio.sleep(PLAYED_S)
            assert screen.playhead.index > before + PLAYED_S * screen.playhead.speed // 2, "it plays at its speed"
            # Percent, so that a rate `per second` is a share of one core.
            return Measured(round(100 * watch.cpu_s), watch.elapsed_s, watch.cpu_s)

    return asyncio.run(play())


CASES = (
    Case("opens a trace for the first time", "events", opening),
    Case("seeks, 95th percentile", "seeks", seeking),
    Case("plays at 20 frames/s", "% of a core", playing),
)
