"""What happens to the groups of a story that has some: members come and leave, and their coordinator dies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import S_US, Kind
from sim.faults import CloseReader, Coordinator, Crash, Read

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.reading import Protocol
    from sim.faults.schedule import Entry
    from sim.faults.words import When
    from sim.trace.events import GroupMemberBegan

TAKEN_OVER_US = (12 * S_US, 16 * S_US, 3 * S_US, 35 * S_US)
"""How long after a coordinator has died somebody comes: mostly when another one coordinates."""


def _members(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.members:
        return ()
    known = choices.one_of(course.members)
    if choices.number(0, 1):
        return (when.fault(CloseReader(known.client)),)
    return (when.fault(_one_more(known)),)


def _taken_over(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.members:
        return ()
    known = choices.one_of(course.members)
    # Whoever comes next is told what the next coordinator knows.
    later = when.wait(choices.one_of(TAKEN_OVER_US))
    return when.fault(Crash(Coordinator(known.group))), later.fault(_one_more(known))


def _one_more(known: GroupMemberBegan) -> Read:
    protocol: Protocol = "consumer" if known.protocol == "consumer" else "classic"
    return Read(known.topic, group=known.group, protocol=protocol)


KINDS = (
    Kind("members", "N", (Read, CloseReader), _members, is_of_groups=True),
    Kind("coordinator", "C", (Crash, Read), _taken_over, is_of_groups=True),
)
