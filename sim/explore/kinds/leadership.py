"""Leaders that move, replicas that fall out of sync, topics that grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import AddPartitions, CreateTopic, DeleteTopic, Followers, MoveLeader, ShrinkIsr

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import Target
    from sim.faults.words import When

NEW_BREAKS = frozenset({"duplicated", "reordered", "key order", "stuck"})
"""What a partition that knows no producer takes with it, and a key that moves."""


def _move_leader(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    to = choices.one_of((choices.one_of(course.brokers), None))
    return (when.fault(MoveLeader(partition, to)),)


def _shrink_isr(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    replicas: tuple[Target, ...] = (Followers(partition), choices.one_of(course.brokers))
    replica = choices.one_of(replicas)
    return (when.fault(ShrinkIsr(partition, replica, choices.one_of(LASTS_US[1:-2]))),)


def _add_partitions(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    topic, partitions = choices.one_of(course.topics)
    return (when.fault(AddPartitions(topic, partitions + choices.number(1, 3))),)


def _delete_topic(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    topic, _ = choices.one_of(course.topics)
    created = when.wait(choices.one_of(LASTS_US[1:-4])).fault(CreateTopic(topic))
    return when.fault(DeleteTopic(topic)), created


KINDS = (
    Kind("move leader", "C", (MoveLeader,), _move_leader),
    Kind("shrink isr", "C", (ShrinkIsr,), _shrink_isr),
    # A partition that is new knows no producer: the hole of a fresh one is open there. And keys go elsewhere.
    Kind("add partitions", "E", (AddPartitions,), _add_partitions, NEW_BREAKS),
    # Another topic under the same name is as new, what was read of the first is not in order with the second, and a reader goes
    # on in the second where it was in the first.
    Kind("delete topic", "E", (DeleteTopic, CreateTopic), _delete_topic, NEW_BREAKS | {"unread"}),
)
