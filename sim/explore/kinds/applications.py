"""Applications that die and come back, stand still, are replaced while they live, or come late.

Each life is a new producer to the partitions: what Kafka does not promise a fresh one, it promises none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.applications import life_of
from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import (
    KillApplication,
    PauseApplication,
    ReplaceApplication,
    RestartApplication,
    ResumeApplication,
    StartApplication,
    StopApplication,
)

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.words import When

FRESH_BREAKS = frozenset({"duplicated", "reordered", "key order", "stuck"})
"""What `fresh_producer_hole` shows."""


def _application(choices: Choices, course: Course) -> str:
    return life_of(choices.one_of(course.clients))[0]


def _kill(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    application = _application(choices, course)
    lasts_us = choices.one_of((*LASTS_US[:-2], 0))
    killed = when.fault(KillApplication(application))
    # One that stays dead is a story of its own: what it had handed over, and nobody waits for.
    return (killed, when.wait(lasts_us).fault(RestartApplication(application))) if lasts_us else (killed,)


def _stop(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    application = _application(choices, course)
    lasts_us = choices.one_of((*LASTS_US[2:-2], 0))
    stopped = when.fault(StopApplication(application))
    return (stopped, when.wait(lasts_us).fault(RestartApplication(application))) if lasts_us else (stopped,)


def _pause(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    application = _application(choices, course)
    lasts_us = choices.one_of(LASTS_US)
    return when.fault(PauseApplication(application)), when.wait(lasts_us).fault(ResumeApplication(application))


def _replace(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    application = _application(choices, course)
    replaced = when.fault(ReplaceApplication(application))
    lasts_us = choices.one_of((0, *LASTS_US))
    if not lasts_us:
        # Both are at work: who replaced it believed it dead.
        return (replaced,)
    # It was not dead, only out of the world for a while: the zombie.
    woken = when.wait(lasts_us).fault(ResumeApplication(application))
    return when.fault(PauseApplication(application)), replaced, woken


def _start(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.waiting:
        return ()
    return (when.fault(StartApplication(choices.one_of(course.waiting))),)


KINDS = (
    Kind("pause application", "A", (PauseApplication, ResumeApplication), _pause),
    Kind("stop application", "A", (StopApplication, RestartApplication), _stop, FRESH_BREAKS),
    Kind("kill application", "A", (KillApplication, RestartApplication), _kill, FRESH_BREAKS),
    Kind("replace application", "A", (PauseApplication, ReplaceApplication, ResumeApplication), _replace, FRESH_BREAKS),
    Kind("start application", "A", (StartApplication,), _start, FRESH_BREAKS),
)
