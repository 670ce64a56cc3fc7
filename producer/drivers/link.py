"""One connection on an asyncio transport; the counterpart of the sockets of `sockets.py`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

from producer.drivers.carrier import RECEIVE_BYTES, say
from producer.drivers.connection import ENDING_US_MAX, Connection, ConnectionState, Owner

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

PIECE_BYTES = 1 << 18
"""About what a socket takes at once: a transport copies what it keeps, so it is given no more than that ahead."""


class LinkOwner(Owner, Protocol):
    """Who is told, in an event loop."""

    def begin(self, link: Link, /) -> None:
        """The connection is there."""

    def amid(self, call: Callable[..., object], /, *given: object) -> None:
        """Do something in which nobody may call the machine's owner: whatever asyncio calls."""

    def call_later(self, after_us: int, call: Callable[..., object], /, *given: object) -> asyncio.TimerHandle:
        """Call after so many microseconds."""


class Link(Connection, asyncio.Protocol):
    """One connection on asyncio's transport, which keeps at most a piece that the socket has not taken yet."""

    def __init__(self, driver: LinkOwner, number: int, host: str) -> None:
        super().__init__(driver, number, host)
        self._driver = driver
        self.attempt: asyncio.Task[None] | None = None
        """Resolves the name and connects; None once that is over."""
        self.socket: socket.socket | None = None
        """The transport's own."""
        self._outgoing: deque[memoryview] = deque()
        """What the transport was not given yet, as it was handed in."""
        self._transport: asyncio.WriteTransport | None = None
        self._patience: asyncio.TimerHandle | None = None

    # -- what asyncio calls ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._driver.amid(self._begin_on, transport)

    def _begin_on(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.attempt = None
        if self.state is ConnectionState.GONE:
            # It was given up while asyncio made it.
            transport.abort()
            return
        self._transport = transport
        # It is full as long as the socket has not taken everything: `resume_writing` says when it has.
        transport.set_write_buffer_limits(0)
        self._driver.begin(self)

    def resume_writing(self) -> None:
        """The socket has taken everything that the transport had."""
        self._driver.amid(self._go_on)

    def _go_on(self) -> None:
        self._pour()
        self._say_that_it_is_all()
        self.take()

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        self._driver.amid(self.receive, data)

    def eof_received(self) -> None:
        """The peer sends no more."""
        self._driver.amid(self.close_by_peer)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._driver.amid(self._end_with, exc)

    def _end_with(self, exc: Exception | None) -> None:
        if exc is not None:
            self.fail(say(exc))
        elif self.state is not ConnectionState.GONE:
            self.close_by_peer()

    # -- what carries its bytes --------------------------------------------------------------------------------------

    def _push(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._outgoing.append(memoryview(data))
            self._pour()

    def _pour(self) -> None:
        """Give the transport what the socket takes, and one piece more, which brings `resume_writing` about."""
        while self._outgoing and self._has_room:
            first = self._outgoing.popleft()
            if len(first) > PIECE_BYTES:
                self._outgoing.appendleft(first[PIECE_BYTES:])
            assert self._transport is not None, "there is no room without one"
            self._transport.write(first[:PIECE_BYTES])

    @property
    def _has_room(self) -> bool:
        # One that broke while it was written to has thrown away what was to be sent, and tells of it later.
        transport = self._transport
        return transport is not None and not transport.is_closing() and not transport.get_write_buffer_size()

    @property
    def _is_all_taken(self) -> bool:
        return not self._outgoing and self._has_room

    def _finish(self) -> None:
        self._patience = self._driver.call_later(ENDING_US_MAX, self.give_up)
        self._say_that_it_is_all()

    def _say_that_it_is_all(self) -> None:
        if self.state is not ConnectionState.ENDING or self._outgoing:
            return
        assert self._transport is not None, "one that is ending has a transport"
        try:
            self._transport.write_eof()
        except OSError:
            # The peer has ended it already, and nobody reads what we have still to say.
            self.give_up()
        else:
            # The transport ends our side once the socket took everything.
            self.sent_all()

    def _drop(self) -> None:
        if self.attempt is not None:
            self.attempt.cancel()
            self.attempt = None
        if self._patience is not None:
            self._patience.cancel()
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _unread(self) -> bytes:
        if self.socket is None:
            raise BlockingIOError
        return self.socket.recv(RECEIVE_BYTES)
