"""What schema registries do: their lives, who of them leads as each of them sees it, and what they answer."""

from __future__ import annotations

from typing import NamedTuple


class RegistryStarted(NamedTuple):
    """A registry's process began; it answers nobody before it has read its log."""

    at_us: int
    registry: str


class RegistryEnded(NamedTuple):
    """A registry's process is over."""

    at_us: int
    registry: str
    how: str
    """`stopped`, `killed`, or why it could not begin."""


class RegistryLed(NamedTuple):
    """A registry takes another one, or itself, for the leader from now on."""

    at_us: int
    registry: str
    leader: str
    """Empty where it knows of none: it writes nothing, and passes nothing on."""


class RegistryAnswered(NamedTuple):
    """A registry answered a request."""

    at_us: int
    registry: str
    client: str
    """The host that asked."""
    method: str
    target: str
    """Path and query, as they were sent."""
    status: int
    """HTTP's."""
    leader: str
    """Whose answer it passed on; empty for its own."""
