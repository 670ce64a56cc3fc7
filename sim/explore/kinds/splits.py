"""A network that parts in two, and a client that changes sides: from whoever was elected to a leader that nobody told.

What the client knows of the cluster is worth nothing while it hears nobody, and whom it hears first may lead no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import MS_US, S_US, Kind
from sim.faults import CutLink, HoldLink, OpenLink, RejectLink
from sim.faults.schedule import After
from sim.faults.text import topic_partition
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry

ASTRAY_US = (0, 0, 100, 300, MS_US)
"""From an append at whoever leads by then until the client hears nobody: mostly before the answer."""
BACK_US = (S_US, 2 * S_US, 3 * S_US, 200 * MS_US)
"""How long it hears nobody. Below what it waits between two attempts, it has not lost heart."""
WHOLE_US = (3 * S_US, 11 * S_US, 0)
"""How long it hears the lonely one alone; 0: until somebody repairs everything."""


def _split(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    place = choices.number(0, len(course.partitions) - 1)
    partition, replicas = course.partitions[place], course.replicas[place]
    # By its number: it is to be found again when another leads. The preferred leader leads, mostly.
    alone = choices.one_of((replicas[0], replicas[0], choices.one_of(replicas)))
    client = choices.one_of(course.clients)
    barring = choices.one_of((RejectLink, RejectLink, CutLink, HoldLink))
    parted = when.fault(barring(alone))
    topic, number = topic_partition(partition)
    own = (("topic", topic), ("partition", number))
    point = next((one for one in course.points if (one.event, one.where) == ("BatchAppended", own)), None)
    if point is None:
        return (parted,)
    astray = When(After(point.event, choices.number(point.first, point.last), own)).wait(choices.one_of(ASTRAY_US))
    back = astray.wait(choices.one_of(BACK_US))
    whole_us = choices.one_of(WHOLE_US)
    entries = (parted, astray.fault(RejectLink(client)), back.fault(OpenLink(client, alone)))
    if not whole_us:
        return entries
    whole = back.wait(whole_us)
    return *entries, whole.fault(OpenLink(client)), whole.fault(OpenLink(alone))


KINDS = (Kind("split", "N", (RejectLink, CutLink, HoldLink, OpenLink), _split),)
