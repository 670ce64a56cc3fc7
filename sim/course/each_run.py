"""An exercise put to the test: one story a seed, run after run, for as long as the check wants more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.stories.runner import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sim.course.checking import Tell
    from sim.judges.report import Report
    from sim.stories.scenario import Scenario


def each_run(
    seeds: Sequence[int], story: Callable[[int], Scenario], tell: Tell
) -> Iterator[tuple[int, Scenario, Report]]:
    """Run the story of each seed, and tell of it. Gives how many runs are done, the story and its report."""
    for done, seed in enumerate(seeds, start=1):
        scenario = story(seed)
        report = run(scenario, seed)
        tell(done, len(seeds))
        yield done, scenario, report
