"""Why, in a trace of a million events. Marks: explains (p95) more than 10 a second; the index is made once, when somebody asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.case import Case, Measured, stopwatch

if TYPE_CHECKING:
    from sim.tui.session import Watched

EVENTS = 1_000_000
QUESTIONS = 500


def watched() -> Watched:
    """Give a run of EVENTS events: records into three partitions, and two leaders that die among them."""
    from sim.stories.runner import run
    from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader
    from sim.tui.session import of_report

    scenario = Scenario(
        name="long",
        question="How long may a trace be?",
        cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=3),)),
        workload=Workload(records=200_000, phases=(Phase(every_us=1_000),)),
        duration_us_max=600_000_000,
        schedule=(
            after(acknowledged(60_000)).crash(leader("orders-0")),
            after(acknowledged(140_000)).crash(leader("orders-1")),
        ),
    )
    report = run(scenario)
    assert len(report.trace) >= EVENTS, f"only {len(report.trace)} events"
    del report.trace.events[EVENTS:]
    return of_report(report, source="long", scenario=scenario)


def indexing() -> Measured:
    """Find every event's causes, in one pass."""
    run = watched()
    with stopwatch() as watch:
        _ = run.causes
    return watch.measured(EVENTS)


def explaining() -> Measured:
    """Explain any event, told and all; the time that 95 of 100 questions stay below."""
    from time import perf_counter

    from sim.tui.panels.why import why_rows
    from sim.tui.questions import question_at
    from sim.world.kernel import Stream

    run = watched()
    _ = run.causes, run.ways
    chance = Stream(seed=1, name="bench/questions")
    taken_s = []
    for _ in range(QUESTIONS):
        index = chance.randrange(EVENTS)
        started_s = perf_counter()
        question = question_at(run, index)
        why_rows(run, question, question.steps(run), width=80)
        taken_s.append(perf_counter() - started_s)
    return Measured(1, sorted(taken_s)[QUESTIONS * 95 // 100])


CASES = (
    Case("finds the causes of every event", "events", indexing),
    Case("explains an event, 95th percentile", "questions", explaining),
)
