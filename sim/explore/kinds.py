"""The kinds of faults that a search draws: class N, the network; class C, crashes with the disk intact and what goes with them.

A kind draws one fault, or one and its end: held and opened, paused and resumed, crashed and restarted. Where it chooses,
the simplest comes first, since that is where Hypothesis shrinks to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeVar

from sim.faults import (
    AnswerWithError,
    Crash,
    CutLink,
    DelayResponse,
    DropResponse,
    Followers,
    HoldLink,
    Leader,
    MoveLeader,
    OpenLink,
    Pause,
    ResetLink,
    Restart,
    Resume,
    ShrinkIsr,
)
from sim.faults.schedule import After, Entry
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.faults.targets import HostTarget, OneTarget, Target

T = TypeVar("T")

MS_US = 1_000
S_US = 1_000_000

DELAYS_US = (0, 0, 0, 0, 100, 300, MS_US, 5 * MS_US, 50 * MS_US, 500 * MS_US, 3 * S_US, 12 * S_US)
"""From a point in the protocol to the fault: mostly none."""
LASTS_US = (MS_US, 5 * MS_US, 50 * MS_US, 200 * MS_US, S_US, 3 * S_US, 11 * S_US, 16 * S_US, 35 * S_US, 125 * S_US)
"""Below a round trip, a back-off, a broker's session (9 s), a request's time (30 s), a record's (120 s); and beyond each."""
TIMES = (1, 1, 1, 2, 3, 5)
PRODUCER = "producer-1"
CONTROLLER = "controller"

REFUSALS = ("NOT_ENOUGH_REPLICAS", "NOT_LEADER_OR_FOLLOWER", "UNKNOWN_TOPIC_OR_PARTITION", "KAFKA_STORAGE_ERROR")
"""What a broker may say instead of appending."""
DENIALS = ("NOT_LEADER_OR_FOLLOWER", "REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND")
"""What a broker may say although it has appended."""


class Choices(Protocol):
    """Where the choices come from: a random stream, or Hypothesis."""

    def number(self, lowest: int, highest: int) -> int:
        """Choose an int, both ends included."""
        ...

    def one_of(self, options: Sequence[T]) -> T:
        """Choose one; the first is the simplest."""
        ...


class Kind(NamedTuple):
    """One kind of fault."""

    name: str
    fault_class: Literal["N", "C"]
    draw: Callable[[Choices, Course, When], tuple[Entry, ...]]


def moment(choices: Choices, course: Course) -> When:
    """Choose a point in the protocol, and how long after it."""
    point = choices.one_of(course.points)
    nth = choices.number(point.first, point.last)
    return When(After(point.event, nth, point.where, choices.one_of(DELAYS_US)))


# -- class N: the network ----------------------------------------------------------------------------------------------


def _answers(choices: Choices, course: Course) -> tuple[OneTarget | None, str, str | None]:
    """Choose whose answers: mostly the leader's to Produce, about its partition."""
    partition = choices.one_of(course.partitions)
    match choices.number(0, 7):
        case 6:
            return None, "Metadata", None
        case 7:
            return None, "InitProducerId", None
        case _:
            return Leader(partition), "Produce", partition


def _drop_response(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker, api, partition = _answers(choices, course)
    then: Literal["reset", "stall"] = choices.one_of(("reset", "stall"))
    return (when.fault(DropResponse(broker, api, partition, then, choices.one_of(TIMES))),)


def _delay_response(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker, api, partition = _answers(choices, course)
    return (when.fault(DelayResponse(broker, choices.one_of(LASTS_US), api, partition, choices.one_of(TIMES))),)


def _answer_with_error(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    is_denied = choices.one_of((False, False, True))
    code = choices.one_of(DENIALS if is_denied else REFUSALS)
    times = choices.one_of(TIMES)
    return (when.fault(AnswerWithError(Leader(partition), code, "Produce", partition, times, is_denied)),)


def _ends(choices: Choices, course: Course) -> tuple[HostTarget, HostTarget | None]:
    """Choose two hosts, or one and everybody else."""
    leader = Leader(choices.one_of(course.partitions))
    broker = choices.number(1, course.brokers)
    pairs: tuple[tuple[HostTarget, HostTarget | None], ...] = (
        (PRODUCER, leader),
        (PRODUCER, None),
        (leader, broker),
        (leader, None),
        (PRODUCER, broker),
        (broker, CONTROLLER),
    )
    return choices.one_of(pairs)


def _reset_link(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return (when.fault(ResetLink(*_ends(choices, course))),)


def _barred_link(
    fault_type: type[HoldLink | CutLink], choices: Choices, course: Course, when: When
) -> tuple[Entry, ...]:
    one, other = _ends(choices, course)
    way = choices.one_of(("both", "there", "back"))
    if way == "back" and other is not None:
        one, other = other, one
    is_one_way = way != "both"
    begun = when.fault(fault_type(one, other, is_one_way))
    lasts_us = choices.one_of((0, *LASTS_US))
    if not lasts_us:
        # Somebody repairs it a second after the last fault.
        return (begun,)
    # A role may have moved on when the link opens again: everything about that host is opened then.
    near = one if isinstance(one, str) else other if isinstance(other, str) else None
    opened = OpenLink(one, other, is_one_way) if near is None else OpenLink(near)
    return begun, when.wait(lasts_us).fault(opened)


def _hold_link(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _barred_link(HoldLink, choices, course, when)


def _cut_link(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _barred_link(CutLink, choices, course, when)


# -- class C: crashes, pauses, elections -------------------------------------------------------------------------------


def _victim(choices: Choices, course: Course) -> OneTarget:
    broker = choices.number(1, course.brokers)
    victims: tuple[OneTarget, ...] = (broker, broker, Leader(choices.one_of(course.partitions)))
    return choices.one_of(victims)


def _crash(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker = _victim(choices, course)
    lasts_us = choices.one_of((0, *LASTS_US[3:-2]))
    crashed = when.fault(Crash(broker))
    if not lasts_us or not isinstance(broker, int):
        # Whoever led when it crashed leads no more: it comes back at the end, with all the dead.
        return (crashed,)
    return crashed, when.wait(lasts_us).fault(Restart(broker))


def _pause(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker = _victim(choices, course)
    lasts_us = choices.one_of((0, *LASTS_US[1:-1]))
    paused = when.fault(Pause(broker))
    if not lasts_us:
        return (paused,)
    back = broker if isinstance(broker, int) else tuple(range(1, course.brokers + 1))
    return paused, when.wait(lasts_us).fault(Resume(back))


def _move_leader(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    to = choices.one_of((choices.number(1, course.brokers), None))
    return (when.fault(MoveLeader(partition, to)),)


def _shrink_isr(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    partition = choices.one_of(course.partitions)
    replicas: tuple[Target, ...] = (Followers(partition), choices.number(1, course.brokers))
    replica = choices.one_of(replicas)
    return (when.fault(ShrinkIsr(partition, replica, choices.one_of(LASTS_US[1:-2]))),)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("reset link", "N", _reset_link),
        Kind("drop response", "N", _drop_response),
        Kind("delay response", "N", _delay_response),
        Kind("answer with error", "N", _answer_with_error),
        Kind("hold link", "N", _hold_link),
        Kind("cut link", "N", _cut_link),
        Kind("move leader", "C", _move_leader),
        Kind("shrink isr", "C", _shrink_isr),
        Kind("pause", "C", _pause),
        Kind("crash", "C", _crash),
    )
}
"""Every kind by its name, the simplest first."""


def kinds_of(classes: str) -> tuple[Kind, ...]:
    """The kinds of the classes given: `N`, `C` or `NC`."""
    return tuple(kind for kind in KINDS.values() if kind.fault_class in classes)
