"""A breach: which invariant does not hold, from which event on, and what was seen."""

from __future__ import annotations

from typing import NamedTuple


class Breach(NamedTuple):
    """The first thing in a run that cannot be, unless the simulated cluster has a bug."""

    invariant: str
    event: int
    """Sequence number in the trace of the event after which it was seen; -1 before the first."""
    at_us: int
    what: str
    """What was seen, in one sentence."""


class InvariantError(Exception):
    """An invariant does not hold: a bug of ours. Its notes are what the invariant says, and the event."""
