"""A machine's power: while it is off nothing that arrives is answered, and whoever sends goes on sending."""

from __future__ import annotations

from sim.world.network.missed import Missed


class Power:
    """Whether a machine has power, and what its peers' TCP sends again until it has."""

    __slots__ = ("is_on", "missed")

    def __init__(self) -> None:
        self.missed = Missed()
        self.is_on = True

    def come_back(self) -> None:
        """Power is on: whoever waits for an answer sends again."""
        self.is_on = True
        self.missed.send_again()
