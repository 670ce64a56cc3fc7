"""Every view of a run on a trace of a million events: to seek anywhere and lay the view out. Mark: more than 10 seeks a second (p95 below 100 ms)."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from tests.bench.case import Case, Measured

if TYPE_CHECKING:
    from sim.tui.session import Watched

EVENTS = 1_000_000
RECORDS = 210_000
WIDTH, HEIGHT = 160, 44
SEEKS = 60
UNTOLD = frozenset({"bytes"})
"""A run of so many events is not made again for its bytes."""


@cache
def watched() -> Watched:
    """A run of EVENTS events: records into three partitions, and a leader that dies among them."""
    from sim.stories.runner import run
    from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader
    from sim.tui.session import of_report

    scenario = Scenario(
        name="long",
        question="How long may a trace be?",
        cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=3),)),
        workload=Workload(records=RECORDS, phases=(Phase(every_us=1_000),)),
        schedule=(after(acknowledged(RECORDS // 3)).crash(leader("orders-0")),),
        duration_us_max=3_600_000_000,
    )
    report = run(scenario, events_max=1 << 40)
    assert len(report.trace) >= EVENTS, f"only {len(report.trace)} events"
    del report.trace.events[EVENTS:]
    return of_report(report, source="", scenario=scenario)


def p95_s(name: str) -> float:
    """To any event, and what the view makes of it; the seconds that 95 of 100 seeks stay below, once the view was opened."""
    from time import perf_counter

    from sim.tui.playhead import Playhead
    from sim.tui.views import view_named
    from sim.world.kernel import Stream

    playhead, view = Playhead(watched()), view_named(name)
    view.rows(playhead, WIDTH, HEIGHT)
    chance = Stream(seed=1, name=f"bench/views/{name}")
    taken_s = []
    for _ in range(SEEKS):
        started_s = perf_counter()
        playhead.seek(chance.randrange(EVENTS))
        view.rows(playhead, WIDTH, HEIGHT)
        taken_s.append(perf_counter() - started_s)
    return sorted(taken_s)[SEEKS * 95 // 100]


def slowest() -> Measured:
    """Of all views the slowest one's; each has its line on stderr, as making the trace takes longer than all of them."""
    from sim.tui.views import VIEWS

    taken_s = {view.name: p95_s(view.name) for view in VIEWS if view.name not in UNTOLD}
    for name, one_s in taken_s.items():
        print(f"  {name:<14} p95 {1_000 * one_s:7.1f} ms", file=sys.stderr)
    return Measured(1, max(taken_s.values()))


CASES = (Case("the slowest view, 95th percentile", "seeks", slowest),)
