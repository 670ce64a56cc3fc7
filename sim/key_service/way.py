"""A client's way to the key service: one question a stream, given up after two seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.governance.errors import KeyServiceAwayError, KeyServiceError
from producer.governance.protection.key_material import DataKey
from sim.clients.virtual_driver import Gate
from sim.cluster.key_services import KEY_SERVICE
from sim.trace.events import KeyAnswered
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from producer.governance.asking import Told
    from producer.governance.protection.key_service import KeyRequest
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Endpoint, Host

PORT = 8_200
"""Where it listens."""
TIMEOUT_US = 2 * SECOND_US
"""How long an answer is waited for."""
REQUEST_BYTES = ANSWER_BYTES = 256
FIRST_CONNECTION = 2_000_000
"""From where on the connections of a host to its key service are numbered, behind those of its clients."""


class KeyServiceWay:
    """One client asks, from its own host."""

    def __init__(self, cluster: SomeCluster, client: str, host: Host) -> None:
        """`client` is its name in the trace."""
        self._cluster = cluster
        self._client = client
        self._host = host
        self._asked = 0

    def ask(self, request: KeyRequest) -> Generator[simpy.Event, Any, Told]:
        """Give the answer, or why there is none, as part of a story."""
        world = self._cluster.world
        exchange = _Exchange(self._cluster, self._host, FIRST_CONNECTION + self._asked, request)
        self._asked += 1
        until_us = world.now_us + TIMEOUT_US
        while exchange.told is None and world.now_us < until_us:
            yield from exchange.heard.wait(until_us)
        exchange.end()
        told: Any = exchange.told or KeyServiceAwayError(str(request), f"no answer within {TIMEOUT_US // SECOND_US} s")
        version = told.version if isinstance(told, DataKey) else 0
        error = str(told) if isinstance(told, KeyServiceError) else ""
        self._cluster.trace.emit(KeyAnswered(world.now_us, self._client, str(request), version, error))
        answer: Told = told
        return answer


class _Exchange:
    """One question under way."""

    def __init__(self, cluster: SomeCluster, host: Host, connection: int, request: KeyRequest) -> None:
        self._request = request
        self.told: object = None
        self.heard = Gate(cluster.world)
        self._endpoint: Endpoint | None = None
        self._attempt = cluster.network.connect(
            host, KEY_SERVICE, connection=connection, on_open=self._opened, on_failed=self._fail
        )

    def end(self) -> None:
        """Let go of the stream."""
        self._attempt.abandon()
        if self._endpoint is not None:
            self._endpoint.close()

    def _opened(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        endpoint.on_received = self._hear
        endpoint.on_closed = self._fail
        endpoint.send(self._request, size_bytes=REQUEST_BYTES)

    def _hear(self, told: object) -> None:
        self.told = told
        self.heard.open()

    def _fail(self, reason: str) -> None:
        if self.told is None:
            self._hear(KeyServiceAwayError(str(self._request), f"there is no way to it: {reason}"))
