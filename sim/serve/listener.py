"""One broker's port: it is this server's from the start to the end, and somebody listens there only when the broker does."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

BACKLOG = 1_024
"""Connections that the kernel keeps until they are accepted."""
ACCEPTED_AT_ONCE = 100
"""Connections that are accepted before others have their turn."""
HANDSHAKE_S_MAX = 10.0
"""How long a client may take to shake hands in TLS."""
NO_DESCRIPTORS_S = 0.1
"""How long nobody is accepted where the process has no file descriptors left."""


class Listener:
    """A port on one address. `open` and `close` may be called again and again."""

    def __init__(
        self, host: str, port: int, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None
    ) -> None:
        """Take the port; 0 for any that is free. Raises OSError if it is not. `tls`: connections are encrypted."""
        self._host = host
        self._tls = tls
        self._protocol = protocol
        # Bound and never listening: while the broker is down its clients are refused, and nobody else gets its port.
        self._held = _bound(host, port)
        self._listening: socket.socket | None = None
        self._opening: set[asyncio.Task[object]] = set()
        self.port: int = self._held.getsockname()[1]

    @property
    def is_open(self) -> bool:
        """Whether whoever connects is accepted."""
        return self._listening is not None

    def open(self) -> None:
        """Listen."""
        self._listening = _bound(self._host, self.port)
        self._listening.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    def close(self) -> None:
        """Refuse whoever connects, and break what the kernel has accepted and nobody has seen."""
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def give_back(self) -> None:
        """Let the port go."""
        self.close()
        self._held.close()
        if self._tls is not None:
            # Who has yet to shake hands may never do so.
            for opening in tuple(self._opening):
                opening.cancel()

    async def opened(self) -> None:
        """Wait until whoever was accepted has a connection."""
        while self._opening:
            await asyncio.wait(self._opening)

    def _accept(self, listening: socket.socket) -> None:
        # Not by `loop.sock_accept`: cancelled at the wrong moment it loses a connection that it has accepted.
        loop = asyncio.get_running_loop()
        try:
            for _ in range(ACCEPTED_AT_ONCE):
                accepted, _address = listening.accept()
                opening = loop.create_task(self._open_one(accepted))
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)
        except (BlockingIOError, ConnectionAbortedError):
            pass
        except OSError as error:
            LOG.warning("port %d: nobody is accepted for a while: %s", self.port, error.strerror)
            loop.remove_reader(listening)
            loop.call_later(NO_DESCRIPTORS_S, self._accept_again, listening)

    async def _open_one(self, accepted: socket.socket) -> None:
        loop, limit_s = asyncio.get_running_loop(), None if self._tls is None else HANDSHAKE_S_MAX
        try:
            await loop.connect_accepted_socket(self._protocol, accepted, ssl=self._tls, ssl_handshake_timeout=limit_s)
        except (OSError, asyncio.CancelledError) as error:
            # No handshake: Kafka's broker says no more of it, either.
            LOG.info("port %d: no TLS with a client: %s", self.port, type(error).__name__)
            accepted.close()

    def _accept_again(self, listening: socket.socket) -> None:
        if listening is self._listening:
            asyncio.get_running_loop().add_reader(listening, self._accept, listening)


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound
