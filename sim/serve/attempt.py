"""What became of a fault that somebody asked for: a report names each that never struck, or whoever reads it believes too much."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple


class Fate(Enum):
    """What became of a fault."""

    PENDING = "pending"
    """Its moment has not come; at the end of a run it never will."""
    FIRED = "fired"
    REFUSED = "refused"
    """Its moment came, and it could not take effect."""


class Attempt(NamedTuple):
    """One line of the schedule."""

    number: int
    """Its place, from 0."""
    entry: str
    fate: Fate
    reason: str
    """Why it was refused."""

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"number": self.number, "fault": self.entry, "fate": self.fate.value, "reason": self.reason}
