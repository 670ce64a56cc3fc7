"""Planted bugs: one deliberately broken engine or broker a file, for the searches to find.

A bug is off until its value is handed to `run(..., mutant=...)`; nothing reads one from an environment or a file of settings,
and nothing imports this room: `sim.stories.planted` looks a name up. That name stands in the report, the trace's header and
the witness of every run that it was planted in.
"""

from __future__ import annotations

from sim.mutants.acks_before_replication import ACKS_BEFORE_REPLICATION
from sim.mutants.diverging_follower import DIVERGING_FOLLOWER
from sim.mutants.forgetful_failover import FORGETFUL_FAILOVER
from sim.mutants.overtaking_retry import OVERTAKING_RETRY
from sim.mutants.planting import Mutant
from sim.mutants.sequence_reset_after_expiry import SEQUENCE_RESET_AFTER_EXPIRY

__all__ = ["MUTANTS", "Mutant"]

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
