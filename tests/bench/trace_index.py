"""A trace of a million events, opened by its index: to the first frame, a seek (p95), playing. Marks: 2 s, 100 ms, 40 % of a core."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.case import Case, Measured, stopwatch

SIZE = (160, 48)
SEEKS = 200
PLAYED_S = 3


@contextmanager
def indexed() -> Iterator[Path]:
    """Write a trace of EVENTS events, and open it once."""
    from sim.trace.trace import Trace, TraceHeader, write_events
    from sim.tui.session import of_file
    from tests.bench.views import EVENTS, watched

    run = watched()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.trace.jsonl"
        with path.open("w", encoding="utf-8") as out:
            Trace().write_header(out, TraceHeader("long", 0, {}))
            write_events(out, run.events)
        watched.cache_clear()
        del run
        assert len(of_file(path).events) == EVENTS
        assert path.with_name(f"{path.name}.index").exists(), "it has an index by now"
        yield path


def opening() -> Measured:
    """From the file to the first frame; modules are loaded before, as Python's start is not ours."""
    from sim.tui.app import AcklabApp
    from sim.tui.session import of_file

    async def show(path: Path) -> None:
        app = AcklabApp(of_file(path))
        async with app.run_test(size=SIZE):
            pass

    with indexed() as path:
        with stopwatch() as watch:
            asyncio.run(show(path))
        return watch.measured(1)


def seeking() -> Measured:
    """To any event, most of them read and folded for the first time; the time that 95 of 100 seeks stay below."""
    from time import perf_counter

    from sim.tui.panels.cluster import cluster_lines
    from sim.tui.panels.events import event_line
    from sim.tui.panels.producer import producer_lines
    from sim.tui.session import of_file
    from sim.world.kernel import Stream

    chance = Stream(seed=1, name="bench/index")
    taken_s = []
    with indexed() as path:
        watched = of_file(path)
        for _ in range(SEEKS):
            index = chance.randrange(len(watched.events))
            started_s = perf_counter()
            state = watched.film.state_at(index)
            cluster_lines(state, width=80, height=20)
            producer_lines(state, begun_us=watched.begun_us, width=80, height=20)
            event_line(watched, index)
            taken_s.append(perf_counter() - started_s)
    return Measured(1, sorted(taken_s)[SEEKS * 95 // 100])


def playing() -> Measured:
    """Play for a while without a terminal; processor seconds for each second of the clock."""
    from sim.tui.app import AcklabApp
    from sim.tui.session import of_file

    async def play(path: Path) -> Measured:
        app = AcklabApp(of_file(path))
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("tab", "plus", "plus", "plus", "space")
            with stopwatch() as watch:
                await asyncio.sleep(PLAYED_S)
            # Percent, so that a rate `per second` is a share of one core.
            return Measured(round(100 * watch.cpu_s), watch.elapsed_s, watch.cpu_s)

    with indexed() as path:
        return asyncio.run(play(path))


CASES = (
    Case("opens a million events by their index", "openings", opening),
    Case("seeks there, 95th percentile", "seeks", seeking),
    Case("plays there at 20 frames/s", "% of a core", playing),
)
