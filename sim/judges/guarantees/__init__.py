"""The oracle: one promise a file, each judged on the ledger, which is the one fold of the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sim.judges.guarantees import (
    aborted_read,
    dirty_read,
    disclosed,
    duplicated,
    exactly_once,
    fencing,
    forgotten,
    isolation,
    key_order,
    lost,
    misplaced,
    misrouted,
    phantom,
    read_again,
    reordered,
    repeated,
    torn,
    two_owners,
    unaudited,
    unread,
    unreadable,
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
    "paired",
]


class Subject(NamedTuple):
    """What some promises are about."""

    things: str
    """What is counted."""
    is_there: Callable[[Ledger], bool]
    """Whether a run shows any."""


class Guarantee(NamedTuple):
    """One promise and its judge."""

    name: str
    promise: str
    judge: Callable[[Ledger], Verdict]
    subject: Subject | None = None
    """What it is about; None for records, which are in every run."""

    @property
    def things(self) -> str:
        """What its findings are some of."""
        return "records" if self.subject is None else self.subject.things

    def concerns(self, ledger: Ledger) -> bool:
        """Whether a run shows anything that it is about."""
        return self.subject is None or self.subject.is_there(ledger)


MEMBERS = Subject("words to members", lambda ledger: bool(ledger.history.groups.members))
POSITIONS = Subject("words to members", lambda ledger: bool(ledger.history.groups.telling))
TRANSACTIONS = Subject("transactions", lambda ledger: bool(ledger.history.transactions.all))
READS = Subject(
    "reads", lambda ledger: bool(ledger.history.isolated) and bool(ledger.markers or ledger.history.transactions.all)
)
TAKEN_OVER = Subject("records of former owners", lambda ledger: ledger.history.transactions.are_taken_over)
INPUTS = Subject("inputs", lambda ledger: bool(ledger.history.transactions.origins))
SECRETS = Subject("records on disks", lambda ledger: bool(ledger.history.governance.planted))
BOUNDED = Subject("records of bounded latency", lambda ledger: bool(ledger.history.latencies.promised))
READABLE = Subject("records", lambda ledger: bool(ledger.history.schemas.deployments))
AUDITED = Subject(
    "audited records", lambda ledger: bool(ledger.history.audits.audited or ledger.history.audits.at_gateways)
)

_ABOUT = {
    isolation: BOUNDED,
    unaudited: AUDITED,
    unreadable: READABLE,
    disclosed: SECRETS,
    two_owners: MEMBERS,
    forgotten: POSITIONS,
    torn: TRANSACTIONS,
    aborted_read: READS,
    fencing: TAKEN_OVER,
    exactly_once: INPUTS,
}

GUARANTEES: dict[str, Guarantee] = {
    room.NAME: Guarantee(room.NAME, room.PROMISE, room.judge, _ABOUT.get(room))
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
        unreadable,
        read_again,
        dirty_read,
        two_owners,
        forgotten,
        torn,
        aborted_read,
        fencing,
        exactly_once,
        disclosed,
        isolation,
        unaudited,
    )
}
"""Every promise by the name of its breach, in the order of reports."""


def judge(events: Iterable[Any]) -> tuple[Verdict, ...]:
    """Judge a whole trace, every promise once."""
    return judge_ledger(Ledger(events))


def judge_ledger(ledger: Ledger) -> tuple[Verdict, ...]:
    """Judge what was folded, every promise once that it is about."""
    return tuple(guarantee.judge(ledger) for guarantee in GUARANTEES.values() if guarantee.concerns(ledger))


def paired(first: Iterable[Verdict], second: Iterable[Verdict]) -> list[tuple[Verdict | None, Verdict | None]]:
    """Set the verdicts of two runs side by side, promise by promise; None where one of them shows nothing that it is about."""
    ones, others = ({verdict.guarantee: verdict for verdict in verdicts} for verdicts in (first, second))
    return [(ones.get(name), others.get(name)) for name in GUARANTEES if name in ones or name in others]


def out_of(verdict: Verdict, sent: int) -> int:
    """Of how many things a verdict's findings are some: of the records that were sent, or of what else was looked at."""
    return sent if GUARANTEES[verdict.guarantee].subject is None else verdict.checked
