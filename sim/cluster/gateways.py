"""What a fault can do to the gateway before a cluster, whoever plays it; and what its host is called."""

from __future__ import annotations

from typing import Protocol

GATEWAY = "gateway"
"""Its host in the simulated network."""
GATEWAY_PORT = 9_192
"""Where clients begin; broker n is found at this port + 1 + n, as at `acklab gateway`."""


class FaultyGateway(Protocol):
    """The verbs by which faults act on a gateway. One that makes no sense now raises ValueError, saying why."""

    def start(self) -> None:
        """Begin its process, if it does not run."""
        ...

    def stop(self) -> None:
        """Ask its process to end in good order."""
        ...

    def kill(self) -> None:
        """End its process at once."""
        ...

    def pause(self) -> None:
        """Let its process stand still; its sockets fill."""
        ...

    def resume(self) -> None:
        """Let it go on."""
        ...

    def repair(self) -> None:
        """Let it go on, if it stands still."""
        ...

    def heal(self) -> None:
        """Let it run."""
        ...
