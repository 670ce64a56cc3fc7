"""What a fault can do to the applications beside a cluster, whoever plays them; and how their lives are called."""

from __future__ import annotations

from typing import Protocol


class Applications(Protocol):
    """The verbs by which faults act on applications. One that makes no sense now raises ValueError, saying why."""

    def has(self, name: str) -> bool:
        """Whether there is an application of that name, begun or not."""
        ...

    def start(self, name: str) -> None:
        """Begin the first life of an application."""
        ...

    def restart(self, name: str) -> None:
        """Begin the next life of an application, none of whose lives is left."""
        ...

    def replace(self, name: str) -> None:
        """Begin the next life of an application while an older one still lives."""
        ...

    def deploy(self, name: str, version: int) -> None:
        """Let the next life of an application run that version of its code, and the one that lives end in good order before."""
        ...

    def stop(self, client: str) -> None:
        """Ask a life to end in good order: it sends nothing new, and closes its producer."""
        ...

    def kill(self, client: str) -> None:
        """End a life's process at once: nothing is flushed, nothing is closed but by its kernel."""
        ...

    def pause(self, client: str) -> None:
        """Stop a life's process; its sockets fill."""
        ...

    def resume(self, client: str) -> None:
        """Let a paused life go on."""
        ...

    def living(self, name: str) -> str:
        """Which life of an application a fault strikes that names the application alone: the latest that lives."""
        ...

    def paused(self, name: str) -> str:
        """Which life of an application goes on by a fault that names the application alone: the latest that is paused."""
        ...


def client_of(name: str, life: int) -> str:
    """Name a life as the trace does: `billing`, `billing.2`, `billing.3`."""
    return name if life == 1 else f"{name}.{life}"


def life_of(text: str) -> tuple[str, int | None]:
    """Read `billing.2` as an application and a life; `billing` is any life, `billing.1` the first."""
    name, dot, number = text.rpartition(".")
    if dot and number.isdigit():
        return name, int(number)
    return text, None
