"""Somebody begins to read in the midst of it all, from the first record or from the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import Kind
from sim.faults import Read
from sim.faults.text import topic_partition

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.reading import Begin
    from sim.faults.schedule import Entry
    from sim.faults.words import When


def _read(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    begins: tuple[Begin, ...] = ("earliest", "latest")
    topic, _ = topic_partition(choices.one_of(course.partitions))
    return (when.fault(Read(topic, choices.one_of(begins))),)


KINDS = (Kind("read", "N", (Read,), _read),)
