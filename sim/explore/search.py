"""One search: a scenario, a configuration, the faults allowed; schedule by schedule run, judged and shrunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sim.explore.course import Course, undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import kinds_of
from sim.explore.shrink import RUNS_MAX, shrunk
from sim.explore.stuck import NAME as STUCK
from sim.explore.stuck import is_stuck
from sim.faults import Crash, Fault, Leader, MoveLeader, Pause
from sim.judges.guarantees import GUARANTEES, State
from sim.judges.invariants import NAMES as INVARIANTS
from sim.stories.planted import planted_bug
from sim.stories.properties import effective_properties
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.stories.witness import Witness

if TYPE_CHECKING:
    from sim.faults.schedule import Schedule
    from sim.judges.report import Report

WORLDS = 16
"""Campaigns run through this many seeds of the world in turn: what is jitter in one is order in another."""
REPEATED_ONE_IN = 20
"""One run in so many is run twice, and the digests compared."""
DEFAULT_SCENARIO = "default_config"
LOOKED_FOR = (*GUARANTEES, STUCK, *INVARIANTS)
"""The guarantees of every report, what only a search looks for, and the invariants: only a planted bug breaks one and runs on."""


class Outcome(NamedTuple):
    """What the schedule of one number showed."""

    number: int
    broken: tuple[str, ...]
    """Guarantees, in the order of reports."""
    is_conclusive: bool
    """Whether the run showed enough to say that the rest held."""
    faults: int
    virtual_us: int
    is_repeatable: bool
    """False if it was run twice and gave two digests: a bug of ours."""


class Found(NamedTuple):
    """A failing schedule, shrunk."""

    number: int
    broken: tuple[str, ...]
    witness: Witness

    @property
    def shape(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What makes two findings the same: the guarantees broken, and the kinds of faults it takes."""
        return self.broken, tuple(sorted(entry.fault.kind for entry in self.witness.schedule))


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched, as a value: it goes to worker processes, and the same value finds the same."""

    scenario: str = DEFAULT_SCENARIO
    """Name or path. Its cluster, producer and application are taken, its own schedule is left out."""
    seed: int = 0
    properties: dict[str, str] = field(default_factory=dict)
    """Over the scenario's own."""
    is_fresh: bool = False
    """Whether faults may strike from the beginning; else only after the scenario's first phase, if it has another."""
    classes: str = "NC"
    guarantees: tuple[str, ...] = LOOKED_FOR
    """Which promises count."""
    planted_bug: str = ""

    def schedule(self, number: int) -> Schedule:
        """Draw the schedule of that number."""
        course = _course(self.scenario, self._world_seed(number), is_fresh=self.is_fresh, properties=self._settings)
        return drawn(number, seed=self.seed, course=course, kinds=kinds_of(self.classes))

    def look(self, number: int) -> Outcome:
        """Run the schedule of that number and judge it."""
        schedule = self.schedule(number)
        try:
            report = self.run(number, schedule)
        except Exception as error:
            # Our bug, whichever it is: the caller must be able to run it again.
            line = "; ".join(map(str, schedule))
            ours = AssertionError(f"schedule {number} of seed {self.seed} raised {error!r}: {line}")
            for note in getattr(error, "__notes__", ()):
                ours.add_note(note)
            raise ours from error
        is_repeatable = number % REPEATED_ONE_IN != 0 or self.run(number, schedule).digest == report.digest
        # A drawn fault is of the moment: whether it misses that, or is refused, says nothing of the promises.
        states = [verdict.state for verdict in report.verdicts if verdict.guarantee in self.guarantees]
        is_conclusive = State.INCONCLUSIVE not in states and not report.stopped
        broken = self.broken(report)
        return Outcome(number, broken, is_conclusive, len(schedule), report.virtual_us, is_repeatable)

    def shrink(self, number: int, *, runs_max: int = RUNS_MAX) -> Found:
        """Make the failing schedule of that number as small as it gets; everything that broke still breaks."""
        schedule = self.schedule(number)
        course = _course(self.scenario, self._world_seed(number), is_fresh=self.is_fresh, properties=self._settings)
        wanted = frozenset(self.broken(self.run(number, schedule)))

        def fails(candidate: Schedule) -> bool:
            if not all(course.allows(entry.when) for entry in candidate):
                return False
            return wanted <= frozenset(self.broken(self.run(number, candidate)))

        instead = [make(partition) for partition in course.partitions for make in _PLAIN]
        report = self.run(number, shrunk(schedule, fails, instead=instead, runs_max=runs_max))
        return Found(number, self.broken(report), Witness.of(report, scenario=self.scenario, records=None))

    def unshrunk(self, number: int) -> Found:
        """Give the failing schedule of that number as it was drawn."""
        report = self.run(number, self.schedule(number))
        return Found(number, self.broken(report), Witness.of(report, scenario=self.scenario, records=None))

    def run(self, number: int, schedule: Schedule) -> Report:
        """Run one schedule in the world of that number."""
        mutant = planted_bug(self.planted_bug) if self.planted_bug else None
        scenario = replace(_loaded(self.scenario), schedule=schedule)
        return run(scenario, self._world_seed(number), properties=self.properties, mutant=mutant)

    def broken(self, report: Report) -> tuple[str, ...]:
        """Which of the promises that count broke."""
        found = [one.guarantee for one in report.violated if one.guarantee in self.guarantees]
        if STUCK in self.guarantees and report.counts.sent > report.counts.acknowledged and is_stuck(report.trace):
            found.append(STUCK)
        if report.breach is not None and report.breach.invariant in self.guarantees:
            found.append(report.breach.invariant)
        return tuple(found)

    def effective_properties(self) -> dict[str, str]:
        """Give the producer's properties, the scenario's own included. Raises ConfigError."""
        return effective_properties(_loaded(self.scenario), self.properties)

    @property
    def is_warm(self) -> bool:
        """Whether the first phase is kept free of faults."""
        return not self.is_fresh and _has_two_phases(_loaded(self.scenario))

    @property
    def _settings(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.properties.items())

    def _world_seed(self, number: int) -> int:
        return self.seed + number % WORLDS


_PLAIN: tuple[Callable[[str], Fault], ...] = (
    MoveLeader,
    lambda partition: Crash(Leader(partition)),
    lambda partition: Pause(Leader(partition)),
)
"""What may stand for something more intricate when a schedule is shrunk."""


@lru_cache(maxsize=8)
def _loaded(name: str) -> Scenario:
    return load(name)


def _has_two_phases(scenario: Scenario) -> bool:
    return all(len(one.workload.phases) > 1 for one in scenario.cast)


@lru_cache(maxsize=4 * WORLDS)
def _course(name: str, seed: int, *, is_fresh: bool, properties: tuple[tuple[str, str], ...]) -> Course:
    scenario = _loaded(name)
    is_warm = not is_fresh and _has_two_phases(scenario)
    return undisturbed(scenario, seed, is_warm=is_warm, properties=dict(properties))
