"""Leaders elected by hand, and settings altered in a run: those that keep every promise apart from those that take one with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import Alter, Elect

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.words import When

CAREFUL = (
    ("max.message.bytes", "1000"),
    ("max.message.bytes", "200"),
    ("message.timestamp.type", "LogAppendTime"),
    ("min.insync.replicas", "3"),
    ("min.insync.replicas", "2"),
)
"""Refused records, other timestamps, fewer writes: nothing that was acknowledged hangs on it."""
CARELESS = (("min.insync.replicas", "1"), ("unclean.leader.election.enable", "true"))
"""What is acknowledged may be on one disk, or lie with somebody who is passed over."""
BROKEN = frozenset({"lost", "duplicated", "reordered", "key order", "stuck"})


def _elect(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return (when.fault(Elect(choices.one_of(course.partitions), "preferred")),)


def _elect_unclean(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return (when.fault(Elect(choices.one_of(course.partitions), "unclean")),)


def _alter(settings: tuple[tuple[str, str], ...], choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    topic, _ = choices.one_of(course.topics)
    setting, value = choices.one_of(settings)
    altered = when.fault(Alter(setting, value, topic=topic))
    lasts_us = choices.one_of((0, *LASTS_US[3:-1]))
    if not lasts_us:
        return (altered,)
    # As it was: what a story's topics set for themselves is no default of the brokers'.
    back = "2" if setting == "min.insync.replicas" else None
    return altered, when.wait(lasts_us).fault(Alter(setting, back, topic=topic))


def _alter_with_care(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _alter(CAREFUL, choices, course, when)


def _alter_without_care(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _alter(CARELESS, choices, course, when)


KINDS = (
    Kind("elect preferred", "C", (Elect,), _elect),
    Kind("alter setting", "C", (Alter,), _alter_with_care),
    Kind("elect unclean", "E", (Elect,), _elect_unclean, BROKEN),
    Kind("alter safety", "E", (Alter,), _alter_without_care, BROKEN),
)
