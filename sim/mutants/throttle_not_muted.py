"""A broker that tells a client to wait, and reads on: who does not obey, or has sent already, is slowed down by nobody."""

from __future__ import annotations

from sim.cluster.broker.connection import ClientConnection
from sim.mutants.planting import STORY_OF_QUOTAS, Mutant


class _Obliging(ClientConnection):
    """Begins with the next request at once."""

    def hold_back(self, lasts_us: int) -> None:
        """Leave it to the client."""


THROTTLE_NOT_MUTED = Mutant(
    "throttle_not_muted",
    "a client that exceeded a quota is told to wait, and is read on",
    connection=_Obliging,
    story=STORY_OF_QUOTAS,
    is_of_governance=True,
)
"""What was in flight when the wait began is worked on at once."""
