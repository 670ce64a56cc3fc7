"""The sockets of a served cluster: a port for each broker, and the connections of its clients.

What happens on them is handed in as inputs; what the world says of a connection is done to it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple, cast

from sim.serve.certificates import distinguished_name
from sim.serve.inputs import REGISTRY, Connected, Drained, Ended, Filled, Input, Received
from sim.serve.port import Port
from sim.world.network import HostState, SocketBuffers

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from sim.world.network import Host

LISTENER_STEP = 100
"""From the first port of one of the cluster's listeners to the first of the next."""
UNREAD_BYTES_MAX = 131_072
"""How much of an answer waits here for a client that does not read, beside what its socket has taken."""
_NO_LINGER = struct.pack("ii", 1, 0)


class _Door(NamedTuple):
    """One port: whose it is, and for which of the cluster's listeners."""

    listener: int
    broker: int
    """`REGISTRY` for the schema registry."""


_REGISTRY = _Door(0, REGISTRY)


class Front:
    """The ports of every broker. Once `give` is set, everything that happens on them goes there."""

    def __init__(
        self,
        host: str,
        port: int,
        brokers: int,
        registry_port: int | None = None,
        tls: Sequence[ssl.SSLContext | None] = (None,),
    ) -> None:
        """Take a port for each broker: `port`, the next one and so on; 0 for any that are free. None: there is no registry.

        `tls` has an entry for each of the cluster's listeners; the second's ports begin `LISTENER_STEP` above the first's.
        Raises OSError, its `filename` the port that is not free.
        """
        self._host = host
        self._ports: dict[_Door, Port] = {}
        self._clients: dict[int, _Client] = {}
        self._last_number = 0
        self._is_given_back = False
        self._nobody_is_here = asyncio.Event()
        self._nobody_is_here.set()
        self.give: Callable[[Input], object] = _nobody
        self.buffers = SocketBuffers()
        """Of every client's socket, as brokers set them (socket.send.buffer.bytes, socket.receive.buffer.bytes)."""
        try:
            for listener, context in enumerate(tls):
                for broker in range(1, brokers + 1):
                    wanted = port and port + listener * LISTENER_STEP + broker - 1
                    self._take_port(_Door(listener, broker), wanted, context)
            if registry_port is not None:
                self._take_port(_REGISTRY, registry_port, None)
        except OSError:
            self.give_back()
            raise

    def _take_port(self, door: _Door, port: int, tls: ssl.SSLContext | None) -> None:
        self._ports[door] = Port(self._host, port, lambda: _Client(self, door), tls)

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where each broker listens, in their order: by the first of the cluster's listeners, then by the second."""
        brokers = (port for door, port in self._ports.items() if door != _REGISTRY)
        return tuple((self._host, port.number) for port in brokers)

    @property
    def registry_address(self) -> tuple[str, int] | None:
        """Where the schema registry listens; None without one."""
        port = self._ports.get(_REGISTRY)
        return None if port is None else (self._host, port.number)

    def follow(self, hosts: Mapping[int, Host]) -> None:
        """Listen for whoever listens in the simulated network, and refuse clients of the others.

        A machine without power answers nobody, not even with a refusal: its kernel is ours, so its clients are accepted and
        wait in vain. A paused process has a kernel that accepts. `hosts` has every broker's by its number, and the registry's.
        """
        for door, port in self._ports.items():
            host = hosts[door.broker]
            is_wanted = host.on_connection is not None or host.state is HostState.OFF
            if is_wanted and not port.is_open:
                port.open()
            elif port.is_open and not is_wanted:
                port.close()

    def give_back(self) -> None:
        """Close everything."""
        self._is_given_back = True
        for port in self._ports.values():
            port.give_back()
        for client in tuple(self._clients.values()):
            client.transport.abort()

    async def emptied(self) -> None:
        """Wait, after `give_back`, for the last connection's end, and until nobody is half way in."""
        for port in self._ports.values():
            await port.emptied()
        await self._nobody_is_here.wait()

    # -- what clients do -----------------------------------------------------------------------------------------------

    def admit(self, client: _Client) -> int:
        """A client connected. Gives the connection's number."""
        self._last_number += 1
        self._clients[self._last_number] = client
        self._nobody_is_here.clear()
        if self._is_given_back:
            client.transport.abort()
        return self._last_number

    def dismiss(self, number: int) -> None:
        """A connection's socket is closed."""
        del self._clients[number]
        if not self._clients:
            self._nobody_is_here.set()

    # -- what the world says (`gate.Outside`) --------------------------------------------------------------------------

    def write(self, connection: int, data: bytes) -> None:
        client = self._clients.get(connection)
        # The world works on for a client that is gone until it hears of it: that is no reason to complain.
        if client is not None and not client.transport.is_closing():
            client.transport.write(data)

    def hold(self, connection: int) -> None:
        client = self._clients.get(connection)
        if client is not None and not client.has_finished:
            client.transport.pause_reading()

    def go_on(self, connection: int) -> None:
        client = self._clients.get(connection)
        if client is not None and not client.has_finished and not client.transport.is_closing():
            client.transport.resume_reading()

    def end(self, connection: int, *, is_reset: bool) -> None:
        client = self._clients.get(connection)
        if client is not None:
            client.end(is_reset=is_reset)


class _Client(asyncio.Protocol):
    """One client's socket."""

    def __init__(self, front: Front, door: _Door) -> None:
        self._front = front
        self._door = door
        self._is_over = False
        self._has_tls = False
        self._number = 0
        self.has_finished = False
        """Whether it has closed its side of the connection, and sends no more."""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(UNREAD_BYTES_MAX)
        client: socket.socket = transport.get_extra_info("socket")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._front.buffers.send_bytes)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._front.buffers.receive_bytes)
        self._number = self._front.admit(self)
        address = transport.get_extra_info("peername")[0]
        listener, broker = self._door
        encrypted = transport.get_extra_info("ssl_object")
        self._has_tls = encrypted is not None
        shown = distinguished_name(encrypted.getpeercert(binary_form=True)) if self._has_tls else ""
        self._front.give(Connected(self._number, address, broker, listener, shown))

    def data_received(self, data: bytes) -> None:
        if not self._is_over:
            self._front.give(Received(self._number, data))

    def eof_received(self) -> bool:
        # Whoever closed only this side still reads: the broker answers what it has read, and then closes the other one.
        self.has_finished = True
        if not self._is_over:
            self._front.give(Ended(self._number, is_reset=False))
        # TLS ends both sides at once.
        return not self._is_over and not self._has_tls

    def pause_writing(self) -> None:
        self._front.give(Filled(self._number))

    def resume_writing(self) -> None:
        self._front.give(Drained(self._number))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_over:
            self._is_over = True
            self._front.give(Ended(self._number, is_reset=exc is not None or self.has_finished))
        self._front.dismiss(self._number)

    def end(self, *, is_reset: bool) -> None:
        """The broker's end is closed, or broken."""
        self._is_over = True
        if is_reset:
            # What is closed without lingering is reset, and what was not sent goes with it.
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.transport.abort()
        else:
            self.transport.close()


def _nobody(_: Input) -> None:
    return None
