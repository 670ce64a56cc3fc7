"""A registry on TCP, in real time, until somebody ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING, cast

from sim.ports.listener import Listener
from sim.registry.core.errors import as_refusal
from sim.registry.rest.connection import Connection
from sim.registry.rest.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.registry.registry import Registry
    from sim.registry.rest.messages import Reply, Request

LOG = logging.getLogger(__name__)

REQUEST_S_MAX = 30.0
"""How long a client may take over a request that it has begun."""
IDLE_S_MAX = 300.0
"""How long a connection is kept for the next one."""
LINGER_S_MAX = 2.0
"""How long what a refused client still sends is read: unread, it would break the connection before the answer is there."""
CONNECTIONS_MAX = 1_000
UNREAD_BYTES_MAX = 1_048_576
"""How much waits for a client that does not read before it is read no more itself."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Listening:
    """A port where a registry answers. `close` ends the connections as well."""

    def __init__(self, registry: Registry, *, request_s_max: float = REQUEST_S_MAX) -> None:
        """Listen nowhere yet."""
        self.registry = registry
        self.request_s_max = request_s_max
        self.clients: dict[Client, None] = {}
        self._listener: Listener
        self._nobody_is_here = asyncio.Event()
        self._nobody_is_here.set()

    async def open(self, host: str, port: int) -> None:
        """Listen; 0 for any port that is free. Raises OSError, its `filename` the port that is not."""
        self._listener = Listener(host, port)
        self._listener.begin(lambda: Client(self))

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    async def close(self) -> None:
        """Accept nobody any more, and end every connection; an answer that was given is still sent."""
        await self._listener.close()
        for client in tuple(self.clients):
            client.transport.close()
        try:
            async with asyncio.timeout(LINGER_S_MAX):
                await self._nobody_is_here.wait()
        except TimeoutError:
            for client in tuple(self.clients):
                client.transport.abort()
            await self._nobody_is_here.wait()

    def admit(self, client: Client) -> bool:
        """A client connected. Gives False for one too many."""
        self.clients[client] = None
        self._nobody_is_here.clear()
        return len(self.clients) <= CONNECTIONS_MAX

    def dismiss(self, client: Client) -> None:
        """A client's socket is closed."""
        del self.clients[client]
        if not self.clients:
            self._nobody_is_here.set()

    def handle(self, request: Request) -> Reply:
        """Answer; a request on which the registry fails is answered as well."""
        try:
            return self.registry.handle(request)
        except Exception as error:
            LOG.exception("the registry failed on %s %s", request.method, request.target[:200])
            return refusal(as_refusal(error))


class Client(asyncio.Protocol):
    """One client's socket."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._connection = Connection()
        self._timer: asyncio.TimerHandle | None = None
        self._has_begun = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(UNREAD_BYTES_MAX)
        if self._listening.admit(self):
            self._arm()
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._take(self._connection.receive(data))

    def eof_received(self) -> bool:
        self._take(self._connection.receive(b""))
        return False

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._disarm()
        self._listening.dismiss(self)

    def _take(self, request: Request | None) -> None:
        while request is not None:
            self._connection.answer(self._listening.handle(request))
            self._has_begun = False
            self._disarm()
            request = self._connection.advance()
        self._write()

    def _write(self) -> None:
        out = self._connection.take_output()
        if out and not self.transport.is_closing():
            self.transport.write(out)
        if not self._connection.is_over:
            self._arm()
        elif self.transport.can_write_eof() and not self.transport.is_closing():
            # Ended from here alone: what the client still sends is read and dropped, so that it reads the answer.
            self.transport.write_eof()
            self._disarm()
            self._timer = asyncio.get_running_loop().call_later(LINGER_S_MAX, self.transport.close)

    def _arm(self) -> None:
        """Wait no longer for a request that has begun than from its begin."""
        begins = not self._connection.is_idle
        if self._timer is not None and begins == self._has_begun:
            return
        self._disarm()
        self._has_begun = begins
        wait_s = self._listening.request_s_max if begins else IDLE_S_MAX
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._time_out)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        self._timer = None
        if self._connection.is_idle:
            self.transport.close()
        else:
            self._connection.time_out()
            self._write()


async def serve_until_signal(registry: Registry, host: str, port: int, on_ready: Callable[[int], object]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` hears the port. Raises OSError for one that is not free."""
    listening = Listening(registry)
    await listening.open(host, port)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, over.set)
    on_ready(listening.port)
    try:
        await over.wait()
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        await listening.close()
