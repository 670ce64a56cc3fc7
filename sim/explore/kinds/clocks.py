"""Clocks that are wrong for a while: of brokers, of leaders, of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, S_US, Kind
from sim.faults import Leader, SetClock

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import HostTarget
    from sim.faults.words import When

OFFSETS_US = (10 * S_US, 60 * S_US, 2 * 3_600 * S_US, 25 * 3_600 * S_US)
"""Below and beyond a follower's lag (30 s), a record's bound (an hour), a producer's memory (a day)."""


def _set_clock(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    hosts: tuple[HostTarget, ...] = (
        Leader(choices.one_of(course.partitions)),
        choices.one_of(course.brokers),
        choices.one_of(course.clients),
    )
    host = choices.one_of(hosts)
    offset_us = choices.one_of(OFFSETS_US) * choices.one_of((1, -1))
    wrong = when.fault(SetClock(host, offset_us))
    lasts_us = choices.one_of((0, *LASTS_US[3:-2]))
    if not lasts_us or isinstance(host, Leader):
        # Whoever led then may follow by now: it is set right with all the others.
        return (wrong,)
    return wrong, when.wait(lasts_us).fault(SetClock(host, 0))


KINDS = (Kind("set clock", "C", (SetClock,), _set_clock),)
