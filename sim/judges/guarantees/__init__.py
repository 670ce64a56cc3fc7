"""The oracle: one promise a file, each judged on the ledger, which is the one fold of the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sim.judges.guarantees import (
    dirty_read,
    duplicated,
    key_order,
    lost,
    misplaced,
    misrouted,
    phantom,
    read_again,
    reordered,
    repeated,
    unread,
)
from sim.judges.ledger import Ledger
from sim.judges.verdict import Finding, Moment, Replica, State, Verdict

__all__ = [
    "GUARANTEES",
    "Finding",
    "Guarantee",
    "Ledger",
    "Moment",
    "Replica",
    "State",
    "Verdict",
    "judge",
]


class Guarantee(NamedTuple):
    """One promise and its judge."""

    name: str
    promise: str
    judge: Callable[[Ledger], Verdict]


GUARANTEES: dict[str, Guarantee] = {
    room.NAME: Guarantee(room.NAME, room.PROMISE, room.judge)
    for room in (
        lost,
        duplicated,
        repeated,
        reordered,
        key_order,
        phantom,
        misrouted,
        misplaced,
        unread,
        read_again,
        dirty_read,
    )
}
"""Every promise by the name of its breach, in the order of reports."""


def judge(events: Iterable[Any]) -> tuple[Verdict, ...]:
    """Judge a whole trace, every promise once."""
    ledger = Ledger(events)
    return tuple(guarantee.judge(ledger) for guarantee in GUARANTEES.values())
