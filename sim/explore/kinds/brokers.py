"""Brokers that crash, with their disk or without it, stand still, or write slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import Crash, Followers, Leader, Pause, Restart, Resume, SlowDisk

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.brokers import DiskAfterCrash
    from sim.faults.schedule import Entry
    from sim.faults.targets import OneTarget, Target
    from sim.faults.words import When

SLOWNESS = (10, 100, 1_000, 50_000)
"""A write takes 20 us, so these are 0.2 ms, 2 ms, 20 ms and a second."""


def victim(choices: Choices, course: Course) -> OneTarget:
    """Choose one broker, by its number or as a leader."""
    broker = choices.one_of(course.brokers)
    victims: tuple[OneTarget, ...] = (broker, broker, Leader(choices.one_of(course.partitions)))
    return choices.one_of(victims)


def _crashed(choices: Choices, course: Course, when: When, disk: DiskAfterCrash) -> tuple[Entry, ...]:
    broker = victim(choices, course)
    lasts_us = choices.one_of((0, *LASTS_US[3:-2]))
    crashed = when.fault(Crash(broker, disk))
    if not lasts_us or not isinstance(broker, int):
        # Whoever led when it crashed leads no more: it comes back at the end, with all the dead.
        return (crashed,)
    return crashed, when.wait(lasts_us).fault(Restart(broker))


def _crash(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _crashed(choices, course, when, "kept")


def _crash_losing(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    disks: tuple[DiskAfterCrash, ...] = ("unflushed lost", "wiped")
    return _crashed(choices, course, when, choices.one_of(disks))


def _pause(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker = victim(choices, course)
    lasts_us = choices.one_of((0, *LASTS_US[1:-1]))
    paused = when.fault(Pause(broker))
    if not lasts_us:
        return (paused,)
    back = broker if isinstance(broker, int) else course.brokers
    return paused, when.wait(lasts_us).fault(Resume(back))


def _slow_disk(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    victims: tuple[Target, ...] = (choices.one_of(course.brokers), Leader(partition), Followers(partition))
    broker = choices.one_of(victims)
    slow = when.fault(SlowDisk(broker, choices.one_of(SLOWNESS)))
    lasts_us = choices.one_of((0, *LASTS_US[2:-2]))
    if not lasts_us:
        return (slow,)
    return slow, when.wait(lasts_us).fault(SlowDisk(broker if isinstance(broker, int) else course.brokers, 1))


KINDS = (
    Kind("pause", "C", (Pause, Resume), _pause),
    Kind("crash", "C", (Crash, Restart), _crash),
    Kind("slow disk", "C", (SlowDisk,), _slow_disk),
    Kind("crash that loses", "D", (Crash, Restart), _crash_losing),
)
