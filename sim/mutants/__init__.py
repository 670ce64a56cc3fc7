"""Planted bugs: one deliberately broken engine or broker a file, for the searches to find.

A bug is off until its value is handed to `sim.stories.runner.run(..., mutant=...)`; nothing reads one from an environment or a
file of settings, and nothing below this room knows of it. Its name stands in the report, the trace's header and the
witness of every run that it was planted in.
"""

from __future__ import annotations

from difflib import get_close_matches

from sim.mutants.acks_before_replication import ACKS_BEFORE_REPLICATION
from sim.mutants.diverging_follower import DIVERGING_FOLLOWER
from sim.mutants.forgetful_failover import FORGETFUL_FAILOVER
from sim.mutants.overtaking_retry import OVERTAKING_RETRY
from sim.mutants.planting import Mutant
from sim.mutants.sequence_reset_after_expiry import SEQUENCE_RESET_AFTER_EXPIRY

__all__ = ["MUTANTS", "Mutant", "UnknownMutantError", "named"]

MUTANTS: dict[str, Mutant] = {
    mutant.name: mutant
    for mutant in (
        SEQUENCE_RESET_AFTER_EXPIRY,
        ACKS_BEFORE_REPLICATION,
        FORGETFUL_FAILOVER,
        DIVERGING_FOLLOWER,
        OVERTAKING_RETRY,
    )
}
"""Every planted bug by its name."""


class UnknownMutantError(ValueError):
    """No planted bug has that name; the message gives those there are."""


def named(name: str) -> Mutant:
    """Find a planted bug. Raises UnknownMutantError with the nearest name."""
    found = MUTANTS.get(name)
    if found is None:
        near = get_close_matches(name, MUTANTS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(MUTANTS)}"
        raise UnknownMutantError(f"unknown planted bug {name!r}: {hint}")
    return found
