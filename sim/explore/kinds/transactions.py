"""What happens to the protocol of transactions: its requests and answers, its coordinators, its markers, and who has the id.

Requests of an earlier transaction that arrive in a later one, a coordinator that goes while markers are on their way, an id that is
taken over while its owner only stands still: drawn one by one from all that may fail, these meet too seldom.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from sim.cluster.applications import life_of
from sim.explore.kinds.kind import LASTS_US, MS_US, S_US, TIMES, TRANSACTIONS, Kind
from sim.faults import (
    AnswerWithError,
    Coordinator,
    Crash,
    DelayResponse,
    DetainRequest,
    DropResponse,
    Leader,
    LoseRequest,
    MoveLeader,
    Pause,
    PauseApplication,
    ReplaceApplication,
    Resume,
    ResumeApplication,
    TransactionCoordinator,
)
from sim.faults.schedule import After
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import OneTarget

LOADS = ("NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS")
CODES = {
    "EndTxn": (*LOADS, "CONCURRENT_TRANSACTIONS"),
    "AddPartitionsToTxn": (*LOADS, "CONCURRENT_TRANSACTIONS"),
    "AddOffsetsToTxn": (*LOADS, "CONCURRENT_TRANSACTIONS"),
    "InitProducerId": (*LOADS, "CONCURRENT_TRANSACTIONS"),
    "TxnOffsetCommit": (*LOADS, "UNKNOWN_TOPIC_OR_PARTITION"),
    "WriteTxnMarkers": ("NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS", "UNKNOWN_TOPIC_OR_PARTITION"),
    "FindCoordinator": ("COORDINATOR_NOT_AVAILABLE",),
}
"""What each of these may be answered instead of being done: all of it is asked again."""
LATE_US = (3 * S_US, 6 * S_US, 12 * S_US, 35 * S_US, 65 * S_US)
"""How long something is on its way: beyond a request's time, and mostly into the next transaction."""
SOON_US = (0, 0, 300, MS_US, 5 * MS_US, 50 * MS_US, 500 * MS_US, 3 * S_US)
HANDED_OVER_BREAKS = frozenset({"repeated"})
"""What no transaction can promise: an application that stood still before it was told of a commit, or that is at work beside its successor.

The successor sends again what nobody was told is written. Nothing that was aborted counts, and nothing of who was fenced: that is "torn" and "fencing".
"""
STATE, OFFSETS = "__transaction_state-0", "__consumer_offsets-0"


def _whose(choices: Choices, course: Course) -> tuple[OneTarget | None, str, str | None]:
    """Choose which requests of the protocol, at whom, and about which partition."""
    partition = choices.one_of(course.partitions)
    coordinator = TransactionCoordinator(choices.one_of(course.transactional_ids))
    match choices.number(0, 9):
        case 0 | 1 | 2:
            return coordinator, "EndTxn", None
        case 3:
            return coordinator, "AddPartitionsToTxn", None
        case 4:
            return coordinator, "InitProducerId", None
        case 5:
            return None, "WriteTxnMarkers", None
        case 6:
            return Leader(partition), "WriteTxnMarkers", partition
        case 7:
            return Leader(partition), "Produce", partition
        case _ if not course.groups:
            return coordinator, "EndTxn", None
        case 8:
            return coordinator, "AddOffsetsToTxn", None
        case _:
            return Coordinator(choices.one_of(course.groups)), "TxnOffsetCommit", None


def _detained(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.transactional_ids:
        return ()
    broker, api, partition = _whose(choices, course)
    by_us = choices.one_of((*LATE_US, *LASTS_US))
    return (when.fault(DetainRequest(broker, api, partition, choices.one_of(TIMES), by_us=by_us)),)


def _lost(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    if not course.transactional_ids:
        return ()
    broker, api, partition = _whose(choices, course)
    then: Literal["stall", "reset"] = choices.one_of(("stall", "reset"))
    return (when.fault(LoseRequest(broker, api, partition, choices.one_of(TIMES), then=then)),)


def _unheard(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let an answer be lost, or come late."""
    if not course.transactional_ids:
        return ()
    broker, api, partition = _whose(choices, course)
    times = choices.one_of(TIMES)
    match choices.number(0, 2):
        case 0:
            return (when.fault(DropResponse(broker, api, partition, times, then="reset")),)
        case 1:
            return (when.fault(DropResponse(broker, api, partition, times, then="stall")),)
        case _:
            by_us = choices.one_of((*LATE_US, *LASTS_US))
            return (when.fault(DelayResponse(broker, api, partition, times, by_us=by_us)),)


def _refused(choices: Choices, _course: Course, when: When) -> tuple[Entry, ...]:
    api = choices.one_of(tuple(CODES))
    code, times = choices.one_of(CODES[api]), choices.one_of(TIMES)
    return (when.fault(AnswerWithError(None, api, times=times, code=code)),)


def _coordinator(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let whoever coordinates go, or stand still; mostly an id's coordinator, else a group's."""
    if not course.transactional_ids:
        return ()
    is_of_group = course.groups and choices.number(0, 2) == 2
    whole = (
        (Coordinator, course.groups, OFFSETS)
        if is_of_group
        else (TransactionCoordinator, course.transactional_ids, STATE)
    )
    role, names, partition = whole
    return _goes(choices, course, role(choices.one_of(names)), partition, when)


def _goes(choices: Choices, course: Course, role: OneTarget, partition: str, when: When) -> tuple[Entry, ...]:
    match choices.number(0, 3):
        case 0 | 1:
            # The topic is there from the first request on: until then there is nobody to move.
            moved = when.fault(MoveLeader(partition, choices.one_of(course.brokers)))
            return (replace(moved, may_be_refused=True),)
        case 2:
            return (when.fault(Crash(role)),)
        case _:
            lasts_us = choices.one_of((S_US, 11 * S_US, 16 * S_US, 35 * S_US))
            return when.fault(Pause(role)), when.wait(lasts_us).fault(Resume(course.brokers))


def _late_end(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let the end of a transaction arrive in the midst of a later one."""
    if not course.transactional_ids:
        return ()
    ending = _at(choices, course, "TransactionEnding", when)
    coordinator = TransactionCoordinator(choices.one_of(course.transactional_ids))
    return (ending.fault(DetainRequest(coordinator, "EndTxn", by_us=choices.one_of(LATE_US))),)


def _late_batch(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let a batch of a transaction, and perhaps its repetition, arrive when that is over."""
    if not course.transactional_ids:
        return ()
    began = _at(choices, course, "TransactionBegan", when)
    partition = choices.one_of(course.partitions)
    by_us, times = choices.one_of(LATE_US), choices.one_of((1, 2, 2, 3))
    return (began.fault(DetainRequest(Leader(partition), "Produce", partition, times, by_us=by_us)),)


def _late_marker(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let a marker be on its way while its coordinator goes: the next one writes it as well, and what was late comes behind that."""
    if not course.transactional_ids:
        return ()
    ending = _at(choices, course, "TransactionEnding", when)
    by_us, times = choices.one_of(LATE_US), choices.one_of((1, 1, 2))
    partition = choices.one_of(course.partitions)
    detained = ending.fault(DetainRequest(Leader(partition), "WriteTxnMarkers", partition, times, by_us=by_us))
    role = TransactionCoordinator(choices.one_of(course.transactional_ids))
    gone = ending.wait(choices.one_of((5 * MS_US, 20 * MS_US, 50 * MS_US, 500 * MS_US)))
    return detained, *_goes(choices, course, role, STATE, gone)


def _handover(choices: Choices, course: Course, _when: When) -> tuple[Entry, ...]:
    """Let an application stand still, another take its id, that one's coordinator go, and the first go on.

    In a transaction or between two: what is open is fenced by an epoch more.
    """
    event = choices.one_of(("TransactionEnded", "TransactionBegan"))
    points = [point for point in course.points if point.event == event]
    if not points or not course.transactional_ids:
        return ()
    point = choices.one_of(points)
    application = life_of(str(dict(point.where)["client"]))[0]
    first = When(After(point.event, choices.number(point.first, point.last), point.where)).wait(choices.one_of(SOON_US))
    replaced = first.wait(choices.one_of((MS_US, S_US, 12 * S_US)))
    woken = replaced.wait(choices.one_of((S_US, 3 * S_US, 12 * S_US, 35 * S_US)))
    entries = (
        first.fault(PauseApplication(application)),
        replaced.fault(ReplaceApplication(application)),
        woken.fault(ResumeApplication(f"{application}.1")),
    )
    if choices.number(0, 2) == 0:
        return entries
    taken = When(After("TransactionalIdTaken", 2, (("transactional_id", choices.one_of(course.transactional_ids)),)))
    role = TransactionCoordinator(choices.one_of(course.transactional_ids))
    return *entries, *_goes(choices, course, role, STATE, taken.wait(choices.one_of(SOON_US)))


def _at(choices: Choices, course: Course, event: str, otherwise: When) -> When:
    """Choose a moment of that kind."""
    points = [point for point in course.points if point.event == event]
    if not points:
        return otherwise
    point = choices.one_of(points)
    return When(After(point.event, choices.number(point.first, point.last), point.where)).wait(choices.one_of(SOON_US))


KINDS = (
    Kind("detain transaction", TRANSACTIONS, (DetainRequest,), _detained),
    Kind("lose transaction", TRANSACTIONS, (LoseRequest,), _lost),
    Kind("transaction unheard", TRANSACTIONS, (DropResponse, DelayResponse), _unheard),
    Kind("transaction with error", TRANSACTIONS, (AnswerWithError,), _refused),
    Kind("transaction coordinator", TRANSACTIONS, (MoveLeader, Crash, Pause, Resume), _coordinator),
    Kind("late end", TRANSACTIONS, (DetainRequest,), _late_end),
    Kind("late batch", TRANSACTIONS, (DetainRequest,), _late_batch),
    Kind("late marker", TRANSACTIONS, (DetainRequest, MoveLeader, Crash, Pause, Resume), _late_marker),
    Kind(
        "handover",
        TRANSACTIONS,
        (PauseApplication, ReplaceApplication, ResumeApplication, MoveLeader, Crash, Pause, Resume),
        _handover,
        HANDED_OVER_BREAKS,
    ),
)
