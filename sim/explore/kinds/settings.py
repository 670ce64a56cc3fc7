"""Leaders elected by hand, and settings altered in a run: those that keep every promise apart from those that take one with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, S_US, Kind
from sim.faults import Alter, Crash, Elect, MoveLeader, Restart

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
SEGMENTS_MS = ("1", "100", "1500")
"""Segments that hold a batch, or a burst of them, whatever its size: what is written to is not cleaned."""
CARELESS = (("min.insync.replicas", "1"), ("unclean.leader.election.enable", "true"))
"""What is acknowledged may be on one disk, or lie with somebody who is passed over."""
BEYOND_A_SESSION_US = 12 * S_US
BROKEN = frozenset({"lost", "duplicated", "reordered", "key order", "stuck", "dirty read", "misplaced"})
"""What was committed goes: who had read it sees it gone, or there again at another time; who wrote it is known no longer."""


def _elect(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    moved = when.fault(MoveLeader(partition, choices.one_of(course.brokers)))
    # Where the preferred leader leads there is nothing to elect.
    return moved, when.wait(choices.one_of(LASTS_US[:6])).fault(Elect(partition, "preferred"))


def _elect_unclean(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    place = choices.number(0, len(course.partitions) - 1)
    *others, laggard = course.replicas[place]
    if not others:
        return ()
    # Somebody may be elected only where nobody leads: one replica falls behind, the rest die, and it alone comes back.
    return (
        when.fault(Crash(laggard)),
        when.wait(BEYOND_A_SESSION_US).fault(Crash(others[0] if len(others) == 1 else tuple(others))),
        when.wait(2 * BEYOND_A_SESSION_US).fault(Restart(laggard)),
        when.wait(3 * BEYOND_A_SESSION_US).fault(Elect(course.partitions[place], "unclean")),
    )


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


def _compact(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    topic, _ = choices.one_of(course.topics)
    policy = choices.one_of(("compact", "compact", "compact,delete"))
    altered = [
        Alter("segment.ms", choices.one_of(SEGMENTS_MS), topic=topic),
        Alter("min.cleanable.dirty.ratio", choices.one_of(("0", "0.3")), topic=topic),
        Alter("delete.retention.ms", choices.one_of(("1000", "60000")), topic=topic),
        Alter("cleanup.policy", policy, topic=topic),
    ]
    entries = tuple([when.fault(one) for one in altered])
    lasts_us = choices.one_of((0, 0, *LASTS_US[6:-1]))
    return (
        entries if not lasts_us else (*entries, when.wait(lasts_us).fault(Alter("cleanup.policy", None, topic=topic)))
    )


def _alter_with_care(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _alter(CAREFUL, choices, course, when)


def _alter_without_care(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _alter(CARELESS, choices, course, when)


KINDS = (
    Kind("elect preferred", "C", (MoveLeader, Elect), _elect),
    Kind("alter setting", "C", (Alter,), _alter_with_care),
    Kind("compact", "C", (Alter,), _compact),
    Kind("elect unclean", "E", (Crash, Restart, Elect), _elect_unclean, BROKEN),
    Kind("alter safety", "E", (Alter,), _alter_without_care, BROKEN),
)
