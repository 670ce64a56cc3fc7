"""Disks that lose the end of a log while nobody looks, only say that they flushed it, or give other bytes than were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import Crash, CutLogShort, FlipBit, Followers, Leader, Restart, UnsyncLog

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import Target
    from sim.faults.words import When

BATCHES = (1, 1, 2, 5, 100)
OFFSETS = (0, 0, 1, 2, 4, 8)


def _cut_log_short(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition, broker = choices.one_of(course.partitions), choices.one_of(course.brokers)
    lasts_us = choices.one_of(LASTS_US[3:-2])
    cut = CutLogShort(partition, broker, choices.one_of(BATCHES))
    # A process has its logs open; it must be down for a moment.
    return (
        when.fault(Crash(broker)),
        when.wait(lasts_us).fault(cut),
        when.wait(lasts_us).fault(Restart(broker)),
    )


def _unsync_log(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition, broker = choices.one_of(course.partitions), choices.one_of(course.brokers)
    victims: tuple[Target, ...] = (course.brokers, broker, Leader(partition), Followers(partition))
    unsynced = when.fault(UnsyncLog(partition, choices.one_of(victims)))
    lasts_us = choices.one_of(LASTS_US[3:-1])
    # Nobody hears of it before the power fails.
    return unsynced, when.wait(lasts_us).fault(Crash(broker, "unflushed lost"))


def _flip_bit(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition, broker = choices.one_of(course.partitions), choices.one_of(course.brokers)
    victims: tuple[Target, ...] = (broker, Leader(partition), Followers(partition), course.brokers)
    flipped = when.fault(FlipBit(partition, choices.one_of(victims), choices.one_of(OFFSETS)))
    if choices.number(0, 1) == 0:
        return (flipped,)
    # Who crashes looks at its logs before it begins again.
    lasts_us = choices.one_of(LASTS_US[3:-2])
    return flipped, when.wait(lasts_us).fault(Crash(broker)), when.wait(2 * lasts_us).fault(Restart(broker))


KINDS = (
    Kind("cut log short", "D", (Crash, CutLogShort, Restart), _cut_log_short),
    Kind("unsync log", "D", (UnsyncLog, Crash), _unsync_log),
    # What has gone bad stays so, no reader gets past it, and who finds it in its own log cuts that there.
    Kind(
        "flip bit",
        "D",
        (FlipBit, Crash, Restart),
        _flip_bit,
        breaks=frozenset({"lost", "misrouted", "unread", "dirty read"}),
    ),
)
