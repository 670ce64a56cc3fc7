"""One broker's port: it is this server's from the start to the end, and somebody listens there only when the broker does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.ports.acceptor import Acceptor
from sim.ports.listener import bound

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable


class Port:
    """A port on one address. `open` and `close` may be called again and again."""

    def __init__(
        self, host: str, port: int, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None
    ) -> None:
        """Take it; 0 for any that is free. Raises OSError, its `filename` the port, if it is not. `tls`: connections are encrypted."""
        self._host = host
        # Bound and never listening: while the broker is down its clients are refused, and nobody else gets its port.
        self._held = bound(host, port)
        self._acceptor = Acceptor(protocol, tls)
        self.number: int = self._held.getsockname()[1]

    @property
    def is_open(self) -> bool:
        """Whether whoever connects is accepted."""
        return self._acceptor.is_accepting

    def open(self) -> None:
        """Listen."""
        self._acceptor.begin(bound(self._host, self.number))

    def close(self) -> None:
        """Refuse whoever connects, break what the kernel has accepted and nobody has seen, and turn away who is half way in."""
        self._acceptor.end()

    def give_back(self) -> None:
        """Let the port go."""
        self.close()
        self._held.close()

    async def emptied(self) -> None:
        """Wait, after `close`, until nobody is half way in."""
        await self._acceptor.emptied()
