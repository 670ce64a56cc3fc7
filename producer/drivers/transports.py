"""Asyncio transports for anything that is `Driven`: no thread, one armed timer; the counterpart of `sockets.py`.

Whatever asyncio calls goes through `TransportDriver.amid`. Nobody may call the machine's owner there, as a signal's handler
or a finaliser would; what the application is told, it is told behind it, where it may call.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from producer.drivers.carrier import LAST_WORDS_US_MAX, WAIT_US_MAX, Carrier, say
from producer.drivers.clock import now_us
from producer.drivers.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.commands import Connect, Driven
    from producer.drivers.connection import Connection
    from producer.drivers.tokens import Given

NEVER_US = 1 << 62
UNSEEN = 0
"""Nobody looked at the sockets: time has come for what needs no look."""


class TransportDriver(Carrier):
    """Carries out commands on asyncio transports, and reports back. Made, and used, within one running loop."""

    def __init__(
        self,
        machine: Driven,
        *,
        settled: Callable[[], object],
        crashed: Callable[[BaseException], object],
        **settings: Any,
    ) -> None:
        """Take the settings of a `Carrier`.

        `settled` is called whenever the machine may have something to say; `crashed` with what was raised amid the machine,
        which is a bug, or comes from a signal's handler: nothing is driven any more then.
        """
        super().__init__(machine, **settings)
        self._settled = settled
        self._crashed = crashed
        self._loop = asyncio.get_running_loop()
        self._all_gone: asyncio.Future[None] | None = None
        self._timer: asyncio.Handle | None = None
        self.rings_us = NEVER_US
        """When the timer rings; sooner deadlines are to be told by `arm`."""
        self._wants_look = False
        """Whether what was due when the machine was told last that time has come still is, until sockets were looked at."""
        self._is_over = False
        self._is_amid = False
        """Whether something here is half done."""
        self._wants_settling = False
        """Whether the machine was told something amid that."""

    # -- what the owner calls ----------------------------------------------------------------------------------------

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that it was made in."""
        return self._loop

    def settle(self) -> None:
        """Carry out what the machine wants, tell the owner, and see to it that the machine's deadline is kept."""
        if self._is_over:
            return
        if self._is_amid:
            self._wants_settling = True
            return
        self._carry_out()
        self._wants_settling = False
        self._settled()
        self.arm()

    def arm(self) -> None:
        """See to it that the machine's deadline is kept; cheap when it has not come nearer."""
        deadline_us = self._machine.deadline_us
        if deadline_us >= self.rings_us:
            # It rings too early at worst, and is armed again then.
            return
        if self._is_over:
            return
        with self._lock:
            self._arm(deadline_us)

    def _arm(self, deadline_us: int) -> None:
        now = now_us()
        until_us = min(deadline_us, now + WAIT_US_MAX)
        if self._timer is not None:
            self._timer.cancel()
        self.rings_us = until_us
        if self._wants_look:
            # After two rounds of the loop, of any make, every socket was looked at.
            self._timer = self._loop.call_soon(self.amid, self._look, now)
        else:
            self._timer = self.call_later(until_us - now, self._ring, UNSEEN)

    def stop(self) -> None:
        """Drive no more: end the attempts to connect and the timer. What was written may still leave: `ended`."""
        with self._lock:
            self._carry_out()
            self._halt()

    def leave(self) -> None:
        """Drive no more, and let nobody wait for it: what does not end by itself in a second is taken away."""
        self.stop()
        for connection in list(self._connections.values()):
            self.call_later(LAST_WORDS_US_MAX, connection.give_up)

    def disown(self) -> None:
        """Drive no more, and write nothing: loop and connections belong to the process that this one was forked from."""
        self._is_over = True

    async def ended(self) -> None:
        """Wait until every connection took its last words, for a second at most. Call `stop` before."""
        is_left = False
        try:
            if self._connections:
                self._all_gone = self._loop.create_future()
                await asyncio.wait((self._all_gone,), timeout=LAST_WORDS_US_MAX / 1e6)
        except GeneratorExit:
            is_left = True
            raise
        finally:
            for connection in list(self._connections.values()):
                self.amid(connection.give_up)
            if not is_left:
                # Asyncio closes a socket in the loop's next round; whoever has left the task comes to none.
                await asyncio.sleep(0)

    # -- what connections call ---------------------------------------------------------------------------------------

    def begin(self, link: Link) -> None:
        """The connection is there."""
        link.begin(self._tls)

    def is_gone(self, connection: Connection) -> None:
        """Keep it no longer."""
        super().is_gone(connection)
        if not self._connections and self._all_gone is not None and not self._all_gone.done():
            self._all_gone.set_result(None)

    def call_later(self, after_us: int, call: Callable[..., object], *given: object) -> asyncio.TimerHandle:
        """Call after so many microseconds."""
        return self._loop.call_later(max(0, after_us) / 1e6, self.amid, call, *given)

    def amid(self, call: Callable[..., object], *given: object) -> None:
        """Do something in which nobody may call the owner, then settle if the machine was told anything."""
        if self._is_amid:
            call(*given)
            return
        try:
            self._shut_in(call, *given)
            if self._wants_settling:
                self.settle()
        except (
            BaseException
        ) as crash:  # the machine's own bug, or from a signal's handler: whoever waits must hear of it
            if not self._is_over:
                self._halt()
                self._crashed(crash)
            raise

    # -- inside ------------------------------------------------------------------------------------------------------

    def _look(self, seen_us: int) -> None:
        self._wants_look = False
        self._timer = self._loop.call_soon(self.amid, self._ring, seen_us)

    def _ring(self, seen_us: int) -> None:
        self.rings_us = NEVER_US
        now = now_us()
        if now < self._machine.deadline_us:
            self.arm()
        else:
            self._report(lambda: self._tell_time(now, seen_us))

    def _tell_time(self, now: int, seen_us: int) -> None:
        self._machine.timer_fired(now, seen_us)
        self._wants_look = self._machine.deadline_us <= now

    def _report(self, report: Callable[[], object]) -> None:
        if self._is_over:
            return
        self._wants_settling = True
        self.amid(report)

    def _carry_out(self) -> None:
        self._shut_in(super()._carry_out)

    def _shut_in(self, call: Callable[..., object], *given: object) -> None:
        with self._lock:
            was_amid, self._is_amid = self._is_amid, True
            try:
                call(*given)
            finally:
                self._is_amid = was_amid

    def _report_amid(self, report: Callable[[], object]) -> None:
        report()

    def _halt(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        for connection in list(self._connections.values()):
            connection.end()

    def _connect(self, command: Connect) -> None:
        link = self._connections[command.connection] = Link(self, command.connection, command.host)
        link.attempt = self._loop.create_task(self._attempt(link, command))

    async def _attempt(self, link: Link, command: Connect) -> None:
        try:
            found = await self._loop.getaddrinfo(command.host, command.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:  # what is no host's name fails before it is looked up
            self._attempt_failed(link, f"{command.host}: {say(error)}")
            return
        reason = "no address"
        for family, *_, address in self._addresses.in_turn(command.host, command.port, found):
            self._addresses.try_next(command.host, command.port, address)
            try:
                one = self._make_socket(family)
            except OSError as error:  # too many open files, perhaps
                reason = say(error)
                continue
            try:
                await self._loop.sock_connect(one, address)
                link.socket = one
                await self._loop.create_connection(lambda: link, sock=one)
            except OSError as error:
                one.close()
                reason = say(error)
            except BaseException:
                one.close()
                raise
            else:
                return
        self._attempt_failed(link, reason)

    def _attempt_failed(self, link: Link, reason: str) -> None:
        # It must not cancel itself.
        link.attempt = None
        self.amid(link.lose, reason)

    def _take_token(self, connection: Connection, given: Given) -> None:
        # On a thread of the source's own, perhaps when the loop is no more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._pass_token_on, connection, given)
