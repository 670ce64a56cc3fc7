"""What a fault can do to the schema registries beside a cluster, whoever plays them; and how their hosts are called."""

from __future__ import annotations

from typing import Protocol

REGISTRY = r"(?:[A-Za-z]\w*-)?registry-\d+"
"""`registry-1` of the cluster's own; `staging-registry-1` of somebody else's."""


class FaultyRegistries(Protocol):
    """The verbs by which faults act on registries. One that makes no sense now raises ValueError, saying why."""

    def start(self, name: str) -> None:
        """Begin a registry that does not run; it knows what its log says."""
        ...

    def stop(self, name: str) -> None:
        """Ask a registry to end in good order."""
        ...

    def kill(self, name: str) -> None:
        """End a registry's process at once."""
        ...

    def pause(self, name: str) -> None:
        """Let a registry's process stand still; its sockets fill."""
        ...

    def resume(self, name: str) -> None:
        """Let a paused registry go on."""
        ...

    def slow(self, name: str, factor: int) -> None:
        """Let a registry take so many times as long over each request, until the cluster heals."""
        ...

    def repair(self) -> None:
        """Let the paused go on."""
        ...

    def heal(self) -> None:
        """Let every registry run, and as fast as it can."""
        ...
