"""A port of a gateway, and whoever knocks there.

asyncio's own server forgets whom it was just accepting when it is closed: the socket stays open until somebody collects it. Here each of them
is let in or turned away.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

from sim.gateway.tcp.address import Address

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

BACKLOG = 100
"""So many may wait to be accepted, and are, at one turn of the loop."""
FULL_PAUSE_S = 1.0
"""For so long nobody is accepted when this process has no descriptor left."""


class Listener:
    """Accepts from `begin` to `close`; it is bound from the start, so that whoever comes before waits for that."""

    def __init__(self, host: str, port: int) -> None:
        """Take a port; 0 for any that is free. Raises OSError that names it."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError as error:
            raise OSError(error.errno, f"cannot listen at {Address(host, port)}: {error.strerror or error}") from error
        self._socket.setblocking(False)
        self._entering: dict[asyncio.Task[None], socket.socket] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pause: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        found: int = self._socket.getsockname()[1]
        return found

    def begin(
        self, loop: asyncio.AbstractEventLoop, make: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None
    ) -> None:
        """Accept, on `loop`: each client is `make`'s, behind TLS if there is some."""
        self._loop, self._make, self._tls = loop, make, tls
        loop.add_reader(self._socket, self._knocked)

    async def close(self) -> None:
        """Accept nobody any more; who is half way in is turned away. Twice does nothing."""
        if self._socket.fileno() < 0:
            return
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
        if self._pause is not None:
            self._pause.cancel()
        self._socket.close()
        entering = tuple(self._entering)
        for task in entering:
            task.cancel()
        await asyncio.gather(*entering, return_exceptions=True)

    def _knocked(self) -> None:
        assert self._loop is not None, "it has begun"
        for _ in range(BACKLOG):
            try:
                accepted, _ = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                LOG.warning("nobody can be accepted for %s s: %s", FULL_PAUSE_S, error)
                self._loop.remove_reader(self._socket)
                self._pause = self._loop.call_later(FULL_PAUSE_S, self._loop.add_reader, self._socket, self._knocked)
                return
            accepted.setblocking(False)
            task = self._loop.create_task(self._enter(accepted), name="a client of the gateway")
            self._entering[task] = accepted
            task.add_done_callback(self._entered)

    async def _enter(self, accepted: socket.socket) -> None:
        assert self._loop is not None, "it has begun"
        try:
            await self._loop.connect_accepted_socket(self._make, accepted, ssl=self._tls)
        except OSError as error:
            # ssl.SSLError is one: no certificate, or none that is trusted.
            LOG.info("somebody did not come in: %s", str(error) or type(error).__name__)

    def _entered(self, task: asyncio.Task[None]) -> None:
        accepted = self._entering.pop(task)
        if task.cancelled():
            # Before its first step nobody else has the socket.
            accepted.close()
