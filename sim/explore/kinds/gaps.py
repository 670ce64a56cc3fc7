"""Gaps in a producer's sequences: a batch is refused, for now or for good, while answers to others get lost.

Whether the next sequences may be given out then is what idempotence is about; each half of it alone asks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.answers import DENIALS
from sim.explore.kinds.kind import MS_US, S_US, Kind
from sim.faults import AnswerWithError, DelayResponse, DropResponse, Leader, ResetLink
from sim.faults.schedule import After
from sim.faults.text import topic_partition
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults import Fault
    from sim.faults.schedule import Entry

FOR_NOW = ("NOT_ENOUGH_REPLICAS", "NOT_LEADER_OR_FOLLOWER")
FOR_GOOD = ("INVALID_RECORD", "MESSAGE_TOO_LARGE", "TOPIC_AUTHORIZATION_FAILED")
BETWEEN_US = (0, 0, 100, 300, MS_US, 5 * MS_US)


def _gap(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    one, other = choices.one_of(course.partitions), choices.one_of(course.partitions)
    code = choices.one_of((*FOR_NOW, *FOR_GOOD))
    refused = when.fault(AnswerWithError(Leader(one), "Produce", one, choices.number(1, 2), code=code))
    lost = when.wait(choices.one_of(BETWEEN_US)).fault(_lost(choices, other))
    if choices.number(0, 2) < 2:
        return refused, lost
    return (
        refused,
        lost,
        when.wait(choices.one_of(BETWEEN_US)).fault(ResetLink(choices.one_of(course.clients), Leader(one))),
    )


def _lost(choices: Choices, partition: str) -> Fault:
    """Let what is appended look as if it were not, or not yet."""
    leader, times = Leader(partition), choices.number(1, 2)
    match choices.number(0, 3):
        case 0:
            return DropResponse(leader, "Produce", partition, times, then="reset")
        case 1:
            return DropResponse(leader, "Produce", partition, times, then="stall")
        case 2:
            by_us = choices.one_of((50 * MS_US, S_US, 3 * S_US))
            return DelayResponse(leader, "Produce", partition, times, by_us=by_us)
        case _:
            code = choices.one_of(DENIALS)
            return AnswerWithError(leader, "Produce", partition, times, code=code, after_append=True)


def _late_gap(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let a batch that is there look as if it were not, the next one be refused for now, and what follows be out of order.

    Whoever numbers anew then writes the first one twice. It takes three requests in flight, so it has a moment of its own.
    """
    partition = choices.one_of(course.partitions)
    topic, number = topic_partition(partition)
    own = (("topic", topic), ("partition", number))
    point = next((one for one in course.points if (one.event, one.where) == ("BatchSent", own)), None)
    first = when if point is None else When(After(point.event, choices.number(point.first, point.last), own))
    leader = Leader(partition)
    refusal = AnswerWithError(leader, "Produce", partition, choices.one_of((1, 1, 2)), code=choices.one_of(FOR_NOW))
    return (
        first.fault(_lost(choices, partition)),
        first.wait(choices.one_of((100, 300, 600, MS_US))).fault(refusal),
    )


KINDS = (
    Kind("gap", "N", (AnswerWithError, DropResponse, DelayResponse, ResetLink), _gap),
    Kind("late gap", "N", (DropResponse, DelayResponse, AnswerWithError), _late_gap),
)
