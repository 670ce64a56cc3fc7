"""Answers that get lost, come late, or say that something went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sim.explore.kinds.kind import LASTS_US, TIMES, Kind
from sim.faults import AnswerWithError, DelayResponse, DropResponse, Leader

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import OneTarget
    from sim.faults.words import When

REFUSALS = (
    "NOT_ENOUGH_REPLICAS",
    "NOT_LEADER_OR_FOLLOWER",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "KAFKA_STORAGE_ERROR",
    "MESSAGE_TOO_LARGE",
    "CORRUPT_MESSAGE",
    "THROTTLING_QUOTA_EXCEEDED",
    "TOPIC_AUTHORIZATION_FAILED",
    "INVALID_RECORD",
    "UNKNOWN_SERVER_ERROR",
)
"""What a broker may say instead of appending: those that are tried again first, then the size, then those that end a batch."""
DENIALS = ("NOT_LEADER_OR_FOLLOWER", "REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND")
"""What a broker may say although it has appended."""
SEQUENCE_REFUSALS = ("OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH")
"""What a broker says that has lost a producer's state; here it lies, and may have appended the batch before."""
METADATA_ERRORS = (
    "LEADER_NOT_AVAILABLE",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "INVALID_REQUEST",
    "TOPIC_AUTHORIZATION_FAILED",
)
INIT_PRODUCER_ID_ERRORS = (
    "COORDINATOR_LOAD_IN_PROGRESS",
    "COORDINATOR_NOT_AVAILABLE",
    "NOT_COORDINATOR",
    "REQUEST_TIMED_OUT",
)
LIES_BREAK = frozenset({"duplicated", "reordered", "stuck"})


def whose(choices: Choices, course: Course) -> tuple[OneTarget | None, str, str | None]:
    """Choose whose requests or answers: mostly Produce at the leader, about its partition."""
    partition = choices.one_of(course.partitions)
    match choices.number(0, 7):
        case 6:
            return None, "Metadata", None
        case 7:
            return None, "InitProducerId", None
        case _:
            return Leader(partition), "Produce", partition


def _drop_response(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker, api, partition = whose(choices, course)
    then: Literal["reset", "stall"] = choices.one_of(("reset", "stall"))
    return (when.fault(DropResponse(broker, api, partition, choices.one_of(TIMES), then=then)),)


def _delay_response(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker, api, partition = whose(choices, course)
    by_us = choices.one_of(LASTS_US)
    return (when.fault(DelayResponse(broker, api, partition, choices.one_of(TIMES), by_us=by_us)),)


def _refused(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    # Mostly what is tried again: what ends a batch ends its story, too.
    code = choices.one_of((*REFUSALS[:5], *REFUSALS[:5], *REFUSALS))
    times = choices.one_of(TIMES)
    return (when.fault(AnswerWithError(Leader(partition), "Produce", partition, times, code=code)),)


def _denied(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    code, times = choices.one_of(DENIALS), choices.one_of(TIMES)
    return (when.fault(AnswerWithError(Leader(partition), "Produce", partition, times, code=code, after_append=True)),)


def _state_denied(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    code, times = choices.one_of(SEQUENCE_REFUSALS), choices.one_of(TIMES)
    return (when.fault(AnswerWithError(Leader(partition), "Produce", partition, times, code=code)),)


def _metadata_error(choices: Choices, _course: Course, when: When) -> tuple[Entry, ...]:
    code, times = choices.one_of(METADATA_ERRORS), choices.one_of(TIMES)
    return (when.fault(AnswerWithError(None, "Metadata", times=times, code=code)),)


def _identity_error(choices: Choices, _course: Course, when: When) -> tuple[Entry, ...]:
    code, times = choices.one_of(INIT_PRODUCER_ID_ERRORS), choices.one_of(TIMES)
    return (when.fault(AnswerWithError(None, "InitProducerId", times=times, code=code)),)


KINDS = (
    Kind("drop response", "N", (DropResponse,), _drop_response),
    Kind("delay response", "N", (DelayResponse,), _delay_response),
    Kind("answer with error", "N", (AnswerWithError,), _refused),
    Kind("answer with error after append", "N", (AnswerWithError,), _denied),
    # A reader that is told that it may not read gives up, as an application does.
    Kind("metadata with error", "N", (AnswerWithError,), _metadata_error, frozenset({"unread"})),
    Kind("producer id with error", "N", (AnswerWithError,), _identity_error),
    Kind("producer state denied", "E", (AnswerWithError,), _state_denied, LIES_BREAK),
)
