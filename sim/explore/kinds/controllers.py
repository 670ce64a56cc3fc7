"""Controllers that crash or stand still for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import CrashController, PauseController, RestartController, ResumeController
from sim.faults.controllers import ACTIVE

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.words import When


def _crash(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:  # noqa: ARG001 - all kinds draw alike
    lasts_us = choices.one_of((0, *LASTS_US[3:-2]))
    crashed = when.fault(CrashController(ACTIVE))
    return (crashed, when.wait(lasts_us).fault(RestartController(ACTIVE))) if lasts_us else (crashed,)


def _pause(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:  # noqa: ARG001 - all kinds draw alike
    lasts_us = choices.one_of((0, *LASTS_US[1:-1]))
    paused = when.fault(PauseController(ACTIVE))
    return (paused, when.wait(lasts_us).fault(ResumeController(ACTIVE))) if lasts_us else (paused,)


KINDS = (
    Kind("pause controller", "C", (PauseController, ResumeController), _pause),
    Kind("crash controller", "C", (CrashController, RestartController), _crash),
)
