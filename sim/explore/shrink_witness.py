"""A witness made smaller: fewer faults, and every promise that broke in it still breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.explore.shrink import RUNS_MAX, shrunk
from sim.faults.names import UnknownNameError
from sim.judges.verdict import State
from sim.stories.runner import run
from sim.stories.witness import Witness
from sim.stories.workload import KeyValue

if TYPE_CHECKING:
    from sim.faults.schedule import Schedule
    from sim.judges.report import Report


class NothingBreaksError(Exception):
    """No promise breaks in a witness, so there is nothing to keep while it gets smaller."""


class Shrinking:
    """A witness's schedule on its way down. Raises NothingBreaksError, and whatever its replay raises."""

    def __init__(self, witness: Witness, *, on_try: Callable[[Shrinking], object] = lambda _: None) -> None:
        """`on_try` is called before each schedule that is tried."""
        self._witness = witness
        self._on_try = on_try
        self._records = None if witness.records is None else [KeyValue(*record) for record in witness.records]
        self._story = witness.load()
        self._staged = witness.staged(self._story)
        self.tried = 0
        self.best = self.run(witness.schedule)
        """The run of the smallest schedule so far."""
        self.wanted = broken_in(self.best)
        """What must still break."""
        if not self.wanted:
            raise NothingBreaksError("no promise breaks in it, so there is nothing to keep while it gets smaller")

    @property
    def begun_with(self) -> int:
        """How many faults there were."""
        return len(self._witness.schedule)

    def work(self, runs_max: int = RUNS_MAX) -> None:
        """Try smaller schedules until none breaks all that is wanted; the best so far stays, whatever interrupts it."""
        shrunk(self._witness.schedule, self.fails, runs_max=runs_max)

    def fails(self, candidate: Schedule) -> bool:
        """Try a schedule, and keep it if it still breaks everything."""
        self.tried += 1
        self._on_try(self)
        try:
            report = self.run(candidate)
        except (ValueError, UnknownNameError):
            # What is left of it cannot be told, as with a life that nobody begins any more.
            return False
        if not self.wanted <= broken_in(report):
            return False
        self.best = report
        return True

    def run(self, schedule: Schedule) -> Report:
        """Run the story with another schedule, and all else as it was."""
        witness = self._witness
        staged = replace(self._staged, schedule=schedule)
        return run(staged, witness.seed, records=self._records, records_of=witness.records_of, mutant=witness.mutant)

    def smallest(self) -> Witness:
        """Write down the run of the smallest schedule so far."""
        witness = self._witness
        return Witness.of(
            self.best,
            scenario=witness.scenario,
            story=self._story,
            records=self._records,
            records_of=witness.records_of,
        )


def broken_in(report: Report) -> frozenset[str]:
    """Give the promises that broke in a run."""
    return frozenset(verdict.guarantee for verdict in report.verdicts if verdict.state is State.VIOLATED)
