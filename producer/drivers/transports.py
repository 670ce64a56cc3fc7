"""Asyncio transports for anything that is `Driven`: no thread, one armed timer; the counterpart of `sockets.py`."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, assert_never

from producer.commands import AskToken, Connect, Disconnect, Driven, Write
from producer.drivers.sockets import KEEP_DEFAULT, LAST_WORDS_US_MAX, WAIT_US_MAX, now_us
from producer.drivers.tls import TlsChannel, TlsRefusedError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from producer.drivers.tokens import Given, TokenSource


ENDING_S_MAX = 30
"""How long a peer may take to end its side of a connection that we ended."""

LATE_US = 50_000
"""A timer that rings later than this says that the loop was busy, and not only with us."""


class Link(asyncio.Protocol):
    """One connection, from the wish for it to its end."""

    def __init__(self, driver: TransportDriver, number: int, host: str) -> None:
        self._driver = driver
        self._host = host
        self._tls: TlsChannel | None = None
        self.number = number
        self.attempt: asyncio.Task[None] | None = None
        """Resolves the name and connects; None once that is over."""
        self.transport: asyncio.WriteTransport | None = None
        self._is_ending = False
        self._patience: asyncio.TimerHandle | None = None
        self.is_up = False
        """Connected, and with TLS so that bytes of the protocol can pass."""

    def write(self, data: bytes) -> None:
        """Send bytes of the protocol, if the connection is up."""
        if self.transport is None or not self.is_up:
            return
        if self._tls is None:
            self.transport.write(data)
        else:
            self._tls.send(data)
            self.transport.write(self._tls.take_outgoing())

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the connection once it took what was written, and the peer ended its side.

        Closing a socket with unread bytes resets the connection, and a reset destroys what the peer has not read yet.
        """
        assert self.transport is not None, "a connection that is not there ends with its attempt"
        self._is_ending = True
        if not self.is_up:
            self.transport.close()
            return
        if self._tls is not None:
            self.transport.write(self._tls.farewell())
        try:
            self.transport.write_eof()
        except OSError:
            # The peer has ended it already, and nobody reads what we have still to say.
            self.transport.abort()
        else:
            self._patience = loop.call_later(ENDING_S_MAX, self.transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio says that the connection is up."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.attempt = None
        context = self._driver.tls
        if context is None:
            self.is_up = True
            self._driver.link_is_up(self)
            return
        try:
            self._tls = TlsChannel(context, self._host)
        except TlsRefusedError as error:
            self._driver.link_is_refused(self, str(error))
            return
        transport.write(self._tls.take_outgoing())

    def data_received(self, data: bytes) -> None:
        """Asyncio hands over what came in."""
        if self._is_ending:
            return
        if self._tls is not None:
            self._received_tls(self._tls, data)
        else:
            self._driver.link_received(self, data)

    def _received_tls(self, tls: TlsChannel, data: bytes) -> None:
        had_read = tls.has_read
        refusal = None
        plaintext = b""
        try:
            plaintext = tls.receive(data)
        except TlsRefusedError as error:
            refusal = str(error)
        if self.transport is not None:
            # What the peer is to hear of it, too.
            self.transport.write(tls.take_outgoing())
        if refusal is not None:
            # Once it has spoken to us, it trusts us: what comes then is a broken connection.
            (self._driver.link_is_broken if had_read else self._driver.link_is_refused)(self, refusal)
            return
        if tls.is_open and not self.is_up:
            self.is_up = True
            self._driver.link_is_up(self)
        if plaintext:
            self._driver.link_received(self, plaintext)
        if tls.is_over and self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio says that the connection ended, by whichever side."""
        self.transport = None
        if self._patience is not None:
            self._patience.cancel()
        by_peer = "closed by peer" if self.is_up else "closed by peer in the TLS handshake"
        self._driver.link_is_lost(self, by_peer if exc is None else say(exc))


class TransportDriver:
    """Carries out commands on asyncio transports, and reports back. Made, and used, within one running loop.

    `settled` is called whenever the machine may have something to say; `crashed` with what the machine itself raised,
    which is a bug: nothing is driven any more then.
    """

    def __init__(
        self,
        machine: Driven,
        *,
        settled: Callable[[], object],
        crashed: Callable[[Exception], object],
        send_buffer_bytes: int = KEEP_DEFAULT,
        receive_buffer_bytes: int = KEEP_DEFAULT,
        tls: ssl.SSLContext | None = None,
        tokens: TokenSource | None = None,
    ) -> None:
        """With `tls`, every connection is encrypted; `tokens` gives the OAuth tokens that a machine may ask for."""
        self.tls = tls
        self._tokens = tokens
        self._machine = machine
        self._settled = settled
        self._crashed = crashed
        self._send_buffer_bytes = send_buffer_bytes
        self._receive_buffer_bytes = receive_buffer_bytes
        self._loop = asyncio.get_running_loop()
        self._links: dict[int, Link] = {}
        self._ending: dict[int, Link] = {}
        """Closed for the machine; what was written before still leaves."""
        self._ended: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._armed_us = 0
        """When the timer rings; 0: it is not armed."""
        self._is_over = False

    # -- what the owner calls ----------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Carry out what the machine wants, tell the owner, and see to it that the machine's deadline is kept."""
        if self._is_over:
            return
        self._carry_out()
        self._settled()
        self.arm()

    def arm(self) -> None:
        """See to it that the machine's deadline is kept; cheap when it has not come nearer."""
        deadline_us = self._machine.deadline_us
        if self._armed_us and deadline_us >= self._armed_us:
            # It rings too early at worst, and is armed again then.
            return
        if self._is_over:
            return
        now = now_us()
        until_us = min(deadline_us, now + WAIT_US_MAX)
        if self._timer is not None:
            self._timer.cancel()
        self._armed_us = until_us
        self._timer = self._loop.call_later(max(0, until_us - now) / 1e6, self._ring)

    def stop(self) -> None:
        """Drive no more: end the attempts to connect and the timer. What was written may still leave: `ended`."""
        self._carry_out()
        self._halt()

    def disown(self) -> None:
        """Drive no more, and write nothing: loop and connections belong to the process that this one was forked from."""
        self._is_over = True

    async def ended(self) -> None:
        """Wait until every connection took its last words, for a second at most. Call `stop` before."""
        if self._ending:
            self._ended = self._loop.create_future()
            try:
                await asyncio.wait((self._ended,), timeout=LAST_WORDS_US_MAX / 1e6)
            finally:
                for link in list(self._ending.values()):
                    assert link.transport is not None
                    link.transport.abort()
                # Asyncio tells a protocol of its end in the loop's next round.
                await asyncio.sleep(0)

    # -- what links report -------------------------------------------------------------------------------------------

    def link_is_up(self, link: Link) -> None:
        """Asyncio made the connection."""
        if link.number in self._links:
            self._tell(lambda: self._machine.connected(link.number, now_us()))
        else:
            self._end(link)

    def link_received(self, link: Link, data: bytes) -> None:
        """Bytes came in."""
        if link.number in self._links:
            self._tell(lambda: self._machine.bytes_received(link.number, data, now_us()))

    def link_is_refused(self, link: Link, reason: str) -> None:
        """The two sides do not trust each other."""
        if link.number in self._links:
            self._end(link)
            self._tell(lambda: self._machine.refused(link.number, reason, now_us()))

    def link_is_broken(self, link: Link, reason: str) -> None:
        """What the peer sends makes no sense any more."""
        if link.number in self._links:
            self._end(link)
            self._tell(lambda: self._machine.disconnected(link.number, reason, now_us()))

    def link_is_lost(self, link: Link, reason: str) -> None:
        """The connection could not be had, or ended."""
        if self._ending.pop(link.number, None) is not None:
            if not self._ending and self._ended is not None and not self._ended.done():
                self._ended.set_result(None)
        elif self._links.pop(link.number, None) is not None:
            self._tell(lambda: self._machine.disconnected(link.number, reason, now_us()))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _ring(self) -> None:
        due_us, self._armed_us = self._armed_us, 0
        self._timer = None
        now = now_us()
        if now < self._machine.deadline_us:
            self.arm()
        elif now - due_us > LATE_US:
            # The loop was busy, perhaps in the very round that rings. A timer that is due now runs in the next one, behind
            # what was received until then, as `Driven` wants it.
            self._armed_us = due_us
            self._timer = self._loop.call_later(0, self._ring_late)
        else:
            self._tell(lambda: self._machine.timer_fired(now_us()))

    def _ring_late(self) -> None:
        self._armed_us = 0
        self._timer = None
        self._tell(lambda: self._machine.timer_fired(now_us()))

    def _tell(self, report: Callable[[], None]) -> None:
        if self._is_over:
            return
        try:
            report()
            self.settle()
        except Exception as crash:  # the machine's own bug: whoever waits must hear of it
            self._halt()
            self._crashed(crash)
            raise

    def _halt(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        for link in list(self._links.values()):
            self._end(link)

    def _carry_out(self) -> None:
        while True:
            commands = self._machine.take_commands()
            if not commands:
                return
            for command in commands:
                if isinstance(command, Connect):
                    link = self._links[command.connection] = Link(self, command.connection, command.host)
                    link.attempt = self._loop.create_task(self._connect(link, command))
                    continue
                found = self._links.get(command.connection)
                if found is None:
                    continue
                match command:
                    case Write(data=data):
                        found.write(data)
                    case Disconnect():
                        self._end(found)
                    case AskToken():
                        self._ask_token(found)
                    case _:
                        assert_never(command)

    def _end(self, link: Link) -> None:
        self._links.pop(link.number, None)
        if link.attempt is not None:
            link.attempt.cancel()
            link.attempt = None
        if link.transport is not None:
            self._ending[link.number] = link
            link.close(self._loop)

    def _ask_token(self, link: Link) -> None:
        assert self._tokens is not None, "a token is asked for by those only that were given a source of them"

        def give(given: Given) -> None:
            # On a thread of the source's own, perhaps when the loop is no more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._pass_token_on, link, given)

        self._tokens.ask(give)

    def _pass_token_on(self, link: Link, given: Given) -> None:
        if not given.token:
            self.link_is_refused(link, given.problem)
        elif link.number in self._links:
            self._tell(lambda: self._machine.token_given(link.number, given.token, now_us()))

    async def _connect(self, link: Link, command: Connect) -> None:
        try:
            found = await self._loop.getaddrinfo(command.host, command.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:  # what is no host's name fails before it is looked up
            self.link_is_lost(link, f"{command.host}: {say(error)}")
            return
        reason = "no address"
        for family, _, _, _, address in found:
            try:
                one = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:  # too many open files, perhaps
                reason = say(error)
                continue
            try:
                self._prepare(one)
                await self._loop.sock_connect(one, address)
                await self._loop.create_connection(lambda: link, sock=one)
            except OSError as error:
                one.close()
                reason = say(error)
            except BaseException:
                one.close()
                raise
            else:
                return
        self.link_is_lost(link, reason)

    def _prepare(self, one: socket.socket) -> None:
        one.setblocking(False)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._send_buffer_bytes != KEEP_DEFAULT:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer_bytes)
        if self._receive_buffer_bytes != KEEP_DEFAULT:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer_bytes)


def say(error: Exception) -> str:
    """Give the operating system's words for an error; asyncio puts its own around them."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)
