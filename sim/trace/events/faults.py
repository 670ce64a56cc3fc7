"""What the schedule did to the run, and the end of it."""

from __future__ import annotations

from typing import NamedTuple


class FaultInjected(NamedTuple):
    """A fault of the schedule strikes; its effects follow at once, or `FaultRefused` if the cluster forbids it now."""

    at_us: int
    entry: int
    """Its place in the schedule, from 0."""
    fault: str
    """The fault as it is written on the command line, targets resolved."""


class FaultRefused(NamedTuple):
    """A fault of the schedule had no effect: nobody holds the role that it names, or the cluster forbids it now."""

    at_us: int
    entry: int
    fault: str
    reason: str


class RollingRestartEnded(NamedTuple):
    """The last broker of a rolling restart is back and in sync."""

    at_us: int


class ClockSet(NamedTuple):
    """One host's calendar was set; what it measures goes on as it did."""

    at_us: int
    host: str
    offset_us: int
    """How far it is ahead of the world's time; negative behind it, 0 right again."""


class RunEnded(NamedTuple):
    """Nothing more is expected to happen: the cluster is healed and quiet, or the time is up."""

    at_us: int
    is_settled: bool
    """Whether every partition had a leader and every replica in sync."""
