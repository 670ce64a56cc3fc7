"""The network of one world: a networkx graph of hosts and one-way links, and the streams across it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import networkx as nx

from sim.world.network.host import Host, HostState
from sim.world.network.link import Link, LinkQuality
from sim.world.network.stream import HEADER_BYTES, Endpoint, Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.world.kernel import World
    from sim.world.network.host import HostName


class Connecting:
    """An attempt to open a stream; `abandon` it when the opener no longer waits."""

    __slots__ = ("is_wanted",)

    def __init__(self) -> None:
        self.is_wanted = True

    def abandon(self) -> None:
        """Give up: neither callback will be called, and a stream that opens all the same is closed."""
        self.is_wanted = False

    def still_wanted(self) -> bool:
        return self.is_wanted


class Network:
    """Hosts by name, a link for each ordered pair of them, and the verbs of partition: hold, cut, reset, open."""

    def __init__(self, world: World, quality: LinkQuality | None = None) -> None:
        self._world = world
        self._quality = quality or LinkQuality()
        self._streams = 0
        self.graph: nx.DiGraph[HostName] = nx.DiGraph()

    def add_host(self, name: HostName) -> Host:
        """Add a host, linked both ways with every other one."""
        if name in self.graph:
            msg = f"host {name!r} exists already"
            raise ValueError(msg)
        host = Host(self._world, name)
        others = list(self.graph)
        self.graph.add_node(name, host=host)
        for other in others:
            for source, target in ((name, other), (other, name)):
                link = Link(self._world, source=source, target=target, **self._quality._asdict())
                self.graph.add_edge(source, target, link=link)
        return host

    def host(self, name: HostName) -> Host:
        """Return the host of that name. Raises KeyError."""
        host: Host = self.graph.nodes[name]["host"]
        return host

    def link(self, source: HostName, target: HostName) -> Link:
        """Return the one-way link. Raises KeyError."""
        link: Link = self.graph.edges[source, target]["link"]
        return link

    def links(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> Iterator[Link]:
        """Give the links from `name` to `other` (to every host, if None), and back unless `one_way`."""
        for peer in [other] if other is not None else list(self.graph.successors(name)):
            yield self.link(name, peer)
            if not one_way:
                yield self.link(peer, name)

    def connect(
        self,
        source: Host,
        target: HostName,
        *,
        connection: int,
        on_open: Callable[[Endpoint], object],
        on_failed: Callable[[str], object],
    ) -> Connecting:
        """Open a stream. One of the callbacks follows, on the source host, unless packets are lost on the way."""
        attempt = Connecting()
        arrive = partial(
            self._knock, source, source.incarnation, target, Peer(source.name, connection), attempt, on_open, on_failed
        )
        self.link(source.name, target).carry(HEADER_BYTES, attempt.still_wanted, arrive)
        return attempt

    def _knock(
        self,
        source: Host,
        incarnation: int,
        target: HostName,
        opener: Peer,
        attempt: Connecting,
        on_open: Callable[[Endpoint], object],
        on_failed: Callable[[str], object],
    ) -> None:
        host, back = self.host(target), self.link(target, source.name)
        if incarnation != source.incarnation:
            # Who knocked is gone: nobody would hold the near end.
            return
        if host.state is HostState.DOWN or host.on_connection is None:
            refuse = partial(self._refused, attempt, on_failed)
            back.carry(HEADER_BYTES, _yes, partial(source.deliver, incarnation, refuse, ()))
            return
        self._streams += 1
        near = self._end(source, self.link(source.name, target), opener)
        far = self._end(host, back, opener)
        near.peer, far.peer = far, near
        # A paused process accepts when it goes on; its kernel answers at once.
        host.deliver(host.incarnation, host.on_connection, (far,))
        opened = partial(self._opened, attempt, near, on_open)
        back.carry(HEADER_BYTES, _yes, partial(source.deliver, incarnation, opened, ()))

    def _end(self, host: Host, link: Link, opener: Peer) -> Endpoint:
        return Endpoint(
            number=self._streams,
            deliver=partial(host.deliver, host.incarnation),
            siblings=host.endpoints,
            link=link,
            opener=opener,
        )

    def _opened(self, attempt: Connecting, endpoint: Endpoint, on_open: Callable[[Endpoint], object]) -> None:
        if not attempt.is_wanted:
            endpoint.close()
            return
        on_open(endpoint)

    def _refused(self, attempt: Connecting, on_failed: Callable[[str], object]) -> None:
        if attempt.is_wanted:
            on_failed("connection refused")

    def hold(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> None:
        """Let packets wait on these links until `open`; nothing is lost."""
        for link in self.links(name, other, one_way=one_way):
            link.hold()

    def cut(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> None:
        """Lose packets on these links until `open`; streams notice only by their own timeouts."""
        for link in self.links(name, other, one_way=one_way):
            link.cut()

    def open(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> None:
        """Release held links and repair cut ones."""
        for link in self.links(name, other, one_way=one_way):
            link.open()

    def reset(self, name: HostName, other: HostName | None = None) -> None:
        """Break every stream between `name` and `other` (or anybody), losing the bytes under way."""
        for endpoint in list(self.host(name).endpoints.values()):
            if other is None or endpoint.peer_host == other:
                endpoint.reset()


def _yes() -> bool:
    return True
