"""Real sockets and the real clock for anything that is `Driven`: one selector, no thread of its own."""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections import deque
from contextlib import nullcontext, suppress
from enum import Enum
from typing import TYPE_CHECKING

from producer.commands import AskToken, Connect, Disconnect, Driven, Write
from producer.drivers.tls import TlsChannel, TlsRefusedError
from producer.transitions import move

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from producer.drivers.tokens import Given, TokenSource

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
    SECURING = "securing"
    """The TLS handshake is under way."""
    OPEN = "open"
    ENDING = "ending"
    """The machine wants it closed, but what was written before still leaves: with acks=0 nobody asks again."""
    ENDED = "ended"
    """All is sent, and said to be all. The socket is closed when the peer ends its side: closing one with unread bytes
    resets the connection, and a reset destroys what the peer has not read yet."""


class ConnectionInput(Enum):
    SECURE = "secure"
    OPEN = "open"
    END = "end"
    SENT = "sent"


# One that is lost, or given up before it is open, is forgotten instead.
TRANSITIONS: dict[tuple[ConnectionState, ConnectionInput], ConnectionState] = {
    (ConnectionState.CONNECTING, ConnectionInput.SECURE): ConnectionState.SECURING,
    (ConnectionState.CONNECTING, ConnectionInput.OPEN): ConnectionState.OPEN,
    (ConnectionState.SECURING, ConnectionInput.OPEN): ConnectionState.OPEN,
    (ConnectionState.OPEN, ConnectionInput.END): ConnectionState.ENDING,
    (ConnectionState.ENDING, ConnectionInput.SENT): ConnectionState.ENDED,
}


class Connection:
    """One socket, connecting or connected, and the bytes that it has not taken yet."""

    __slots__ = ("addresses", "host", "number", "outgoing", "socket", "state", "tls")

    def __init__(self, number: int, host: str, addresses: list[tuple[socket.AddressFamily, tuple[str, int]]]) -> None:
        self.number = number
        self.host = host
        """The name that the peer's certificate must be for."""
        self.addresses = addresses
        """Those still to be tried."""
        self.socket: socket.socket | None = None
        self.state = ConnectionState.CONNECTING
        self.tls: TlsChannel | None = None
        self.outgoing = bytearray()

    def feed(self, given: ConnectionInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"connection {self.number} to {self.host}")


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
        tls: ssl.SSLContext | None = None,
        tokens: TokenSource | None = None,
        polled: Callable[[int, int, int], object] | None = None,
        secured: Callable[[int, str, str], object] | None = None,
    ) -> None:
        """With `tls`, every connection is encrypted; `tokens` gives the OAuth tokens that a machine may ask for.

        `polled` is told after each look at the sockets: microseconds waited, microseconds of work, the time; `secured`
        after each TLS handshake: the connection, cipher and protocol.
        """
        self._machine = machine
        self._lock = lock if lock is not None else nullcontext()
        self._send_buffer_bytes = send_buffer_bytes
        self._receive_buffer_bytes = receive_buffer_bytes
        self._tls = tls
        self._tokens = tokens
        self._tokens_given: deque[tuple[int, Given]] = deque()
        """By connection; other threads append."""
        self._polled = polled
        self._secured = secured
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
        woken_us = now_us()
        waited_us = woken_us - now
        for key, events in ready:
            connection = key.data
            if connection is None:
                with suppress(BlockingIOError):
                    self._woken.recv(RECEIVE_BYTES)
            else:
                self._serve(connection, events)
        self._pass_tokens_on()
        with self._lock:
            now = now_us()
            if now >= self._machine.deadline_us:
                self._machine.timer_fired(now)
        self._carry_out()
        if self._polled is not None:
            with self._lock:
                now = now_us()
                self._polled(waited_us, now - woken_us, now)

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

    def disown(self) -> None:
        """Close this process's copies of the sockets, and write nothing: they belong to the process it was forked from.

        Not by way of the selector: epoll is shared, and what is unregistered here would be unregistered there.
        """
        for connection in self._connections.values():
            if connection.socket is not None:
                connection.socket.close()
        self._connections.clear()
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
                elif isinstance(command, AskToken):
                    self._ask_token(command.connection)

    # -- connecting --------------------------------------------------------------------------------------------------

    def _connect(self, command: Connect) -> None:
        try:
            found = socket.getaddrinfo(command.host, command.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:  # a broker may call itself what is no host's name: not looked up at all
            self._report_lost(command.connection, f"{command.host}: {getattr(error, 'strerror', None) or error}")
            return
        addresses = [(family, address[:2]) for family, _, _, _, address in found]
        connection = Connection(command.connection, command.host, addresses)  # type: ignore[arg-type]
        self._connections[command.connection] = connection
        self._try_next(connection, "no address")

    def _try_next(self, connection: Connection, reason: str) -> None:
        while connection.addresses:
            family, address = connection.addresses.pop(0)
            try:
                connection.socket = self._begin_connecting(family, address)
            except OSError as error:
                # The address may be bad, or this process have too many open files: another attempt may find it otherwise.
                reason = error.strerror or str(error)
                continue
            self._selector.register(connection.socket, selectors.EVENT_WRITE, connection)
            return
        self._forget(connection)
        self._report_lost(connection.number, reason)

    def _begin_connecting(self, family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
        one = socket.socket(family, socket.SOCK_STREAM)
        try:
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._send_buffer_bytes != KEEP_DEFAULT:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer_bytes)
            if self._receive_buffer_bytes != KEEP_DEFAULT:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer_bytes)
            with suppress(BlockingIOError):
                one.connect(address)
        except BaseException:
            one.close()
            raise
        return one

    def _finish_connecting(self, connection: Connection) -> None:
        assert connection.socket is not None
        code = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            connection.socket = None
            self._try_next(connection, os.strerror(code))
            return
        self._selector.modify(connection.socket, selectors.EVENT_READ, connection)
        if self._tls is None:
            self._open(connection)
            return
        connection.feed(ConnectionInput.SECURE)
        try:
            connection.tls = TlsChannel(self._tls, connection.host)
        except TlsRefusedError as error:
            self._refuse(connection, str(error))
        else:
            self._push(connection, connection.tls.take_outgoing())

    def _open(self, connection: Connection) -> None:
        connection.feed(ConnectionInput.OPEN)
        with self._lock:
            if connection.tls is not None and self._secured is not None:
                self._secured(connection.number, *connection.tls.cipher)
            self._machine.connected(connection.number, now_us())

    def _refuse(self, connection: Connection, reason: str) -> None:
        """The two sides do not trust each other."""
        self._forget(connection)
        with self._lock:
            self._machine.refused(connection.number, reason, now_us())

    def _ask_token(self, number: int) -> None:
        assert self._tokens is not None, "a token is asked for by those only that were given a source of them"

        def give(given: Given) -> None:
            self._tokens_given.append((number, given))
            with suppress(OSError):  # the driver may be closed by now
                self.wake()

        self._tokens.ask(give)

    def _pass_tokens_on(self) -> None:
        while self._tokens_given:
            number, given = self._tokens_given.popleft()
            with self._lock:
                if given.token:
                    self._machine.token_given(number, given.token, now_us())
                else:
                    self._machine.refused(number, given.problem, now_us())

    # -- traffic -----------------------------------------------------------------------------------------------------

    def _serve(self, connection: Connection, events: int) -> None:
        if connection.socket is None:
            return
        if connection.state is ConnectionState.CONNECTING:
            self._finish_connecting(connection)
            return
        if events & selectors.EVENT_WRITE:
            self._push(connection, b"")
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
            is_securing = connection.state is ConnectionState.SECURING
            self._lose(connection, "closed by peer in the TLS handshake" if is_securing else "closed by peer")
            return
        if connection.state not in {ConnectionState.SECURING, ConnectionState.OPEN}:
            return
        if connection.tls is not None:
            self._decrypt(connection, connection.tls, data)
            return
        with self._lock:
            self._machine.bytes_received(connection.number, data, now_us())

    def _decrypt(self, connection: Connection, tls: TlsChannel, data: bytes) -> None:
        had_read = tls.has_read
        try:
            plaintext = tls.receive(data)
        except TlsRefusedError as error:
            # Our side may have to say why it refuses.
            self._push(connection, tls.take_outgoing())
            if connection.socket is None:
                return
            if had_read:
                self._lose(connection, str(error))
            else:
                self._refuse(connection, str(error))
            return
        self._push(connection, tls.take_outgoing())
        if connection.socket is None:
            return
        if connection.state is ConnectionState.SECURING and tls.is_open:
            self._open(connection)
        if plaintext:
            with self._lock:
                self._machine.bytes_received(connection.number, plaintext, now_us())
        if tls.is_over and connection.socket is not None:
            self._lose(connection, "closed by peer")

    def _write(self, connection: Connection, data: bytes) -> None:
        """Send what the machine wants sent."""
        if connection.tls is not None and connection.state is ConnectionState.OPEN:
            connection.tls.send(data)
            data = connection.tls.take_outgoing()
        self._push(connection, data)

    def _push(self, connection: Connection, data: bytes) -> None:
        """Send bytes as they are, behind those that the socket has not taken yet."""
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
            self._lose_writing(connection, error.strerror or str(error))
            return
        if sent < len(data):
            connection.outgoing += memoryview(data)[sent:]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.outgoing else 0)
        if self._selector.get_key(connection.socket).events != wanted:
            self._selector.modify(connection.socket, wanted, connection)
        if connection.state is ConnectionState.ENDING and not connection.outgoing:
            connection.feed(ConnectionInput.SENT)
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_WR)

    def _end(self, connection: Connection) -> None:
        """Send what is still to be sent, say that this is all, and wait for the peer to end its side."""
        if connection.state in {ConnectionState.CONNECTING, ConnectionState.SECURING}:
            self._forget(connection)
        elif connection.state is ConnectionState.OPEN:
            connection.feed(ConnectionInput.END)
            self._push(connection, connection.tls.farewell() if connection.tls is not None else b"")

    def _lose_writing(self, connection: Connection, reason: str) -> None:
        tls = connection.tls
        if tls is not None and not tls.has_read:
            # A server of TLS 1.3 refuses a client after the handshake; why it closed may lie in the socket.
            assert connection.socket is not None
            try:
                tls.receive(connection.socket.recv(RECEIVE_BYTES))
            except TlsRefusedError as error:
                self._refuse(connection, str(error))
                return
            except OSError:
                pass
        self._lose(connection, reason)

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
