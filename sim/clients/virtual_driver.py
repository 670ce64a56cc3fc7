"""A machine's commands carried out in virtual time: streams and one timer of the world, and where stories wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from producer.commands import Command, Connect, Disconnect, Driven, Write

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from sim.trace.trace import Trace
    from sim.world.kernel import Call, World
    from sim.world.network import Endpoint, Host, Network
    from sim.world.network.connecting import Connecting

_BEYOND_ANY_RUN_US = 1 << 60
SECOND_CLIENT = 1_000_000
"""From where on the connections of a host's second client are numbered, so that no two on one host have one number."""


class SomeCluster(Protocol):
    """What a client needs of a cluster: its world, its network, and where to begin."""

    @property
    def world(self) -> World: ...
    @property
    def network(self) -> Network: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def bootstrap(self) -> tuple[tuple[str, int], ...]: ...
    @property
    def epoch_us(self) -> int: ...


class VirtualDriver:
    """Carries out a machine's commands on simulated streams; the counterpart of `producer.drivers.sockets`."""

    def __init__(
        self,
        cluster: SomeCluster,
        host: Host,
        machine: Driven,
        listen: Callable[[], None],
        *,
        is_second: bool = False,
        first_connection: int = SECOND_CLIENT,
    ) -> None:
        """`listen` is called whenever the machine may have something to say. `is_second`: the host is another client's, and this
        one's connections are numbered from `first_connection` on.
        """
        self._world = cluster.world
        self._network = cluster.network
        self._host = host
        self._machine = machine
        self._listen = listen
        self._endpoints: dict[int, Endpoint] = {}
        self._attempts: dict[int, Connecting] = {}
        self._armed: Call | None = None
        self._is_second = is_second
        self._first_connection = first_connection if is_second else 0

    def attend(self) -> None:
        """Carry out what the machine wants, and set the one timer. Call it after every call of the machine."""
        commands = self._machine.take_commands()
        while commands:
            for command in commands:
                self._carry_out(command)
            commands = self._machine.take_commands()
        self._listen()
        self._arm()

    def leave(self) -> None:
        """Take the host off the network, with everything that was for it alone; not another client's. Nothing may follow."""
        if self._armed is not None:
            self._armed.cancel()
        if self._is_second:
            return
        self._network.remove_host(self._host.name)
        self._world.forget_chance(f"client/{self._host.name}")

    def _carry_out(self, command: Command) -> None:
        number = command.connection
        if isinstance(command, Write):
            endpoint = self._endpoints.get(number)
            if endpoint is not None:
                endpoint.send(command.data)
                if command.is_reported:
                    self._report_written(number, endpoint)
        elif isinstance(command, Connect):
            place = self._network.place_at((command.host, command.port))
            self._attempts[number] = self._network.connect(
                self._host,
                place.host,
                port=place.port,
                connection=number + self._first_connection,
                on_open=lambda endpoint: self._opened(number, endpoint),
                on_failed=lambda reason: self._lost(number, reason),
            )
        else:
            assert isinstance(command, Disconnect), "simulated brokers ask nobody for a token"
            attempt = self._attempts.pop(number, None)
            if attempt is not None:
                attempt.abandon()
            endpoint = self._endpoints.pop(number, None)
            if endpoint is not None:
                endpoint.close()

    def _report_written(self, number: int, endpoint: Endpoint) -> None:
        """Tell the machine when the kernel has taken everything; at once, mostly, and then amid `attend`."""
        is_at_once = True

        def report() -> None:
            # What a broken stream takes is lost; of that the machine hears as of a connection that ended.
            if self._endpoints.get(number) is endpoint and not endpoint.is_broken:
                self._machine.written(number, self._world.now_us)
                if not is_at_once:
                    self.attend()

        endpoint.when_written(report)
        is_at_once = False

    def _opened(self, number: int, endpoint: Endpoint) -> None:
        self._attempts.pop(number, None)
        self._endpoints[number] = endpoint
        endpoint.on_received = lambda data: self._received(number, data)
        endpoint.on_closed = lambda reason: self._lost(number, reason)
        self._machine.connected(number, self._world.now_us)
        self.attend()

    def _received(self, number: int, data: bytes) -> None:
        self._machine.bytes_received(number, data, self._world.now_us)
        self.attend()

    def _lost(self, number: int, reason: str) -> None:
        self._attempts.pop(number, None)
        self._endpoints.pop(number, None)
        self._machine.disconnected(number, reason, self._world.now_us)
        self.attend()

    def _arm(self) -> None:
        now_us = self._world.now_us
        due_us = max(self._machine.deadline_us, now_us)
        armed = self._armed
        if armed is not None:
            if armed.function is not None and armed.due_us <= due_us:
                return
            armed.cancel()
            self._armed = None
        # An idle machine's deadline lies beyond any run: a timer for it would stay in the world for good.
        if due_us < _BEYOND_ANY_RUN_US:
            self._armed = self._host.call_in(due_us - now_us, self._ring)

    def _ring(self) -> None:
        self._armed = None
        now_us = self._world.now_us
        if self._host.is_behind:
            # It wakes from a pause: what was received meanwhile comes first, as `Driven` wants it.
            self._armed = self._host.call_in(0, self._ring)
        elif self._machine.deadline_us <= now_us:
            self._machine.timer_fired(now_us)
            self.attend()
        else:
            # The deadline moved on since the timer was set.
            self._arm()


class Gate:
    """Where stories wait for the next thing a client hears."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[simpy.Event] = []

    def open(self) -> None:
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            if not event.triggered:
                event.succeed(True)

    def wait(self, until_us: int | None = None) -> Generator[simpy.Event, Any, bool]:
        """Wait; gives False if `until_us` came first."""
        event = self._world.event()
        self._waiting.append(event)
        alarm = None
        if until_us is not None:
            alarm = self._world.call_in(max(0, until_us - self._world.now_us), _give_up, event)
        came = yield event
        if alarm is not None:
            alarm.cancel()
        return bool(came)


def _give_up(event: simpy.Event) -> None:
    if not event.triggered:
        event.succeed(False)
