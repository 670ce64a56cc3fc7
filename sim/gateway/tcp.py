"""A gateway on TCP, in real time: a port for whoever begins, and one for each broker that clients have been told of."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sim.gateway.core.identity import ANONYMOUS
from sim.gateway.core.session import Session, SessionError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sim.gateway.core.enforcement import Enforcement

LOG = logging.getLogger(__name__)

CONNECT_S_MAX = 10.0
"""How long a broker may take to accept (socket.connection.setup.timeout.ms)."""
UNREAD_BYTES_MAX = 1_048_576
"""How much waits for a side that does not read before the other is read no more."""


class Address(NamedTuple):
    """Where somebody listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Gateway:
    """Listens, and passes what may pass on to the brokers of one cluster. It is its own table of addresses."""

    def __init__(
        self,
        enforcement: Enforcement,
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
        self._servers: list[asyncio.Server] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._turn = 0
        self._nobody_is_here = asyncio.Event()
        self._nobody_is_here.set()

    @property
    def address(self) -> Address:
        """Where clients begin."""
        return Address(self._host, self._port)

    async def open(self) -> None:
        """Listen for whoever begins. Raises OSError."""
        listening = _bound(self._host, self._port)
        self._port = listening.getsockname()[1]
        await self._serve(listening, self._next_bootstrap)

    def told(self, node_id: int, host: str, port: int) -> tuple[str, int]:
        """Give the gateway's own address for a broker. Raises OSError if its port is not free."""
        self._brokers[node_id] = Address(host, port)
        if node_id not in self._ports:
            # Bound at once, for the client may come as soon as it has been told; accepted a moment later.
            wanted = self._port + 1 + node_id if self._is_at_known_ports else 0
            listening = _bound(self._host, wanted)
            self._ports[node_id] = listening.getsockname()[1]
            task = asyncio.get_running_loop().create_task(
                self._serve(listening, lambda: (self._brokers[node_id],)), name=f"gateway for broker {node_id}"
            )
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        return self._host, self._ports[node_id]

    async def close(self) -> None:
        """Accept nobody any more, and end every session; what was taken from a broker is still sent to its client."""
        await asyncio.gather(*self._opening)
        for server in self._servers:
            server.close()
        for crossing in tuple(self.crossings):
            crossing.end()
        await self._nobody_is_here.wait()

    def admit(self, crossing: Crossing) -> None:
        """A client connected."""
        self.crossings[crossing] = None
        self._nobody_is_here.clear()

    def dismiss(self, crossing: Crossing) -> None:
        """Both of its connections are closed."""
        self.crossings.pop(crossing, None)
        if not self.crossings:
            self._nobody_is_here.set()

    async def _serve(self, listening: socket.socket, upstream: Callable[[], tuple[Address, ...]]) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Crossing(self, upstream).client, sock=listening, ssl=self.tls)
        self._servers.append(server)

    def _next_bootstrap(self) -> tuple[Address, ...]:
        """Give all of them, each time another one first."""
        self._turn += 1
        turn = self._turn % len(self._bootstrap)
        return self._bootstrap[turn:] + self._bootstrap[:turn]


def _bound(host: str, port: int) -> socket.socket:
    """Take a port, and let whoever knocks wait for a moment. Raises OSError that names it."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen at {Address(host, port)}: {error.strerror or error}") from error


class Crossing:
    """One client and the broker behind it: two sockets, one session."""

    def __init__(self, gateway: Gateway, upstream: Callable[[], tuple[Address, ...]]) -> None:
        self._gateway = gateway
        self._upstream = upstream
        self._session: Session
        self._reaching: asyncio.Task[None] | None = None
        self._is_ending = False
        self.client = Side(self, self._client_sent)
        self.broker = Side(self, self._broker_sent)

    def begins(self, side: Side) -> None:
        """One of the two connections is there."""
        if side is self.broker:
            self.client.transport.resume_reading()
            return
        host, *_ = side.transport.get_extra_info("peername")
        self._session = Session(
            self._gateway.enforcement,
            self._gateway,
            client_host=host,
            principal=_certified(side.transport.get_extra_info("peercert")),
        )
        self._gateway.admit(self)
        # Nothing is read that has nowhere to go.
        side.transport.pause_reading()
        self._reaching = asyncio.get_running_loop().create_task(self._reach(), name=f"a broker for {host}")

    async def _reach(self) -> None:
        loop = asyncio.get_running_loop()
        for address in self._upstream():
            try:
                async with asyncio.timeout(CONNECT_S_MAX):
                    await loop.create_connection(
                        lambda: self.broker,
                        *address,
                        ssl=self._gateway.upstream_tls,
                        server_hostname=address.host if self._gateway.upstream_tls else None,
                    )
            except OSError as error:
                # ssl.SSLError and TimeoutError are OSErrors, too.
                LOG.warning("no way to %s: %s", address, str(error) or type(error).__name__)
            else:
                if self._is_ending:
                    self.broker.transport.close()
                return
        self.end()

    def _client_sent(self, data: bytes) -> None:
        self._session.client_sent(data)

    def _broker_sent(self, data: bytes) -> None:
        self._session.broker_sent(data)

    def takes(self, take: Callable[[bytes], object], data: bytes) -> None:
        """Hand in what one side sent, and send what there is for both."""
        if self._is_ending:
            return
        try:
            take(data)
        except (SessionError, OSError) as error:
            self._gateway.refusals += 1
            LOG.warning("a session ends: %s", error)
            self.end()
            return
        except Exception:
            # Ours, and others are served meanwhile. What was sent goes into no log: there may be secrets in it.
            LOG.exception("a session ends: the gateway failed")
            self.end()
            return
        for_broker, for_client = self._session.take()
        if for_broker:
            self.broker.transport.write(for_broker)
        if for_client:
            self.client.transport.write(for_client)
        if self._session.is_over:
            self.end()

    def waits(self, side: Side, *, is_full: bool) -> None:
        """A side does not read, or reads again: the other is read accordingly."""
        other = self.client if side is self.broker else self.broker
        if other.is_open:
            (other.transport.pause_reading if is_full else other.transport.resume_reading)()

    def finished(self, side: Side) -> None:
        """A side sends no more. A client's broker hears it and answers on; a broker's end is the client's."""
        if side is self.broker:
            self.end()
        elif self.broker.is_open and self.broker.transport.can_write_eof():
            self.broker.transport.write_eof()
        else:
            self.end()

    def ended(self) -> None:
        """A connection is closed: the other one has no use any more."""
        self.end()
        if not self.client.is_open and not self.broker.is_open:
            self._gateway.dismiss(self)

    def end(self) -> None:
        """Close both; what was handed to their sockets is still sent."""
        self._is_ending = True
        if self._reaching is not None and not self.broker.is_open and self._reaching is not asyncio.current_task():
            self._reaching.cancel()
        for side in (self.broker, self.client):
            if side.is_open:
                side.transport.close()


class Side(asyncio.Protocol):
    """One of the two sockets."""

    def __init__(self, crossing: Crossing, take: Callable[[bytes], object]) -> None:
        self._crossing = crossing
        self._take = take
        self.transport: asyncio.Transport
        self.is_open = False
        self._is_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(UNREAD_BYTES_MAX)
        self.is_open = True
        self._is_tls = transport.get_extra_info("sslcontext") is not None
        self._crossing.begins(self)

    def data_received(self, data: bytes) -> None:
        self._crossing.takes(self._take, data)

    def eof_received(self) -> bool:
        self._crossing.finished(self)
        # TLS cannot be closed on one side alone.
        return not self._is_tls

    def pause_writing(self) -> None:
        self._crossing.waits(self, is_full=True)

    def resume_writing(self) -> None:
        self._crossing.waits(self, is_full=False)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.is_open = False
        self._crossing.ended()


def _certified(certificate: dict[str, Any] | None) -> str:
    """Give the principal of a certificate, its distinguished name, the last part first (RFC 2253, DefaultKafkaPrincipalBuilder)."""
    if not certificate:
        return ANONYMOUS
    parts = [f"{_SHORT.get(name, name)}={value}" for part in certificate["subject"] for name, value in part]
    return f"User:{','.join(reversed(parts))}"


_SHORT = {
    "commonName": "CN",
    "organizationalUnitName": "OU",
    "organizationName": "O",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "countryName": "C",
}


SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
