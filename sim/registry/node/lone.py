"""A registry apart from all others, on a host of its own: its log is nobody's but its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core.errors import as_refusal
from sim.registry.node.node import HANDLING_US
from sim.registry.node.visitors import Visitor
from sim.registry.rest.messages import refusal
from sim.trace.events import RegistryAnswered, RegistryEnded, RegistryStarted

if TYPE_CHECKING:
    from sim.clients.virtual_driver import SomeCluster
    from sim.registry.registry import Registry
    from sim.registry.rest.messages import Request
    from sim.world.network import Endpoint


class LoneRegistry:
    """A process with one life. What is registered is on its disk, as it were: the next life has the same `registry`."""

    def __init__(self, cluster: SomeCluster, name: str, registry: Registry) -> None:
        """Add a host called `name`."""
        self.name = name
        self.slowness = 1
        self.is_over = False
        self.is_serving = False
        self.host = cluster.network.add_host(name)
        self._cluster = cluster
        self._registry = registry

    def begin(self) -> None:
        """Start the process: it listens at once."""
        self._cluster.trace.emit(RegistryStarted(self._cluster.world.now_us, self.name))
        self.is_serving = True
        self.host.on_connection = self._accept

    def stop(self) -> None:
        """End in good order."""
        self._end("stopped")

    def kill(self) -> None:
        """End the process at once."""
        self._end("killed")

    def _end(self, how: str) -> None:
        self.is_over = True
        self.is_serving = False
        self._cluster.trace.emit(RegistryEnded(self._cluster.world.now_us, self.name, how))
        self._cluster.network.remove_host(self.name)

    def _accept(self, endpoint: Endpoint) -> None:
        Visitor(self.host, endpoint, self._asked)

    def _asked(self, visitor: Visitor, request: Request) -> None:
        self.host.call_in(HANDLING_US * self.slowness, self._answer, visitor, request)

    def _answer(self, visitor: Visitor, request: Request) -> None:
        try:
            reply = self._registry.handle(request)
        except Exception as error:  # noqa: BLE001 - one bad request ends neither the registry nor the world
            reply = refusal(as_refusal(error))
        now_us = self._cluster.world.now_us
        told = RegistryAnswered(now_us, self.name, visitor.name, request.method, request.target, int(reply.status), "")
        self._cluster.trace.emit(told)
        visitor.reply(reply)
