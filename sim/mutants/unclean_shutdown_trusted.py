"""A controller that goes on counting on a broker whose process ended without a word."""

from __future__ import annotations

from sim.cluster.controller.replication_control import ReplicationControl
from sim.mutants.planting import Mutant


class _Loyal(ReplicationControl):
    """Whoever comes back has, it believes, everything that it had."""

    def broker_forgot(self, broker: int) -> None:
        """Nothing is forgotten."""


UNCLEAN_SHUTDOWN_TRUSTED = Mutant(
    "unclean_shutdown_trusted",
    "a broker that crashed stays in the ISR and eligible, whatever its disk has lost",
    replication_control=_Loyal,
)
