"""Real sockets and the real clock for anything that is `Driven`: one selector, no thread of its own."""

from __future__ import annotations

import os
import selectors
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from producer.drivers.carrier import LAST_WORDS_US_MAX, RECEIVE_BYTES, WAIT_US_MAX, Carrier, say
from producer.drivers.clock import now_us
from producer.drivers.connection import ENDING_US_MAX, Connection, ConnectionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.commands import Connect, Driven
    from producer.drivers.addresses import Found
    from producer.drivers.tokens import Given

NEVER_US = 1 << 62
READS_MAX = 32
"""How often one socket is read before others have their turn: 8 MiB, more than a system keeps for one."""


class SocketConnection(Connection):
    """One socket, connecting or connected, and the bytes that it has not taken yet."""

    __slots__ = ("_driver", "addresses", "ends_by_us", "outgoing", "port", "socket")

    def __init__(self, driver: SocketDriver, number: int, host: str, port: int) -> None:
        super().__init__(driver, number, host)
        self._driver = driver
        self.port = port
        self.addresses: list[Found] = []
        """Those still to be tried."""
        self.ends_by_us = NEVER_US
        """When patience with a peer that does not end its side is at its end."""
        self.socket: socket.socket | None = None
        self.outgoing: deque[memoryview] = deque()
        """What the socket has not taken yet, as it was handed in: never joined or moved, however much there is."""

    def read(self) -> None:
        """Take all that the socket has received."""
        for _ in range(READS_MAX):
            if self.socket is None:
                return
            try:
                data = self.socket.recv(RECEIVE_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                self.fail(say(error))
                return
            if not data:
                self.close_by_peer()
                return
            self.receive(data)
            if len(data) < RECEIVE_BYTES:
                return

    def flush(self) -> None:
        """Give the socket what it has not taken yet."""
        outgoing = self.outgoing
        while self.socket is not None and outgoing:
            first = outgoing.popleft()
            rest = self._send(first)
            if rest:
                outgoing.appendleft(rest)
                break
        if self.socket is not None:
            self._driver.watch(self)
            self._say_that_it_is_all()
            self.take()

    def _push(self, data: bytes) -> None:
        if self.socket is None or not data:
            return
        # Whatever waits already is told when there is room; this comes behind it.
        rest = memoryview(data) if self.outgoing else self._send(memoryview(data))
        if rest:
            self.outgoing.append(rest)
            self._driver.watch(self)

    def _send(self, data: memoryview) -> memoryview | None:
        """Give the socket what it takes; give the rest, None if it is gone."""
        assert self.socket is not None
        try:
            return data[self.socket.send(data) :]
        except BlockingIOError:
            return data
        except OSError as error:
            self.fail(say(error))
            return None

    @property
    def _is_all_taken(self) -> bool:
        return not self.outgoing

    def _finish(self) -> None:
        self.ends_by_us = now_us() + ENDING_US_MAX
        self._driver.ending.append(self)
        self._say_that_it_is_all()

    def _say_that_it_is_all(self) -> None:
        if self.state is ConnectionState.ENDING and not self.outgoing and self.socket is not None:
            self.sent_all()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def _drop(self) -> None:
        if self.socket is not None:
            self._driver.unwatch(self.socket)
            self.socket.close()
            self.socket = None

    def _unread(self) -> bytes:
        if self.socket is None:
            raise BlockingIOError
        return self.socket.recv(RECEIVE_BYTES)


class SocketDriver(Carrier):
    """Carries out commands on sockets, and reports back. `poll` is called by one thread only; `wake` by any."""

    def __init__(
        self, machine: Driven, *, polled: Callable[[int, int, int], object] | None = None, **settings: Any
    ) -> None:
        """Take the settings of a `Carrier`.

        `polled` is told after each look at the sockets: microseconds waited, microseconds of work, the time.
        """
        super().__init__(machine, **settings)
        self._polled = polled
        self._has_reported = False
        """Whether the machine was called since `poll` began: there may be something to do, or to look at, before any wait."""
        self._reports: deque[Callable[[], object]] = deque()
        """What `_carry_out` found to report. It waits for its end, or a machine that always has more to write would keep us there."""
        self._tokens_given: deque[tuple[Connection, Given]] = deque()
        """Other threads append."""
        self.ending: deque[SocketConnection] = deque()
        """Those that we ended, the first to lose patience with first; some may be gone."""
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._is_closed = False
        self.sleeps_until_us = 0
        """Until when `poll` waits; whoever brings the machine's deadline forward of it calls `wake`. 0: it is awake."""

    def poll(self, timeout_us: int | None = None) -> None:
        """Carry out commands, wait for sockets, the machine's deadline or `timeout_us`, and report what happened."""
        self._has_reported = False
        self._carry_out()
        self._report_rest()
        patience_us = self._lose_patience()
        with self._lock:
            seen_us = now_us()
            until_us = min(
                self._machine.deadline_us, patience_us, seen_us + (WAIT_US_MAX if timeout_us is None else timeout_us)
            )
            if self._has_reported:
                until_us = seen_us
            self.sleeps_until_us = until_us
        ready = self._selector.select(max(0, until_us - seen_us) / 1e6)
        self.sleeps_until_us = 0
        woken_us = now_us()
        waited_us = woken_us - seen_us
        self._serve(ready)
        self._pass_tokens_on()
        with self._lock:
            now = now_us()
            if now >= self._machine.deadline_us:
                # What ran out since the sockets were looked at may have been answered since.
                self._machine.timer_fired(now, seen_us)
        self._carry_out()
        self._report_rest()
        if self._polled is not None:
            with self._lock:
                now = now_us()
                self._polled(waited_us, now - woken_us, now)

    def wake(self) -> None:
        """End the wait of `poll`, from any thread; under the lock, for else the descriptor could be another's by then.

        Nobody waits any more once the driver is closed.
        """
        if not self._is_closed:
            with suppress(OSError):
                self._waker.send(b"\0")

    def close(self) -> None:
        """Close every socket, once it took what was written. The driver is of no use afterwards."""
        self._carry_out()
        until_us = now_us() + LAST_WORDS_US_MAX
        for connection in list(self._connections.values()):
            connection.end()
        while self._connections and now_us() < until_us:
            self._serve(self._selector.select((until_us - now_us()) / 1e6))
        for connection in list(self._connections.values()):
            connection.give_up()
        with self._lock:
            self._close_selector()

    def disown(self) -> None:
        """Close this process's copies of the sockets, and write nothing: they belong to the process it was forked from.

        Not by way of the selector: epoll is shared, and what is unregistered here would be unregistered there.
        """
        for connection in self._connections.values():
            assert isinstance(connection, SocketConnection)
            if connection.socket is not None:
                connection.socket.close()
        self._connections.clear()
        self._close_selector()

    # -- what connections call ---------------------------------------------------------------------------------------

    def watch(self, connection: SocketConnection) -> None:
        """Look for what the socket receives, and for its having room as long as there is something left to send."""
        assert connection.socket is not None
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.outgoing else 0)
        if self._selector.get_key(connection.socket).events != wanted:
            self._selector.modify(connection.socket, wanted, connection)

    def unwatch(self, one: socket.socket) -> None:
        """Look at a socket no more."""
        self._selector.unregister(one)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _report(self, report: Callable[[], object]) -> None:
        self._has_reported = True
        with self._lock:
            report()

    def _report_amid(self, report: Callable[[], object]) -> None:
        self._reports.append(report)

    def _report_rest(self) -> None:
        while self._reports:
            self._report(self._reports.popleft())

    def _serve(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        for key, events in ready:
            connection = key.data
            if connection is None:
                with suppress(BlockingIOError):
                    self._woken.recv(RECEIVE_BYTES)
            elif connection.state is ConnectionState.CONNECTING:
                self._finish_connecting(connection)
            else:
                if events & selectors.EVENT_WRITE:
                    connection.flush()
                if events & selectors.EVENT_READ:
                    connection.read()

    def _lose_patience(self) -> int:
        """Take away those whose peers had time enough to end their side; give when the next one's time is up."""
        while self.ending:
            first = self.ending[0]
            if first.state is not ConnectionState.GONE and now_us() < first.ends_by_us:
                return first.ends_by_us
            self.ending.popleft()
            first.give_up()
        return NEVER_US

    def _connect(self, command: Connect) -> None:
        connection = SocketConnection(self, command.connection, command.host, command.port)
        self._connections[command.connection] = connection
        try:
            found = socket.getaddrinfo(command.host, command.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:  # a broker may call itself what is no host's name: not looked up at all
            connection.lose(f"{command.host}: {say(error)}")
            return
        connection.addresses = self._addresses.in_turn(command.host, command.port, found)
        self._try_next(connection, "no address")

    def _try_next(self, connection: SocketConnection, reason: str) -> None:
        while connection.addresses:
            family, *_, address = connection.addresses.pop(0)
            self._addresses.try_next(connection.host, connection.port, address)
            try:
                connection.socket = self._begin_connecting(family, address)
            except OSError as error:
                # The address may be bad, or this process have too many open files: another attempt may find it otherwise.
                reason = say(error)
                continue
            self._selector.register(connection.socket, selectors.EVENT_WRITE, connection)
            return
        connection.lose(reason)

    def _begin_connecting(self, family: int, address: Any) -> socket.socket:
        one = self._make_socket(family)
        try:
            with suppress(BlockingIOError):
                one.connect(address)
        except BaseException:
            one.close()
            raise
        return one

    def _finish_connecting(self, connection: SocketConnection) -> None:
        assert connection.socket is not None
        code = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self.unwatch(connection.socket)
            connection.socket.close()
            connection.socket = None
            self._try_next(connection, os.strerror(code))
            return
        self.watch(connection)
        connection.begin(self._tls)

    def _take_token(self, connection: Connection, given: Given) -> None:
        self._tokens_given.append((connection, given))
        with self._lock:
            self.wake()

    def _pass_tokens_on(self) -> None:
        while self._tokens_given:
            self._pass_token_on(*self._tokens_given.popleft())

    def _close_selector(self) -> None:
        self._is_closed = True
        self._selector.close()
        self._waker.close()
        self._woken.close()
