"""Failures that hang together: a replica falls behind, its leader goes, and what comes of that is struck as well.

Drawn one by one, faults meet like this once in ten thousand schedules; operators meet it on every bad day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import MS_US, S_US, Kind
from sim.explore.kinds.links import CONTROLLER
from sim.faults import Crash, CutLink, HoldLink, Leader, MoveLeader, OpenLink, Pause, Resume, ShrinkIsr, SlowDisk
from sim.faults.schedule import After
from sim.faults.text import topic_partition
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry

BEHIND_US = (MS_US, 5 * MS_US, 50 * MS_US, S_US, 3 * S_US)
"""How long a replica falls behind before its leader goes."""
MENDED_US = (0, 5 * MS_US, 200 * MS_US, 3 * S_US, 11 * S_US, 16 * S_US)
"""How long after the leader went the replica hears again; 0: not before somebody repairs it."""
SLOWNESS = 500_000
"""A write takes ten seconds."""
AFTERMATH = ("LeaderElected", "LogTruncated", "IsrChanged", "BatchAppended", "BatchReplicated")
AT_ONCE_US = (0, 0, 100, 300, MS_US, 5 * MS_US, 500 * MS_US)


def _failover(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    place = choices.number(0, len(course.partitions) - 1)
    partition, replicas = course.partitions[place], course.replicas[place]
    late = choices.one_of(replicas)
    gone = when.wait(choices.one_of(BEHIND_US))
    mended_us = choices.one_of(MENDED_US)
    entries = _behind(choices, partition, replicas, late, when)
    entries += _goes(choices, course, partition, gone)
    if mended_us:
        mended = gone.wait(mended_us)
        entries += (mended.fault(SlowDisk(late, 1)), mended.fault(OpenLink(late)))
    for _ in range(choices.number(0, 2)):
        entries += _again(choices, course, partition, late)
    return entries


def _behind(choices: Choices, partition: str, replicas: tuple[int, ...], late: int, when: When) -> tuple[Entry, ...]:
    """Let one replica fall behind, by its links, its disk or its fetches."""
    others = [replica for replica in replicas if replica != late]
    match choices.number(0, 4):
        case 0 | 1:
            return tuple(when.fault(HoldLink(late, other)) for other in others)
        case 2:
            return tuple(when.fault(CutLink(late, other)) for other in others)
        case 3:
            return (when.fault(SlowDisk(late, SLOWNESS)),)
        case _:
            return (when.fault(ShrinkIsr(partition, late, choices.one_of((3, 11, 35)) * S_US)),)


def _goes(choices: Choices, course: Course, partition: str, when: When) -> tuple[Entry, ...]:
    """Let the leader go, or be believed to have gone."""
    leader = Leader(partition)
    match choices.number(0, 5):
        case 0 | 1:
            return (when.fault(MoveLeader(partition, choices.one_of(course.brokers))),)
        case 2:
            return (when.fault(Crash(leader)),)
        case 3:
            lasts_us = choices.one_of((11, 16, 35)) * S_US
            return when.fault(Pause(leader)), when.wait(lasts_us).fault(Resume(course.brokers))
        case 4:
            lasts_us = choices.one_of((3, 11, 16)) * S_US
            return when.fault(HoldLink(leader, CONTROLLER)), when.wait(lasts_us).fault(OpenLink(CONTROLLER))
        case _:
            return ()


def _again(choices: Choices, course: Course, partition: str, late: int) -> tuple[Entry, ...]:
    """Strike into what comes of it."""
    topic, number = topic_partition(partition)
    own = (("topic", topic), ("partition", number))
    point = choices.one_of([one for one in course.points if one.event in AFTERMATH and one.where == own])
    nth = choices.number(point.first, min(point.last, point.first + 2))
    when = When(After(point.event, nth, own)).wait(choices.one_of(AT_ONCE_US))
    match choices.number(0, 3):
        case 0 | 1:
            return (when.fault(Crash(Leader(partition))),)
        case 2:
            return (when.fault(MoveLeader(partition, late)),)
        case _:
            return (when.fault(OpenLink(late)),)


KINDS = (
    Kind(
        "failover", "C", (HoldLink, CutLink, SlowDisk, ShrinkIsr, MoveLeader, Crash, Pause, Resume, OpenLink), _failover
    ),
)
