"""A port, from the moment when it is taken to the end."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from sim.ports.acceptor import BACKLOG, Acceptor

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable


class Listener:
    """Accepts from `begin` to `close`; it listens from the start, so that whoever comes before waits for that."""

    def __init__(self, host: str, port: int) -> None:
        """Take a port; 0 for any that is free. Raises OSError, its `filename` the port that is not."""
        self._socket = bound(host, port)
        self._socket.listen(BACKLOG)
        self._acceptor: Acceptor | None = None
        self.port: int = self._socket.getsockname()[1]

    def begin(self, make: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None) -> None:
        """Accept, in the running loop: each client is one of `make`'s, behind TLS if there is some."""
        self._acceptor = Acceptor(make, tls)
        self._acceptor.begin(self._socket)

    async def close(self) -> None:
        """Accept nobody any more; who is half way in is turned away. Twice is once."""
        if self._acceptor is None:
            self._socket.close()
        else:
            self._acceptor.end()
            await self._acceptor.emptied()


def bound(host: str, port: int) -> socket.socket:
    """Take a port, and do not listen yet. Raises OSError, its `filename` the port that cannot be had."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        taken.setblocking(False)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except (OSError, OverflowError) as error:
        taken.close()
        number, reason = getattr(error, "errno", None) or 0, getattr(error, "strerror", None) or "ports end at 65535"
        raise OSError(number, reason, f"[{host}]:{port}" if ":" in host else f"{host}:{port}") from error
    return taken
