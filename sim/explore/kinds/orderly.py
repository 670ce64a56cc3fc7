"""Brokers that are stopped in good order, one of them or one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.brokers import victim
from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import Followers, Restart, RollingRestart, Stop

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import Target
    from sim.faults.words import When


def _stop(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker = victim(choices, course)
    lasts_us = choices.one_of((0, *LASTS_US[4:-2]))
    stopped = when.fault(Stop(broker))
    if not lasts_us or not isinstance(broker, int):
        # Whoever led when it was asked leads no more: it comes back at the end, with all the dead.
        return (stopped,)
    return stopped, when.wait(lasts_us).fault(Restart(broker))


def _rolling_restart(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    whom: tuple[Target | None, ...] = (None, Followers(choices.one_of(course.partitions)))
    return (when.fault(RollingRestart(choices.one_of(whom))),)


KINDS = (
    Kind("stop", "C", (Stop, Restart), _stop),
    Kind("rolling restart", "C", (RollingRestart,), _rolling_restart),
)
