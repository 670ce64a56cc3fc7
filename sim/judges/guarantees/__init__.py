"""The oracle: one promise a file, each judged on the ledger, which is the one fold of the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sim.judges.guarantees import (
    dirty_read,
    duplicated,
    forgotten,
    key_order,
    lost,
    misplaced,
    misrouted,
    phantom,
    read_again,
    reordered,
    repeated,
    two_owners,
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
    "judge_ledger",
    "out_of",
]


class Guarantee(NamedTuple):
    """One promise and its judge."""

    name: str
    promise: str
    judge: Callable[[Ledger], Verdict]
    is_of_groups: bool = False
    """Whether it says something only where groups read."""

    def concerns(self, ledger: Ledger) -> bool:
        """Whether a run shows anything that it is about."""
        return not self.is_of_groups or bool(ledger.history.groups.members)


_OF_GROUPS = (two_owners, forgotten)

GUARANTEES: dict[str, Guarantee] = {
    room.NAME: Guarantee(room.NAME, room.PROMISE, room.judge, is_of_groups=room in _OF_GROUPS)
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
        two_owners,
        forgotten,
    )
}
"""Every promise by the name of its breach, in the order of reports."""


def judge(events: Iterable[Any]) -> tuple[Verdict, ...]:
    """Judge a whole trace, every promise once."""
    return judge_ledger(Ledger(events))


def judge_ledger(ledger: Ledger) -> tuple[Verdict, ...]:
    """Judge what was folded, every promise once that it is about."""
    return tuple(guarantee.judge(ledger) for guarantee in GUARANTEES.values() if guarantee.concerns(ledger))


def out_of(verdict: Verdict, sent: int) -> int:
    """Of how many things a verdict's findings are some: of the records that were sent, or of what members were told."""
    return verdict.checked if GUARANTEES[verdict.guarantee].is_of_groups else sent
