"""The connections of whoever asks a registry on the simulated network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.rest.connection import Connection
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.registry.rest.messages import Reply, Request
    from sim.world.kernel import Call
    from sim.world.network import Endpoint, Host

REQUEST_US_MAX = 30 * SECOND_US
"""How long a client may take over a request that it has begun."""


class Visitor:
    """One connection: each request is handed in, and the next one read when it is answered."""

    def __init__(self, host: Host, endpoint: Endpoint, handle: Callable[[Visitor, Request], object]) -> None:
        """`handle` is to call `reply`, at once or later. `host` is the registry's."""
        self._host = host
        self._alarm: Call | None = None
        self._endpoint = endpoint
        self._handle = handle
        self._http = Connection()
        self.name = endpoint.peer_host
        """The host that asks."""
        endpoint.on_received = self._received
        endpoint.on_closed = self._closed

    def reply(self, reply: Reply) -> None:
        """Answer the request that was handed in last; nobody reads it where the connection is gone."""
        if not self._endpoint.is_open:
            return
        self._http.answer(reply)
        self._pump(self._http.advance())

    def _received(self, data: bytes) -> None:
        self._pump(self._http.receive(data))

    def _closed(self, _reason: str) -> None:
        # What was asked before is done all the same; of that nobody hears.
        self._endpoint.close()
        self._disarm()

    def _pump(self, request: Request | None) -> None:
        out = self._http.take_output()
        if out:
            self._endpoint.send(out)
        if self._http.is_over:
            self._endpoint.close()
            self._disarm()
        elif request is not None:
            self._disarm()
            self._handle(self, request)
        elif self._http.is_idle:
            self._disarm()
        elif self._alarm is None:
            self._alarm = self._host.call_in(REQUEST_US_MAX, self._time_out)

    def _time_out(self) -> None:
        self._alarm = None
        self._http.time_out()
        self._pump(None)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
