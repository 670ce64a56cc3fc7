"""What happens around schemas: versions of applications and readers are deployed, and their registry goes, stands still or is slow.

Kept apart like those of transactions: only a search of stories in schemas draws them. What a deployment takes with it depends on the
level of the registry, so `sim.explore.promised` says it (`unpromised_in_schemas`); a registry that fails takes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, SCHEMAS, Kind
from sim.faults import (
    CrashRegistry,
    Deploy,
    PauseRegistry,
    RestartRegistry,
    ResumeRegistry,
    SlowRegistry,
    StopRegistry,
)
from sim.faults.schedule import After
from sim.faults.words import When
from sim.trace.events import RecordSerialized

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry

FACTORS = (100, 1_000, 20_000)
"""From a tenth of a second for each request to twenty."""


def _deploy(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let somebody run another version, mostly a later one. Whoever has ended by then has no next life."""
    if not course.versions:
        return ()
    whom, latest = choices.one_of(course.versions)
    version = choices.number(2, latest) if choices.number(0, 3) else 1
    sending = [point for point in course.points if point.event == RecordSerialized.__name__]
    if sending and choices.number(0, 1):
        # Behind the last record a new version writes nothing.
        point = choices.one_of(sending)
        when = When(After(point.event, choices.number(point.first, point.last), point.where))
    return (replace(when.fault(Deploy(whom, version)), may_be_refused=True),)


def _down(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.registries:
        return ()
    name = choices.one_of(course.registries)
    ends = choices.one_of((CrashRegistry, StopRegistry))
    return replace(when.fault(ends(name)), may_be_refused=True), _later(choices, when, RestartRegistry(name))


def _pause(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.registries:
        return ()
    name = choices.one_of(course.registries)
    return replace(when.fault(PauseRegistry(name)), may_be_refused=True), _later(choices, when, ResumeRegistry(name))


def _slow(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.registries:
        return ()
    name, factor = choices.one_of(course.registries), choices.one_of(FACTORS)
    return (replace(when.fault(SlowRegistry(name, factor)), may_be_refused=True),)


def _later(choices: Choices, when: When, fault: RestartRegistry | ResumeRegistry) -> Entry:
    """Let it end, unless another fault has ended it by then."""
    return replace(when.wait(choices.one_of(LASTS_US)).fault(fault), may_be_refused=True)


KINDS = (
    Kind("deploy", SCHEMAS, (Deploy,), _deploy),
    Kind("registry down", SCHEMAS, (CrashRegistry, StopRegistry, RestartRegistry), _down),
    Kind("pause registry", SCHEMAS, (PauseRegistry, ResumeRegistry), _pause),
    Kind("slow registry", SCHEMAS, (SlowRegistry,), _slow),
)
