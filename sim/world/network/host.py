"""One host and the process on it: up, paused (its sockets keep filling), down, or without power."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any

from sim.world.network.missed import Missed
from sim.world.network.outbox import SocketBuffers
from sim.world.network.power import Power

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.world.kernel import Call, World
    from sim.world.network.stream import Endpoint

HostName = str

ANY_PORT = 0
"""For those who know a host by its name alone, as brokers do each other."""

BACKLOG = 50
"""socket.listen.backlog.size of a broker. Linux takes one connection more (sk_acceptq_is_full), and no word of the next."""


class HostState(Enum):
    UP = "up"
    PAUSED = "paused"
    """SIGSTOP: nothing runs, but the kernel still accepts connections and keeps what arrives."""
    DOWN = "down"
    """The process ended; its kernel closed its sockets, and refuses whoever connects."""
    OFF = "off"
    """The machine has no power: nothing that is sent there is answered, not even by a refusal."""


# Asked for with everything that happens on a host; to find a member in its enumeration takes Python 3.11 five times as long.
_UP, _PAUSED = HostState.UP, HostState.PAUSED
_ENDED = (HostState.DOWN, HostState.OFF)


class Host:
    """A process with timers and sockets. Whatever it does later goes through `call_in`, so that a pause delays it and
    a crash ends it.
    """

    __slots__ = (
        "_backlog",
        "_is_waking",
        "_unaccepted",
        "_world",
        "buffers",
        "clock_offset_us",
        "endpoints",
        "incarnation",
        "name",
        "not_taken",
        "number",
        "on_clock_set",
        "on_connection",
        "ports",
        "power",
        "state",
    )

    def __init__(self, world: World, name: HostName, *, number: int) -> None:
        """`number` counts the hosts of a network."""
        self._world = world
        self._backlog: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._is_waking = False
        self._unaccepted = 0
        self.name = name
        self.number = number
        self.state = HostState.UP
        self.incarnation = 0
        self.clock_offset_us = 0
        """How far this machine's calendar is ahead of the world's time; a crash does not set it right."""
        self.on_clock_set: Callable[[], object] | None = None
        """Called when it was set, for a process that keeps what it once read of it."""
        self.power = Power()
        self.buffers = SocketBuffers()
        """Of streams opened from or to this host from now on."""
        self.endpoints: dict[int, Endpoint] = {}
        """The open ends on this host by stream number, oldest first."""
        self.on_connection: Callable[[Endpoint], None] | None = None
        """Called with each accepted connection; None refuses them."""
        self.ports: dict[int, Callable[[Endpoint], None]] = {}
        """Who accepts at which port, on a host that has several; others take whoever comes, at any port."""
        self.not_taken = Missed()
        """Attempts to connect for which this kernel has no room; it says nothing, and they are repeated."""

    @property
    def is_up(self) -> bool:
        return self.state is _UP

    @property
    def is_behind(self) -> bool:
        """Whether more waits for the process than what it does now: it was paused, and works off what arrived."""
        return self._is_waking or bool(self._backlog)

    @property
    def is_full(self) -> bool:
        """Whether so many connections wait to be accepted that the kernel takes no more."""
        return self._unaccepted > BACKLOG

    def call_in(self, delay_us: int, function: Callable[..., object], *args: Any) -> Call:
        """Call `function(*args)` after `delay_us`, later if the host is paused then, never if it crashed meanwhile."""
        return self._world.call_in(delay_us, self.deliver, self.incarnation, function, args)

    def deliver(self, incarnation: int, function: Callable[..., object], args: tuple[Any, ...]) -> None:
        """Run one thing on this host now: kept while it is paused, dropped if that incarnation is gone."""
        if incarnation != self.incarnation:
            return
        if self._backlog or self._is_waking or self.state is _PAUSED:
            self._backlog.append((function, args))
            return
        function(*args)

    def acceptor(self, port: int) -> Callable[[Endpoint], None] | None:
        """Give who accepts connections to a port, `ANY_PORT` for whoever accepts at all; None: they are refused."""
        return self.ports.get(port) if self.ports and port != ANY_PORT else self.on_connection

    def listen_no_more(self) -> None:
        """Refuse every connection from now on."""
        self.on_connection = None
        self.ports.clear()

    def take(self, endpoint: Endpoint, accept: Callable[[Endpoint], None]) -> None:
        """Let the process accept a connection, now or when it goes on."""
        self._unaccepted += 1
        self.deliver(self.incarnation, self._accept, (accept, endpoint))

    def _accept(self, accept: Callable[[Endpoint], None], endpoint: Endpoint) -> None:
        self._unaccepted -= 1
        accept(endpoint)
        if self.not_taken and not self.is_full:
            self.not_taken.send_again()

    def set_clock(self, offset_us: int) -> None:
        """Set the calendar; timers go on as they were."""
        self.clock_offset_us = offset_us
        if self.on_clock_set is not None:
            self.on_clock_set()

    def pause(self) -> None:
        """Stop the process; timers that fall due and bytes that arrive wait in the order of their arrival."""
        if self.state is HostState.UP:
            self.state = HostState.PAUSED

    def resume(self, *, wakes_in_us: int = 0) -> None:
        """Go on: first everything that waited, in order, so an old connection is served before a newer one.

        `wakes_in_us` is what the process needs until its threads run again.
        """
        if self.state is not HostState.PAUSED:
            return
        self.state = HostState.UP
        if wakes_in_us == 0:
            self._world.call_first(self._work_off, self.incarnation)
        elif not self._is_waking:
            self._is_waking = True
            self._world.call_in(wakes_in_us, self._wake, self.incarnation)

    def _wake(self, incarnation: int) -> None:
        if incarnation == self.incarnation:
            self._is_waking = False
            self._work_off(incarnation)

    def _work_off(self, incarnation: int) -> None:
        # Whatever arrives meanwhile queues up behind the backlog, or a stream's bytes would change their order.
        while self._backlog and self.state is HostState.UP and incarnation == self.incarnation:
            function, args = self._backlog.popleft()
            function(*args)

    def crash(self) -> None:
        """End the process at once. Its kernel closes every socket, so peers see the connection end."""
        if not self._end(HostState.DOWN):
            return
        for endpoint in list(self.endpoints.values()):
            endpoint.close()
        self.endpoints.clear()

    def lose_power(self) -> None:
        """End the process and its kernel at once: no peer hears of it, but by a time-out of its own."""
        if not self._end(HostState.OFF):
            return
        self.power.is_on = False
        for endpoint in list(self.endpoints.values()):
            endpoint.vanish()
        self.endpoints.clear()

    def _end(self, state: HostState) -> bool:
        if self.state in _ENDED:
            return False
        self.state = state
        self.incarnation += 1
        self._backlog.clear()
        self._unaccepted = 0
        self._is_waking = False
        self.listen_no_more()
        # From now on they are refused, or lost for want of power.
        self.not_taken.send_again()
        return True

    def start(self) -> None:
        """Bring a host up again, with nothing of its former life: who still sends to that one learns it now."""
        if self.state in _ENDED:
            self.state = HostState.UP
            self.power.come_back()
