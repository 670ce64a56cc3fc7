"""Gaps in a producer's sequences: a batch is refused, for now or for good, while answers to others get lost.

Whether the next sequences may be given out then is what idempotence is about; each half of it alone asks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.answers import DENIALS
from sim.explore.kinds.kind import MS_US, S_US, Kind
from sim.faults import AnswerWithError, DelayResponse, DropResponse, Leader, ResetLink

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults import Fault
    from sim.faults.schedule import Entry
    from sim.faults.words import When

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


KINDS = (Kind("gap", "N", (AnswerWithError, DropResponse, DelayResponse, ResetLink), _gap),)
