"""Where a gateway listens: a port for whoever begins, and one for each broker that clients have been told of."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from sim.gateway.tcp.address import Address
from sim.gateway.tcp.crossing import Crossing
from sim.ports.listener import Listener

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sim.gateway.tcp.crossing import Answering

SIGNALS = (signal.SIGINT, signal.SIGTERM)
THREADS_MAX = 16
"""So many sessions at once may wait for a key service, or a registry."""


class Gateway:
    """Listens, and passes what may pass on to the brokers of one cluster. It is its own table of addresses."""

    def __init__(
        self,
        enforcement: Answering,
        bootstrap: tuple[Address, ...],
        *,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        upstream_tls: ssl.SSLContext | None = None,
    ) -> None:
        """Listen nowhere yet. Broker n is found at `port` + 1 + n; with `port` 0, each at any that is free."""
        self.enforcement = enforcement
        self.tls, self.upstream_tls = tls, upstream_tls
        self.crossings: dict[Crossing, None] = {}
        self.refusals = 0
        """Sessions that were ended for what was sent in them."""
        self._host = host
        self._port = port
        self._is_at_known_ports = port != 0
        self._bootstrap = bootstrap
        self._brokers: dict[int, Address] = {}
        self._ports: dict[int, int] = {}
        self._listeners: list[Listener] = []
        self._loop: asyncio.AbstractEventLoop
        self._placing = Lock()
        self.threads: Executor | None = ThreadPoolExecutor(THREADS_MAX, "gateway") if enforcement.may_block else None
        """Where is decided, if that may take a while."""
        self._turn = 0
        self._is_closing = False
        self._nobody_is_here = asyncio.Event()
        self._nobody_is_here.set()

    @property
    def address(self) -> Address:
        """Where clients begin."""
        return Address(self._host, self._port)

    async def open(self) -> None:
        """Listen for whoever begins. Raises OSError."""
        self._loop = asyncio.get_running_loop()
        listener = self._bound(self._port)
        self._port = listener.port
        self._begin(listener, self._next_bootstrap)

    def told(self, node_id: int, host: str, port: int) -> tuple[str, int]:
        """Give the gateway's own address for a broker; from any thread. Raises OSError if its port is not free."""
        with self._placing:
            self._brokers[node_id] = Address(host, port)
            if node_id not in self._ports:
                # Bound at once, for the client may come as soon as it has been told; accepted a moment later.
                listener = self._bound(self._port + 1 + node_id if self._is_at_known_ports else 0)
                self._ports[node_id] = listener.port
                self._loop.call_soon_threadsafe(self._begin, listener, lambda: (self._brokers[node_id],))
            return self._host, self._ports[node_id]

    def _bound(self, port: int) -> Listener:
        listener = Listener(self._host, port)
        self._listeners.append(listener)
        return listener

    def _begin(self, listener: Listener, upstream: Callable[[], tuple[Address, ...]]) -> None:
        if not self._is_closing:
            listener.begin(lambda: Crossing(self, upstream).client, self.tls)

    async def close(self) -> None:
        """Accept nobody any more, and end every session; what was taken from a broker is still sent to its client."""
        self._is_closing = True
        for listener in tuple(self._listeners):
            await listener.close()
        for crossing in tuple(self.crossings):
            crossing.end()
        await self._nobody_is_here.wait()
        if self.threads is not None:
            self.threads.shutdown()
            # What was decided meanwhile may have been about one more broker.
            for listener in self._listeners:
                await listener.close()

    def admit(self, crossing: Crossing) -> None:
        """A client connected."""
        self.crossings[crossing] = None
        self._nobody_is_here.clear()

    def dismiss(self, crossing: Crossing) -> None:
        """Both of its connections are closed."""
        self.crossings.pop(crossing, None)
        if not self.crossings:
            self._nobody_is_here.set()

    def _next_bootstrap(self) -> tuple[Address, ...]:
        """Give all of them, each time another one first."""
        self._turn += 1
        turn = self._turn % len(self._bootstrap)
        return self._bootstrap[turn:] + self._bootstrap[:turn]


async def serve_until_signal(gateway: Gateway, on_ready: Callable[[], object]) -> None:
    """Serve until SIGINT or SIGTERM. Raises OSError for a port that is not free."""
    await gateway.open()
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, over.set)
    on_ready()
    try:
        await over.wait()
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        await gateway.close()
