"""What a fault can do to the key service beside a cluster, whoever plays it; and what its host is called."""

from __future__ import annotations

from typing import Protocol

KEY_SERVICE = "key-service"
"""Its host in the simulated network."""


class FaultyKeyService(Protocol):
    """The verbs by which faults act on a key service. One that makes no sense now raises ValueError, saying why."""

    def pause(self) -> None:
        """Let its process stand still; its sockets fill."""
        ...

    def resume(self) -> None:
        """Let it go on."""
        ...

    def rotate(self, tenant: str) -> None:
        """Give a tenant a new key."""
        ...

    def shred(self, tenant: str) -> None:
        """Delete a tenant's keys."""
        ...

    def repair(self) -> None:
        """Let it go on, if it stands still."""
        ...
