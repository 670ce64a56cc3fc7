"""Real sockets and the real clock for anything that is `Driven`: one selector, no thread of its own."""

from __future__ import annotations

import os
import selectors
import socket
import time
from contextlib import nullcontext, suppress
from enum import Enum
from typing import TYPE_CHECKING

from producer.commands import Connect, Disconnect, Driven, Write

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

RECEIVE_BYTES = 1 << 18
WAIT_US_MAX = 60_000_000
"""The longest sleep in the selector; deadlines may lie far beyond what it takes."""
LAST_WORDS_US_MAX = 1_000_000
"""How long `close` waits for peers to take what was written and to end their side."""

KEEP_DEFAULT = -1
"""Kafka's word for leaving a socket buffer as the operating system made it."""


def now_us() -> int:
    """The driver's clock: monotonic microseconds."""
    return time.monotonic_ns() // 1_000


class ConnectionState(Enum):
    CONNECTING = "connecting"
    OPEN = "open"
    ENDING = "ending"
    """The machine wants it closed, but what was written before still leaves: with acks=0 nobody asks again."""
    ENDED = "ended"
    """All is sent, and said to be all. The socket is closed when the peer ends its side: closing one with unread bytes
    resets the connection, and a reset destroys what the peer has not read yet."""


class Connection:
    """One socket, connecting or connected, and the bytes that it has not taken yet."""

    __slots__ = ("addresses", "number", "outgoing", "socket", "state")

    def __init__(self, number: int, addresses: list[tuple[socket.AddressFamily, tuple[str, int]]]) -> None:
        self.number = number
        self.addresses = addresses
        """Those still to be tried."""
        self.socket: socket.socket | None = None
        self.state = ConnectionState.CONNECTING
        self.outgoing = bytearray()


class SocketDriver:
    """Carries out commands on sockets, and reports back. `poll` is called by one thread only; `wake` by any.

    `lock` is held whenever the machine is called, and never while waiting.
    """

    def __init__(
        self,
        machine: Driven,
        *,
        lock: AbstractContextManager[object] | None = None,
        send_buffer_bytes: int = KEEP_DEFAULT,
        receive_buffer_bytes: int = KEEP_DEFAULT,
    ) -> None:
        self._machine = machine
        self._lock = lock if lock is not None else nullcontext()
        self._send_buffer_bytes = send_buffer_bytes
        self._receive_buffer_bytes = receive_buffer_bytes
        self._connections: dict[int, Connection] = {}
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self.sleeps_until_us = 0
        """Until when `poll` waits; whoever brings the machine's deadline forward of it calls `wake`. 0: it is awake."""

    def poll(self, timeout_us: int | None = None) -> None:
        """Carry out commands, wait for sockets, the machine's deadline or `timeout_us`, and report what happened."""
        self._carry_out()
        with self._lock:
            now = now_us()
            until_us = min(self._machine.deadline_us, now + (WAIT_US_MAX if timeout_us is None else timeout_us))
            self.sleeps_until_us = until_us
        ready = self._selector.select(max(0, until_us - now) / 1e6)
        self.sleeps_until_us = 0
        for key, events in ready:
            connection = key.data
            if connection is None:
                with suppress(BlockingIOError):
                    self._woken.recv(RECEIVE_BYTES)
            else:
                self._serve(connection, events)
        with self._lock:
            now = now_us()
            if now >= self._machine.deadline_us:
                self._machine.timer_fired(now)
        self._carry_out()

    def wake(self) -> None:
        """End the wait of `poll`, from any thread."""
        with suppress(BlockingIOError):
            self._waker.send(b"\0")

    def close(self) -> None:
        """Close every socket, once it took what was written. The driver is of no use afterwards."""
        self._carry_out()
        until_us = now_us() + LAST_WORDS_US_MAX
        for connection in list(self._connections.values()):
            self._end(connection)
        while self._connections and now_us() < until_us:
            for key, events in self._selector.select((until_us - now_us()) / 1e6):
                if key.data is not None:
                    self._serve(key.data, events)
        for connection in list(self._connections.values()):
            self._forget(connection)
        self._selector.close()
        self._waker.close()
        self._woken.close()

    def _carry_out(self) -> None:
        while True:
            with self._lock:
                commands = self._machine.take_commands()
            if not commands:
                return
            for command in commands:
                if isinstance(command, Write):
                    connection = self._connections.get(command.connection)
                    if connection is not None:
                        self._write(connection, command.data)
                elif isinstance(command, Connect):
                    self._connect(command)
                elif isinstance(command, Disconnect):
                    connection = self._connections.get(command.connection)
                    if connection is not None:
                        self._end(connection)

    # -- connecting --------------------------------------------------------------------------------------------------

    def _connect(self, command: Connect) -> None:
        try:
            found = socket.getaddrinfo(command.host, command.port, type=socket.SOCK_STREAM)
        except OSError as error:
            self._report_lost(command.connection, f"{command.host}: {error.strerror or error}")
            return
        addresses = [(family, address[:2]) for family, _, _, _, address in found]
        connection = Connection(command.connection, addresses)  # type: ignore[arg-type]
        self._connections[command.connection] = connection
        self._try_next(connection, "no address")

    def _try_next(self, connection: Connection, reason: str) -> None:
        while connection.addresses:
            family, address = connection.addresses.pop(0)
            one = socket.socket(family, socket.SOCK_STREAM)
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._send_buffer_bytes != KEEP_DEFAULT:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer_bytes)
            if self._receive_buffer_bytes != KEEP_DEFAULT:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer_bytes)
            try:
                one.connect(address)
            except BlockingIOError:
                pass
            except OSError as error:
                one.close()
                reason = error.strerror or str(error)
                continue
            connection.socket = one
            self._selector.register(one, selectors.EVENT_WRITE, connection)
            return
        self._forget(connection)
        self._report_lost(connection.number, reason)

    def _finish_connecting(self, connection: Connection) -> None:
        assert connection.socket is not None
        code = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            connection.socket = None
            self._try_next(connection, os.strerror(code))
            return
        connection.state = ConnectionState.OPEN
        self._selector.modify(connection.socket, selectors.EVENT_READ, connection)
        with self._lock:
            self._machine.connected(connection.number, now_us())

    # -- traffic -----------------------------------------------------------------------------------------------------

    def _serve(self, connection: Connection, events: int) -> None:
        if connection.socket is None:
            return
        if connection.state is ConnectionState.CONNECTING:
            self._finish_connecting(connection)
            return
        if events & selectors.EVENT_WRITE:
            self._write(connection, b"")
        if events & selectors.EVENT_READ and connection.socket is not None:
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        assert connection.socket is not None
        try:
            data = connection.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(connection, error.strerror or str(error))
            return
        if not data:
            self._lose(connection, "closed by peer")
            return
        if connection.state is not ConnectionState.OPEN:
            return
        with self._lock:
            self._machine.bytes_received(connection.number, data, now_us())

    def _write(self, connection: Connection, data: bytes) -> None:
        if connection.socket is None:
            return
        if connection.outgoing:
            connection.outgoing += data
            data = bytes(connection.outgoing)
            connection.outgoing.clear()
        try:
            sent = connection.socket.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(connection, error.strerror or str(error))
            return
        if sent < len(data):
            connection.outgoing += memoryview(data)[sent:]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.outgoing else 0)
        if self._selector.get_key(connection.socket).events != wanted:
            self._selector.modify(connection.socket, wanted, connection)
        if connection.state is ConnectionState.ENDING and not connection.outgoing:
            connection.state = ConnectionState.ENDED
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_WR)

    def _end(self, connection: Connection) -> None:
        """Send what is still to be sent, say that this is all, and wait for the peer to end its side."""
        if connection.state is ConnectionState.CONNECTING:
            self._forget(connection)
        elif connection.state is ConnectionState.OPEN:
            connection.state = ConnectionState.ENDING
            self._write(connection, b"")

    def _lose(self, connection: Connection, reason: str) -> None:
        self._forget(connection)
        self._report_lost(connection.number, reason)

    def _report_lost(self, number: int, reason: str) -> None:
        # One that the machine itself ended is news to nobody: it ignores a number it does not know.
        with self._lock:
            self._machine.disconnected(number, reason, now_us())

    def _forget(self, connection: Connection) -> None:
        self._connections.pop(connection.number, None)
        if connection.socket is not None:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            connection.socket = None
