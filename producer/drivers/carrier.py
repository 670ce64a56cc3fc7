"""What carries out a machine's commands, on a selector or in an event loop: the same commands, reports and sockets."""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from contextlib import nullcontext
from typing import TYPE_CHECKING, assert_never

from producer.commands import AskToken, Connect, Disconnect, Driven, Write
from producer.drivers.addresses import Addresses
from producer.drivers.clock import now_us
from producer.drivers.connection import Connection, ConnectionState

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from producer.drivers.tokens import Given, TokenSource

RECEIVE_BYTES = 1 << 18
WAIT_US_MAX = 60_000_000
"""The longest sleep; deadlines may lie far beyond what a selector takes."""
LAST_WORDS_US_MAX = 1_000_000
"""How long the end of a driver waits for peers to take what was written and to end their side."""

KEEP_DEFAULT = -1
"""Kafka's word for leaving a socket buffer as the operating system made it."""


class Carrier(ABC):
    """Carries out a machine's commands, and reports back. The machine is called under `lock`, never while waiting.

    Everything that ready sockets have received is handed over before the machine is told that time has come: an answer
    that lies in the socket is no time-out (`producer.commands.Driven`).
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
        secured: Callable[[int, str, str], object] | None = None,
    ) -> None:
        """With `tls`, every connection is encrypted; `tokens` gives the OAuth tokens that a machine may ask for.

        `secured` is told after each TLS handshake: the connection, cipher and protocol.
        """
        self._machine = machine
        self._lock = lock if lock is not None else nullcontext()
        self._send_buffer_bytes = send_buffer_bytes
        self._receive_buffer_bytes = receive_buffer_bytes
        self._tls = tls
        self._tokens = tokens
        self._secured = secured
        self._connections: dict[int, Connection] = {}
        """By their number; those that the machine has ended, too, until they are gone."""
        self._addresses = Addresses()

    # -- what a connection tells -------------------------------------------------------------------------------------

    def is_up(self, connection: Connection) -> None:
        """Tell the machine: bytes of the protocol can pass."""

        def report() -> None:
            cipher = connection.cipher
            if cipher is not None and self._secured is not None:
                self._secured(connection.number, *cipher)
            self._machine.connected(connection.number, now_us())

        self._report(report)

    def is_written(self, connection: Connection) -> None:
        """Tell the machine: what it wanted to hear of was taken by the operating system."""
        self._report(lambda: self._machine.written(connection.number, now_us()))

    def is_given(self, connection: Connection, data: bytes) -> None:
        """Tell the machine: bytes came in."""
        self._report(lambda: self._machine.bytes_received(connection.number, data, now_us()))

    def is_refused(self, connection: Connection, reason: str) -> None:
        """Tell the machine: the two sides do not trust each other."""
        self.is_gone(connection)
        self._report(lambda: self._machine.refused(connection.number, reason, now_us()))

    def is_lost(self, connection: Connection, reason: str) -> None:
        """Tell the machine: the connection could not be had, or ended."""
        self.is_gone(connection)
        self._report(lambda: self._machine.disconnected(connection.number, reason, now_us()))

    def is_gone(self, connection: Connection) -> None:
        """Keep it no longer."""
        self._connections.pop(connection.number, None)

    # -- for those that wait in their own ways -----------------------------------------------------------------------

    def _carry_out(self) -> None:
        while True:
            with self._lock:
                commands = self._machine.take_commands()
            if not commands:
                return
            for command in commands:
                if isinstance(command, Connect):
                    self._connect(command)
                    continue
                connection = self._connections.get(command.connection)
                if connection is None:
                    # It is gone, and the machine has yet to hear of it.
                    continue
                match command:
                    case Write():
                        self._write(connection, command)
                    case Disconnect(is_patient=True):
                        connection.end()
                    case Disconnect():
                        connection.give_up()
                    case AskToken():
                        self._ask_token(connection)
                    case _:
                        assert_never(command)

    def _write(self, connection: Connection, command: Write) -> None:
        connection.write(command.data)
        if command.is_reported and connection.is_taken():
            self._report_amid(lambda: self._machine.written(command.connection, now_us()))

    def _ask_token(self, connection: Connection) -> None:
        assert self._tokens is not None, "a token is asked for by those only that were given a source of them"
        self._tokens.ask(lambda given: self._take_token(connection, given))

    def _pass_token_on(self, connection: Connection, given: Given) -> None:
        number, token = connection.number, given.token
        if connection.state is not ConnectionState.OPEN:
            return
        if token is not None:
            self._report(lambda: self._machine.token_given(number, token, now_us()))
        else:
            self._report(lambda: self._machine.refused(number, given.problem, now_us()))

    def _make_socket(self, family: int) -> socket.socket:
        """Make a socket that does not block. Raises OSError, perhaps for too many open files."""
        one = socket.socket(family, socket.SOCK_STREAM)
        try:
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A peer whose machine went away without a word is found out, though nothing is sent to it (Selector.java).
            one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._send_buffer_bytes != KEEP_DEFAULT:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer_bytes)
            if self._receive_buffer_bytes != KEEP_DEFAULT:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer_bytes)
        except BaseException:
            one.close()
            raise
        return one

    @abstractmethod
    def _connect(self, command: Connect) -> None:
        """Begin to connect."""

    @abstractmethod
    def _take_token(self, connection: Connection, given: Given) -> None:
        """Bring a token, or its lack, to where the machine may be called; runs on any thread, perhaps after the end."""

    @abstractmethod
    def _report(self, report: Callable[[], object]) -> None:
        """Call the machine, and see to what it wants then, now or soon."""

    @abstractmethod
    def _report_amid(self, report: Callable[[], object]) -> None:
        """Do so amid `_carry_out`."""


def say(error: Exception) -> str:
    """Give the operating system's words for an error; asyncio puts its own around them."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)
