"""One search: a scenario, a configuration, the faults allowed; schedule by schedule run, judged and shrunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sim.explore.course import Course, undisturbed
from sim.explore.draw import StreamChoices, slots
from sim.explore.governance_course import with_governance
from sim.explore.kinds import GOVERNANCE, KINDS, SCHEMAS, TRANSACTIONS, Kind, kinds_of
from sim.explore.promised import (
    RENUMBERS,
    TWICE,
    broken_by,
    may_lose_disk,
    unpromised,
    unpromised_by,
    unpromised_in_schemas,
    unpromised_in_transactions,
    with_disk_kept,
)
from sim.explore.reach import TRIED_ONE_IN, Struck, Tried, is_same, label, struck, without
from sim.explore.renumbering import is_needless
from sim.explore.schema_course import with_schemas
from sim.explore.schemas import SchemaWorld
from sim.explore.shrink import RUNS_MAX, shrunk
from sim.explore.stuck import NAME as STUCK
from sim.explore.stuck import is_stuck
from sim.explore.transactional_course import with_transactions
from sim.explore.transactions import TransactionalWorld
from sim.explore.transactions import repairs as repairs_of_transactions
from sim.explore.unended import NAME as UNENDED
from sim.explore.unended import is_unended
from sim.explore.unlawful import NAME as UNLAWFUL
from sim.explore.unlawful import unlawful
from sim.explore.wide import WORLDS as WIDE_WORLDS
from sim.explore.wide import World, repairs
from sim.faults import Crash, Fault, Leader, MoveLeader, Pause, TransactionCoordinator
from sim.judges.guarantees import GUARANTEES, State
from sim.judges.invariants import NAMES as INVARIANTS
from sim.stories.planted import planted_bug
from sim.stories.properties import configs_of, effective_properties, with_settings_of
from sim.stories.runner import FAILED_ASSERTION, run
from sim.stories.scenario import Scenario, load
from sim.stories.variation import varied_name
from sim.stories.witness import Witness
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from sim.faults.schedule import Schedule
    from sim.judges.report import Report

WORLDS = 16
"""Campaigns run through this many seeds of the world in turn: what is jitter in one is order in another."""
REPEATED_ONE_IN = 20
"""One run in so many is run twice, and the digests compared."""
DEFAULT_SCENARIO = "default_config"
RAISED = "raised"
"""A planted bug ran into an assertion: no promise broke, but nobody would have missed it."""
LOOKED_FOR = (*GUARANTEES, STUCK, UNENDED, UNLAWFUL, *INVARIANTS)
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
    drawn: tuple[str, ...] = ()
    """Every fault of the schedule, as `sim.explore.reach` names it."""
    struck: tuple[Struck, ...] = ()
    left_out: tuple[Tried, ...] = ()
    """Those that were left out, to see whether they mattered."""


class Trial(NamedTuple):
    """What one number tries: everything that a run takes, and what is looked for."""

    number: int
    scenario: str
    """Its name, with what was drawn of its cluster and its repairs."""
    seed: int
    properties: dict[str, str]
    schedule: Schedule
    labels: tuple[str, ...]
    """Each fault's, as `sim.explore.reach` names it."""
    course: Course
    promises: tuple[str, ...]
    """Which guarantees count."""

    def broken(self, report: Report) -> tuple[str, ...]:
        """Which of the promises that count broke."""
        found = [one.guarantee for one in report.violated if one.guarantee in self.promises]
        if STUCK in self.promises and report.counts.sent > report.counts.acknowledged and is_stuck(report.trace):
            found.append(STUCK)
        if UNENDED in self.promises and self.course.transactional_ids and is_unended(report):
            found.append(UNENDED)
        if UNLAWFUL in self.promises and (self.course.principals or self.course.has_quotas) and unlawful(report):
            found.append(UNLAWFUL)
        if report.stopped.startswith(FAILED_ASSERTION):
            found.append(RAISED)
        if report.breach is not None and report.breach.invariant in self.promises:
            found.append(report.breach.invariant)
        return tuple(found)


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
    is_wide: bool = False
    """Whether the cluster, the application and what `properties` leaves open are drawn, too (`sim.explore.wide`)."""
    transactional: tuple[str, ...] = ()
    """Stories in transactions of which one is drawn, with all that `is_wide` draws, in place of `scenario` (`sim.explore.transactions`)."""
    in_schemas: tuple[str, ...] = ()
    """Stories in schemas of which one is drawn, likewise (`sim.explore.schemas`)."""
    classes: str = "NC"
    guarantees: tuple[str, ...] = LOOKED_FOR
    """Which promises count."""
    planted_bug: str = ""
    shrinking_runs_max: int = RUNS_MAX
    """How often a failing schedule is run to make it smaller."""

    def trial(self, number: int) -> Trial:
        """Draw what that number tries."""
        scenario, seed, settings, is_fresh = self._world(number)
        course = _course(
            scenario,
            seed,
            is_fresh=is_fresh,
            properties=settings,
            in_transactions=bool(self.transactional),
            in_schemas=bool(self.in_schemas),
            in_governance=GOVERNANCE in self.classes,
        )
        kinds = tuple(kind for kind in kinds_of(self._classes(number)) if kind.has_place_in(course))
        drawn = [
            (kind, entry)
            for kind, entries in slots(number, seed=self.seed, course=course, kinds=kinds)
            for entry in entries
        ]
        promises = self.guarantees
        if self.draws_stories:
            told = with_settings_of(_loaded(scenario), dict(settings))
            if not may_lose_disk(told, tuple(entry for _, entry in drawn)):
                drawn = [(kind, kept) for kind, entry in drawn if (kept := with_disk_kept(entry)) is not None]
            configs = configs_of(told, effective_properties(told, dict(settings)), "b1:9092").values()
            missing = broken_by(kind for kind, _ in drawn).union(
                *(unpromised(config, is_fresh=not course.knows_producers) for config in configs),
                *map(unpromised_by, told.cast),
            )
            if self.transactional:
                missing |= unpromised_in_transactions(told)
            if self.in_schemas:
                missing |= unpromised_in_schemas(told, tuple(entry for _, entry in drawn))
            promises = tuple(one for one in promises if one not in missing)
        elif GOVERNANCE in self.classes:
            missing = broken_by(kind for kind, _ in drawn if kind.fault_class == GOVERNANCE)
            promises = tuple(one for one in promises if one not in missing)
        choices = StreamChoices(Stream(seed=self.seed, name=f"explore/{number}/repairs"))
        mended = repairs_of_transactions(choices) if self.transactional or self.in_schemas else repairs(choices)
        return Trial(
            number,
            varied_name(scenario, mended),
            seed,
            dict(settings),
            tuple(entry for _, entry in drawn),
            tuple(label(kind, entry.fault) for kind, entry in drawn),
            course,
            promises,
        )

    def _classes(self, number: int) -> str:
        """Every second schedule of stories in transactions strikes their protocol alone: what takes two of its faults is met sooner.

        So does every second one of stories in schemas: it deploys, and strikes registries; and where rights and quotas change.
        """
        own = TRANSACTIONS if self.transactional else SCHEMAS if self.in_schemas else GOVERNANCE
        return own if own in self.classes and number % 2 else self.classes

    def schedule(self, number: int) -> Schedule:
        """Draw the schedule of that number."""
        return self.trial(number).schedule

    def look(self, number: int) -> Outcome:
        """Run the schedule of that number and judge it."""
        trial = self.trial(number)
        schedule = trial.schedule
        try:
            report = self.tried(trial)
        except Exception as error:
            # Our bug, whichever it is: the caller must be able to run it again.
            line = "; ".join(map(str, schedule))
            ours = AssertionError(f"schedule {number} of seed {self.seed} raised {error!r}: {line}")
            for note in getattr(error, "__notes__", ()):
                ours.add_note(note)
            raise ours from error
        is_repeatable = number % REPEATED_ONE_IN != 0 or self.tried(trial).digest == report.digest
        # A drawn fault is of the moment: whether it misses that, or is refused, says nothing of the promises.
        states = [verdict.state for verdict in report.verdicts if verdict.guarantee in trial.promises]
        is_conclusive = State.INCONCLUSIVE not in states and not report.stopped
        places = struck(report, schedule)
        left_out: tuple[Tried, ...] = ()
        if places and number % TRIED_ONE_IN == 0:
            left_out = (self._left_out(trial, places[number // TRIED_ONE_IN % len(places)], report),)
        return Outcome(
            number,
            self.broken(trial, report),
            is_conclusive,
            len(schedule),
            report.virtual_us,
            is_repeatable,
            trial.labels,
            tuple(Struck(trial.labels[place], number, place) for place in places),
            left_out,
        )

    def leave_out(self, number: int, place: int) -> Tried:
        """See whether one fault of that number's schedule mattered."""
        trial = self.trial(number)
        return self._left_out(trial, place, self.tried(trial))

    def _left_out(self, trial: Trial, place: int, report: Report) -> Tried:
        other = self.tried(trial, without(trial.schedule, place))
        return Tried(trial.labels[place], not is_same(report, other))

    def shrink(self, number: int) -> Found:
        """Make the failing schedule of that number as small as it gets; everything that broke still breaks."""
        trial = self.trial(number)
        wanted = frozenset(self.broken(trial, self.tried(trial)))

        def fails(candidate: Schedule) -> bool:
            if not all(trial.course.allows(entry.when) for entry in candidate):
                return False
            return wanted <= frozenset(self.broken(trial, self.tried(trial, candidate)))

        instead = [make(partition) for partition in trial.course.partitions for make in _PLAIN]
        instead += [Crash(TransactionCoordinator(one)) for one in trial.course.transactional_ids]
        return self._found(
            trial, self.tried(trial, shrunk(trial.schedule, fails, instead=instead, runs_max=self.shrinking_runs_max))
        )

    def unshrunk(self, number: int) -> Found:
        """Give the failing schedule of that number as it was drawn."""
        trial = self.trial(number)
        return self._found(trial, self.tried(trial))

    def _found(self, trial: Trial, report: Report) -> Found:
        witness = Witness.of(report, scenario=trial.scenario, story=_loaded(trial.scenario), records=None)
        return Found(trial.number, self.broken(trial, report), witness)

    def tried(self, trial: Trial, schedule: Schedule | None = None) -> Report:
        """Run what was drawn, or another schedule in its place."""
        mutant = planted_bug(self.planted_bug) if self.planted_bug else None
        told = with_settings_of(_loaded(trial.scenario), trial.properties)
        scenario = replace(told, schedule=trial.schedule if schedule is None else schedule)
        return run(scenario, trial.seed, properties=trial.properties, mutant=mutant)

    def broken(self, trial: Trial, report: Report) -> tuple[str, ...]:
        """Which of the promises that count broke in a run of that trial.

        A wide search does not count what a new epoch writes twice, as Java's producer does by default, and what is gone
        when batches that may be in the log keep their numbers: nobody is promised more (`new_epoch_repeats_a_record`).
        An epoch that nothing called for is another matter.
        """
        broken = trial.broken(report)
        if not self.draws_stories or RENUMBERS in trial.properties or not TWICE.intersection(broken):
            return broken
        if is_needless(report.trace.events):
            return broken
        kept = trial._replace(properties={**trial.properties, RENUMBERS: "false"})
        still = trial.broken(self.tried(kept, report.schedule))
        return tuple(one for one in broken if one not in TWICE or one in still)

    def run(self, number: int, schedule: Schedule) -> Report:
        """Run one schedule in the world of that number, repaired as the scenario says."""
        scenario, seed, settings, _ = self._world(number)
        mutant = planted_bug(self.planted_bug) if self.planted_bug else None
        told = with_settings_of(_loaded(scenario), dict(settings))
        return run(replace(told, schedule=schedule), seed, properties=dict(settings), mutant=mutant)

    def effective_properties(self) -> dict[str, str]:
        """Give the producer's properties, the scenario's own included. Raises ConfigError."""
        return effective_properties(_loaded(self.scenario), self.properties)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Give every kind of fault that it might draw, were it asked for all classes."""
        own = TRANSACTIONS if self.transactional else SCHEMAS if self.in_schemas else ""
        of_governance = GOVERNANCE if GOVERNANCE in self.classes else ""
        return (*KINDS.values(), *kinds_of(own + of_governance))

    @property
    def draws_stories(self) -> bool:
        """Whether what surrounds the faults is drawn, so that only what is promised to it counts."""
        return self.is_wide or bool(self.transactional or self.in_schemas)

    @property
    def is_warm(self) -> bool:
        """Whether the first phase is kept free of faults."""
        return not self.is_fresh and _has_two_phases(_loaded(self.scenario))

    def _world(self, number: int) -> tuple[str, int, tuple[tuple[str, str], ...], bool]:
        """Give the scenario's name, the world's seed, the producer's properties, and whether it is struck while fresh."""
        if self.transactional:
            place = number % WIDE_WORLDS
            drawn = _transactional_world(place, seed=self.seed, stories=self.transactional)
            # What is asked for of all goes over what is drawn of one, too.
            kept = {
                name: value for name, value in drawn.properties.items() if name.split(":")[-1] not in self.properties
            }
            return drawn.scenario, self.seed + place, tuple({**kept, **self.properties}.items()), True
        if self.in_schemas:
            place = number % WIDE_WORLDS
            world_of_schemas = _schema_world(place, seed=self.seed, stories=self.in_schemas)
            settings = {**world_of_schemas.properties, **self.properties}
            return world_of_schemas.scenario, self.seed + place, tuple(settings.items()), True
        if not self.is_wide:
            return self.scenario, self.seed + number % WORLDS, tuple(self.properties.items()), self.is_fresh
        place = number % WIDE_WORLDS
        world = _wide_world(place, seed=self.seed)
        scenario = varied_name(self.scenario, world.surroundings)
        # What is asked for goes over what is drawn.
        settings = {**world.properties, **self.properties}
        return scenario, self.seed + place, tuple(settings.items()), world.is_fresh or self.is_fresh


_PLAIN: tuple[Callable[[str], Fault], ...] = (
    MoveLeader,
    lambda partition: Crash(Leader(partition)),
    lambda partition: Pause(Leader(partition)),
)
"""What may stand for something more intricate when a schedule is shrunk."""


@lru_cache(maxsize=WIDE_WORLDS)
def _wide_world(place: int, *, seed: int) -> World:
    return World(place, seed=seed)


@lru_cache(maxsize=WIDE_WORLDS)
def _transactional_world(place: int, *, seed: int, stories: tuple[str, ...]) -> TransactionalWorld:
    return TransactionalWorld(place, seed=seed, stories=stories)


@lru_cache(maxsize=WIDE_WORLDS)
def _schema_world(place: int, *, seed: int, stories: tuple[str, ...]) -> SchemaWorld:
    return SchemaWorld(place, seed=seed, stories=stories)


@lru_cache(maxsize=1_024)
def _loaded(name: str) -> Scenario:
    return load(name)


def _has_two_phases(scenario: Scenario) -> bool:
    return all(len(one.workload.phases) > 1 for one in scenario.cast)


@lru_cache(maxsize=2 * WIDE_WORLDS)
def _course(
    name: str,
    seed: int,
    *,
    is_fresh: bool,
    properties: tuple[tuple[str, str], ...],
    in_transactions: bool = False,
    in_schemas: bool = False,
    in_governance: bool = False,
) -> Course:
    scenario = with_settings_of(_loaded(name), dict(properties))
    is_warm = not is_fresh and _has_two_phases(scenario)
    course = undisturbed(scenario, seed, is_warm=is_warm, properties=dict(properties))
    if in_governance:
        course = with_governance(course, scenario)
    if not in_transactions and not in_schemas:
        return course
    trace = run(replace(scenario, schedule=()), seed, properties=dict(properties)).trace
    return with_transactions(course, trace) if in_transactions else with_schemas(course, scenario, trace)
