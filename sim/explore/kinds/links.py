"""Links that break, hold packets or lose them: between clients, brokers and the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, Kind
from sim.faults import CutLink, HoldLink, Leader, OpenLink, RejectLink, ResetLink

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.targets import HostTarget
    from sim.faults.words import When

CONTROLLER = "controller"


def _ends(choices: Choices, course: Course) -> tuple[HostTarget, HostTarget | None]:
    """Choose two hosts, or one and everybody else."""
    partition = choices.one_of(course.partitions)
    leader = Leader(partition)
    client = choices.one_of((*course.clients, *[member.client for member in course.members]))
    broker, other = choices.one_of(course.brokers), choices.one_of(course.brokers)
    pairs: tuple[tuple[HostTarget, HostTarget | None], ...] = (
        (client, leader),
        (client, None),
        (leader, broker),
        (leader, None),
        (client, broker),
        (broker, CONTROLLER),
        (leader, CONTROLLER),
        # Between followers: whoever leads next is fetched from over it.
        (broker, other) if broker != other else (broker, None),
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
        # Somebody repairs it when the last fault is over.
        return (begun,)
    return begun, when.wait(lasts_us).fault(_opened(one, other, is_one_way=is_one_way))


def _opened(one: HostTarget, other: HostTarget | None, *, is_one_way: bool) -> OpenLink:
    """A role may have moved on when the link opens again: everything about the host beside it is opened then."""
    near = one if isinstance(one, str) else other if isinstance(other, str) else None
    return OpenLink(one, other, is_one_way) if near is None else OpenLink(near)


def _hold_link(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _barred_link(HoldLink, choices, course, when)


def _cut_link(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _barred_link(CutLink, choices, course, when)


def _reject_link(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    one, other = _ends(choices, course)
    begun = when.fault(RejectLink(one, other))
    lasts_us = choices.one_of((0, *LASTS_US))
    if not lasts_us:
        return (begun,)
    return begun, when.wait(lasts_us).fault(_opened(one, other, is_one_way=False))


KINDS = (
    Kind("reset link", "N", (ResetLink,), _reset_link),
    Kind("hold link", "N", (HoldLink, OpenLink), _hold_link),
    Kind("cut link", "N", (CutLink, OpenLink), _cut_link),
    Kind("reject link", "N", (RejectLink, OpenLink), _reject_link),
)
