"""What a case needs of the way to a server: connections that carry bytes, and a clock. On TCP it is real, in a world virtual."""

from __future__ import annotations

from typing import Protocol

Where = str
"""A server's address: host and port, with a colon between them."""


class Stream(Protocol):
    """One connection."""

    def put(self, data: bytes) -> bool:
        """Write. Returns whether the connection was still there."""
        ...

    def take(self, limit_s: float) -> bytes | None:
        """Wait for bytes; empty if the server ended the connection, None if none came in that time."""
        ...

    def close(self) -> None: ...


class Wire(Protocol):
    """The way to a cluster."""

    @property
    def bootstrap(self) -> Where:
        """A server to begin with."""
        ...

    @property
    def sasl_bootstrap(self) -> Where:
        """The same server's listener that wants to know who one is. Raises LookupError if there is none."""
        ...

    def connect(self, where: Where) -> Stream:
        """Raises OSError."""
        ...

    def now_s(self) -> float:
        """The clock that limits are counted by; servers' calendars show `calendar_ms`."""
        ...

    def calendar_ms(self) -> int: ...

    def sleep(self, seconds: float) -> None: ...
