"""One broker's port: it is this server's from the start to the end, and somebody listens there only when the broker does."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

BACKLOG = 1_024
"""Connections that the kernel keeps until they are accepted."""
NO_DESCRIPTORS_S = 0.1
"""How long nobody is accepted where the process has no file descriptors left."""


class Listener:
    """A port on one address. `open` and `close` may be called again and again."""

    def __init__(self, host: str, port: int, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Take the port; 0 for any that is free. Raises OSError if it is not."""
        self._host = host
        self._protocol = protocol
        # Bound and never listening: while the broker is down its clients are refused, and nobody else gets its port.
        self._held = _bound(host, port)
        self._accepting: asyncio.Task[None] | None = None
        self.port: int = self._held.getsockname()[1]

    @property
    def is_open(self) -> bool:
        """Whether whoever connects is accepted."""
        return self._accepting is not None

    def open(self) -> None:
        """Listen."""
        listening = _bound(self._host, self.port)
        listening.listen(BACKLOG)
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listening))

    def close(self) -> None:
        """Refuse whoever connects, and break what the kernel has accepted and nobody has seen."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None

    def give_back(self) -> None:
        """Let the port go."""
        self.close()
        self._held.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                try:
                    accepted, _ = await loop.sock_accept(listening)
                    await loop.connect_accepted_socket(self._protocol, accepted)
                except OSError as error:
                    LOG.warning("port %d: nobody is accepted: %s", self.port, error.strerror)
                    await asyncio.sleep(NO_DESCRIPTORS_S)


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
