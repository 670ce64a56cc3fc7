"""Raw clients: one that keeps to itself, and one that writes under the producer id of an application.

A foreign batch with a producer's next sequence is in the place of that producer's own: the leader takes the two for one, or refuses
the producer as out of order, or as behind the epoch. What Kafka promises the producer it promises to one who is alone with its id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.applications import life_of
from sim.explore.kinds.kind import Kind
from sim.explore.stuck import NAME as STUCK
from sim.faults import RawWrite

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.raw_writes import Acks
    from sim.faults.schedule import Entry
    from sim.faults.targets import OneTarget
    from sim.faults.words import When

RECORDS = (1, 1, 1, 2, 5)
INVENTED = 7_000_000
"""A producer id that no cluster of a search ever hands out."""
EPOCHS = (None, None, None, 0, 1, 2)
SEQUENCES = (None, None, None, 0, 1, 5)
"""Mostly what is due."""
THIEF = "thief"

STOLEN_BREAKS = frozenset({"lost", "misplaced", "duplicated", "reordered", "key order", STUCK})
"""`stolen_producer_id` shows the first two. Five foreign batches push the producer's own out of what is remembered, so that its retry
is written again; and a batch whose sequences several foreign ones have taken is out of order for good once the next was acknowledged."""


def _to(choices: Choices, course: Course) -> OneTarget | None:
    return choices.one_of((None, None, None, None, None, None, *course.brokers))


def _write(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition, to, records = choices.one_of(course.partitions), _to(choices, course), choices.one_of(RECORDS)
    return (when.fault(RawWrite(partition, to, producer_id=choices.one_of((None, INVENTED)), records=records)),)


def _write_under_another_s_id(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    acks: tuple[Acks, ...] = ("all", "all", "1", "0")
    return (
        when.fault(
            RawWrite(
                choices.one_of(course.partitions),
                _to(choices, course),
                THIEF,
                life_of(choices.one_of(course.clients))[0],
                None,
                choices.one_of(EPOCHS),
                choices.one_of(SEQUENCES),
                choices.one_of(RECORDS),
                choices.one_of(acks),
            )
        ),
    )


KINDS = (
    # Two of its requests go over two connections, and may overtake each other.
    Kind("write", "R", (RawWrite,), _write, frozenset({"reordered"})),
    Kind("write under another's id", "R", (RawWrite,), _write_under_another_s_id, STOLEN_BREAKS),
)
