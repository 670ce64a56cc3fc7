"""What a judge says: whether a promise was kept, and which record, where, and which events of the trace show it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

LATER_ONE = "of the later one"
"""How the role of a moment ends that belongs to the record which was sent later, but came first."""


FIRST_ONE = "of the first one"
"""How the role of a moment ends that belongs to another record, which stands for the same thing and was sent before."""


class State(Enum):
    """The three answers to one question."""

    HOLDS = "holds"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    """Nothing was found, but the run did not show enough to say that there is nothing."""


class Replica(NamedTuple):
    """What became of a record on one broker."""

    broker: int
    offset: int
    """-1 if it never had the record."""
    state: str
    """`present`, `corrupt`, `truncated` or `never had`."""


class Moment(NamedTuple):
    """An event of the trace that matters to a finding."""

    role: str
    """`send`, `request`, `append`, `acknowledgement`, `failure`, `truncation`, `election`, `read`, …"""
    event: int
    """Its sequence number."""


class Finding(NamedTuple):
    """One record that shows a broken promise."""

    client: str
    """Who sent it; empty where nobody did."""
    record: int
    """Its number within its client; -1 where nobody sent it."""
    name: str
    """What to call it among those of its run: `record 4`, or `record 4 of app.2` where several clients sent."""
    key: bytes | None
    topic: str
    partition: int
    """-1 when none was chosen."""
    producer_id: int
    """-1 without idempotence, as the epoch and the sequence."""
    producer_epoch: int
    sequence: int
    what: str
    """What is wrong, in one sentence."""
    replicas: tuple[Replica, ...]
    moments: tuple[Moment, ...]
    """In the order of the trace."""

    def event_of(self, role: str) -> int:
        """Give the event of its first moment in that role: `append`, say. Raises LookupError if it has none."""
        for moment in self.moments:
            if moment.role == role:
                return moment.event
        msg = f"{self.name} has no {role} among {', '.join(moment.role for moment in self.moments)}"
        raise LookupError(msg)


class Verdict(NamedTuple):
    """One judge's answer on one run."""

    guarantee: str
    promise: str
    state: State
    findings: tuple[Finding, ...]
    checked: int
    """How many things were looked at; a promise that held on none was not put to the test."""

    @classmethod
    def of(cls, guarantee: str, promise: str, findings: list[Finding], *, checked: int, is_conclusive: bool) -> Verdict:
        """Violated if anything was found; else it holds only if the run shows enough to say so."""
        state = State.VIOLATED if findings else State.HOLDS if is_conclusive else State.INCONCLUSIVE
        return cls(guarantee, promise, state, tuple(findings), checked)
