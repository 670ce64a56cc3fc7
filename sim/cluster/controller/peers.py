"""One controller's streams to the others: opened when there is something to say, lost without a word."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.cluster.messages import NOMINAL_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.controller.raft_messages import RaftMessage
    from sim.world.network import Endpoint, Host, Network
    from sim.world.network.connecting import Connecting

RECONNECT_US = 20_000
"""controller.quorum.retry.backoff.ms: from a failed attempt to the next one."""


class Peers:
    """At most one stream to each of the others; what cannot be sent now waits for it, the last message of each kind."""

    __slots__ = ("_attempts", "_connections", "_host", "_network", "_queued", "_streams", "_take")

    def __init__(self, network: Network, host: Host, take: Callable[[Endpoint, RaftMessage], object]) -> None:
        self._network = network
        self._host = host
        self._take = take
        self._streams: dict[str, Endpoint] = {}
        self._attempts: dict[str, Connecting] = {}
        self._queued: dict[str, dict[type[object], RaftMessage]] = {}
        self._connections = 0

    def send(self, name: str, message: RaftMessage) -> None:
        """Say something to another controller, as soon as there is a stream."""
        stream = self._streams.get(name)
        if stream is not None:
            stream.send(message, size_bytes=NOMINAL_BYTES)
            return
        self._queued.setdefault(name, {})[type(message)] = message
        self._connect(name)

    def answer(self, endpoint: Endpoint, message: RaftMessage) -> None:
        """Answer on the stream that a question came by."""
        endpoint.send(message, size_bytes=NOMINAL_BYTES)

    def forget(self, name: str) -> None:
        """Give a stream up: the next message opens another."""
        stream = self._streams.pop(name, None)
        if stream is not None:
            stream.close()
        attempt = self._attempts.pop(name, None)
        if attempt is not None:
            attempt.abandon()

    def forget_all(self) -> None:
        """A new process has no streams."""
        self._streams.clear()
        self._attempts.clear()
        self._queued.clear()

    def _connect(self, name: str) -> None:
        if name in self._attempts or name in self._streams or name not in self._queued:
            return
        self._connections += 1
        self._attempts[name] = self._network.connect(
            self._host,
            name,
            connection=self._connections,
            on_open=partial(self._opened, name),
            on_failed=partial(self._failed, name),
        )

    def _opened(self, name: str, endpoint: Endpoint) -> None:
        self._attempts.pop(name, None)
        self._streams[name] = endpoint
        endpoint.on_received = partial(self._take, endpoint)
        endpoint.on_closed = partial(self._closed, name, endpoint)
        for message in self._queued.pop(name, {}).values():
            endpoint.send(message, size_bytes=NOMINAL_BYTES)

    def _failed(self, name: str, _reason: str) -> None:
        self._attempts.pop(name, None)
        self._host.call_in(RECONNECT_US, self._connect, name)

    def _closed(self, name: str, endpoint: Endpoint, _reason: str) -> None:
        if self._streams.get(name) is endpoint:
            del self._streams[name]
