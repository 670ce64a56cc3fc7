"""The way from TCP connections into the simulated network and back: one simulated host for each client address.

It knows no sockets. What comes in are inputs, what goes out goes to an `Outside`: a front with sockets, or a replay.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, assert_never

from sim.cluster.config import host_of
from sim.registry.node.names import registry_host
from sim.serve.inputs import REGISTRY, ClientInput, Connected, Drained, Ended, Filled, Received
from sim.world.network.host import ANY_PORT
from sim.world.network.stream import CONNECTION_RESET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.world.network import Endpoint, Network
    from sim.world.network.connecting import Connecting

EARLY_BYTES_MAX = 65_536
"""What is taken of a client whose stream in the simulated network is not open yet."""


class Outside(Protocol):
    """Who carries answers to clients. Every call is about one connection, by its number; one that is gone is not missed."""

    def write(self, connection: int, data: bytes) -> None:
        """Carry bytes to the client."""
        ...

    def hold(self, connection: int) -> None:
        """Read nothing more from the client for now: nobody takes it."""
        ...

    def go_on(self, connection: int) -> None:
        """Read on."""
        ...

    def end(self, connection: int, *, is_reset: bool) -> None:
        """Close it behind what was written, or break it at once."""
        ...


class Gate:
    """Every client's connection, as the simulated network has it."""

    def __init__(
        self,
        network: Network,
        outside: Outside,
        on_gone: Callable[[str, int], object],
        ports: Sequence[int] = (ANY_PORT,),
    ) -> None:
        """`on_gone` hears of each connection that is over, by its client's address and its number.

        `ports` are those of the cluster's listeners in the simulated network.
        """
        self.network = network
        self.ports = ports
        self.residents: dict[str, str] = {}
        """Address -> the host that whoever comes from there is on, where that is in the network anyway."""
        self._outside = outside
        self._on_gone = on_gone
        self._visits: dict[int, _Visit] = {}
        self._at_address: dict[str, int] = {}

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._visits)

    @property
    def addresses(self) -> dict[str, int]:
        """Whence clients come, and how many connections each of these addresses has."""
        return dict(self._at_address)

    def take(self, given: ClientInput) -> None:
        """Let something happen that came from outside. What is about a connection that is over changes nothing."""
        if isinstance(given, Connected):
            given = given._replace(address=self.residents.get(given.address, given.address))
            self._at_address[given.address] = self._at_address.get(given.address, 0) + 1
            self._visits[given.connection] = _Visit(self, self._outside, given, self._over)
            return
        visit = self._visits.get(given.connection)
        if visit is None:
            return
        match given:
            case Received(_, data):
                visit.receive(data)
            case Filled():
                visit.mute()
            case Drained():
                visit.unmute()
            case Ended(_, is_reset):
                visit.end(is_reset=is_reset)
            case _:
                assert_never(given)

    def _over(self, number: int) -> None:
        visit = self._visits.pop(number)
        self._at_address[visit.address] -= 1
        if not self._at_address[visit.address]:
            # What strikes an address strikes whoever comes from there: once nobody does, there is nothing to strike.
            del self._at_address[visit.address]
            if visit.address not in self.residents.values():
                self.network.remove_host(visit.address)
        self._on_gone(visit.address, number)


class _Visit:
    """One client's connection."""

    def __init__(self, gate: Gate, outside: Outside, given: Connected, on_over: Callable[[int], object]) -> None:
        self.address = given.address
        self._number = given.connection
        self._outside = outside
        self._on_over = on_over
        self._endpoint: Endpoint | None = None
        self._early: list[bytes] = []
        self._early_bytes = 0
        self._is_muted = False
        self._is_waiting = False
        self._has_finished = False
        is_registry = given.broker == REGISTRY
        self._attempt: Connecting = gate.network.connect(
            gate.network.host_at(given.address),
            registry_host(1) if is_registry else host_of(given.broker),
            port=ANY_PORT if is_registry else gate.ports[given.listener],
            certificate=given.certificate,
            connection=self._number,
            on_open=self._opened,
            on_failed=self._failed,
        )

    # -- what the client does ------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        endpoint = self._endpoint
        if endpoint is not None:
            endpoint.send(data)
            self._wait_for_room(endpoint)
            return
        self._early.append(data)
        self._early_bytes += len(data)
        if self._early_bytes > EARLY_BYTES_MAX:
            self._outside.hold(self._number)

    def mute(self) -> None:
        self._is_muted = True
        if self._endpoint is not None:
            self._endpoint.mute()

    def unmute(self) -> None:
        self._is_muted = False
        if self._endpoint is not None:
            self._endpoint.unmute()

    def end(self, *, is_reset: bool) -> None:
        endpoint = self._endpoint
        if not is_reset and (endpoint is not None or self._early):
            # Whether it still reads nobody can tell: the broker answers what it has, and closes.
            self._has_finished = True
            if endpoint is not None:
                endpoint.finish()
            return
        self._attempt.abandon()
        if endpoint is not None:
            endpoint.on_closed = _ignore
            endpoint.reset()
        self._outside.end(self._number, is_reset=True)
        self._on_over(self._number)

    # -- what the simulated network says -------------------------------------------------------------------------------

    def _opened(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        endpoint.on_received = partial(self._outside.write, self._number)
        endpoint.on_closed = self._closed
        if self._is_muted:
            endpoint.mute()
        for data in self._early:
            endpoint.send(data)
        self._early.clear()
        if self._has_finished:
            endpoint.finish()
            return
        if self._early_bytes > EARLY_BYTES_MAX:
            self._outside.go_on(self._number)
        self._wait_for_room(endpoint)

    def _wait_for_room(self, endpoint: Endpoint) -> None:
        """Read on once the simulated kernel has taken everything: a broker that does not read makes its client wait."""
        if self._is_waiting:
            return
        self._is_waiting = True
        endpoint.when_written(self._written)
        if self._is_waiting:
            self._outside.hold(self._number)

    def _written(self) -> None:
        self._is_waiting = False
        self._outside.go_on(self._number)

    def _failed(self, _reason: str) -> None:
        self._outside.end(self._number, is_reset=True)
        self._on_over(self._number)

    def _closed(self, reason: str) -> None:
        self._outside.end(self._number, is_reset=reason == CONNECTION_RESET)
        self._on_over(self._number)


def _ignore(_: str) -> None:
    return None
