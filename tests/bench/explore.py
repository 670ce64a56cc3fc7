"""Searching for broken promises on one core: schedules drawn, run, judged; one in twenty run twice."""

from __future__ import annotations

from tests.bench.case import Case, Measured, stopwatch

SCHEDULES = 200


def explored(*, is_fresh: bool, faults: str) -> Measured:
    """Look at SCHEDULES schedules of the default configuration, in this process."""
    from sim.explore.search import Search

    search = Search(is_fresh=is_fresh, classes=faults)
    search.look(0)
    with stopwatch() as watch:
        for number in range(SCHEDULES):
            search.look(number)
    return watch.measured(SCHEDULES)


def kinds_of_the_network() -> Measured:
    """Faults of the network, before a partition knows the producer."""
    return explored(is_fresh=True, faults="N")


def everything() -> Measured:
    """What `acklab explore` does."""
    return explored(is_fresh=False, faults="NC")


CASES = (
    Case("explore", "runs", everything, reference=True),
    Case("explore --fresh --faults N", "runs", kinds_of_the_network),
)
