"""The network of one world: hosts, the one-way links in use between them, and the streams across it.

A link exists once something used it. What a verb did to a host's links with everybody stands for those made later, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sim.world.network.connecting import Connecting, Knock
from sim.world.network.host import ANY_PORT, Host, HostState
from sim.world.network.link import Link, LinkQuality, LinkState
from sim.world.network.outbox import Outbox, SocketBuffers
from sim.world.network.stream import HEADER_BYTES, Endpoint, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.world.kernel import World
    from sim.world.network.host import HostName


LOOPBACK_US = 30
"""From a process to one on the same host, or to itself."""

Listener = Callable[[Peer, bool, bytes], object]
"""Takes who opened a stream, whether it is he who sends, and what."""

Address = tuple[str, int]
"""Host and port as a client is told them."""


class Place(NamedTuple):
    """Where an address is in this network."""

    host: str
    port: int
    """`ANY_PORT` where the host has one for all."""


class _Standing(NamedTuple):
    """The last verb on one host's links with everybody, in one direction."""

    order: int
    """Counts verbs: where both ends have one, the later verb holds."""
    state: LinkState


_UNTOUCHED = _Standing(0, LinkState.OPEN)


class Network:
    """Hosts by name, the links between them, and the verbs of partition: hold, cut, reset, open."""

    def __init__(self, world: World, quality: LinkQuality | None = None) -> None:
        self._world = world
        self._quality = quality or LinkQuality()
        self._streams = 0
        self._hosts_made = 0
        self._verbs = 0
        self._links: dict[HostName, dict[HostName, Link]] = {}
        self._loopbacks: dict[HostName, Link] = {}
        """Of hosts that speak to themselves; no fault of the network strikes those."""
        self._from: dict[HostName, _Standing] = {}
        self._to: dict[HostName, _Standing] = {}
        self._leaving: dict[HostName, None] = {}
        self._published: dict[Address, Place] = {}
        self.hosts: dict[HostName, Host] = {}
        """By name, in the order in which they were added."""
        self.listener: Listener | None = None
        """Hears of all bytes that are sent on streams opened from now on; it must change nothing."""

    # -- hosts ---------------------------------------------------------------------------------------------------------

    def add_host(self, name: HostName) -> Host:
        """Add a host. Raises ValueError if there is one of that name."""
        if name in self._leaving:
            # Back before its last packets were let go: the same machine under the same address.
            del self._leaving[name]
            self.host(name).start()
        elif name in self.hosts:
            msg = f"host {name!r} exists already"
            raise ValueError(msg)
        else:
            self._hosts_made += 1
            self.hosts[name] = Host(self._world, name, number=self._hosts_made)
            self._links[name] = {}
        return self.hosts[name]

    def host_at(self, name: HostName) -> Host:
        """Return the host of that name, made if it is not there: every client of one address is on the same host."""
        is_there = name in self.hosts and name not in self._leaving
        return self.hosts[name] if is_there else self.add_host(name)

    def host(self, name: HostName) -> Host:
        """Return the host of that name. Raises KeyError."""
        return self.hosts[name]

    def remove_host(self, name: HostName) -> None:
        """Let a host leave: its process ends, and with it go its streams, its links and their chance. Raises KeyError.

        What it sent before still arrives. Links that are held or cut go when they open.
        """
        self.host(name).crash()
        self._leaving[name] = None
        self._let_go()

    def _let_go(self) -> None:
        for name in tuple(self._leaving):
            links = list(self.links(name))
            if all(link.state is LinkState.OPEN for link in links):
                for link in links:
                    link.forget_chance()
                for peer in self._links.pop(name):
                    del self._links[peer][name]
                del self.hosts[name], self._leaving[name]
                self._loopbacks.pop(name, None)
                self._from.pop(name, None)
                self._to.pop(name, None)

    def publish(self, address: Address, name: HostName, port: int = ANY_PORT) -> None:
        """Let clients that are told this address find that host, and that port of it."""
        self._published[address] = Place(name, port)

    def name_at(self, address: Address) -> HostName:
        """The host behind an address; one that was not published is the host's own name."""
        return self.place_at(address).host

    def place_at(self, address: Address) -> Place:
        """The host and port behind an address; one that was not published is the host's own."""
        found = self._published.get(address)
        return Place(*address) if found is None else found

    # -- links ---------------------------------------------------------------------------------------------------------

    def link(self, source: HostName, target: HostName) -> Link:
        """Return the one-way link, made if it was not used before. Raises KeyError if a host is missing, or no other."""
        link = self._links[source].get(target)
        return self._made(source, target) if link is None else link

    def _way(self, source: HostName, target: HostName) -> Link:
        """Return what carries packets one way, be it a host's way to itself."""
        if source != target:
            return self.link(source, target)
        loopback = self._loopbacks.get(source)
        if loopback is None:
            quality = self._quality._replace(latency_us=LOOPBACK_US, jitter_us=0)
            loopback = Link(self._world, source=source, target=source, **quality._asdict())
            self._loopbacks[source] = loopback
        return loopback

    def _made(self, source: HostName, target: HostName) -> Link:
        if source == target or target not in self.hosts:
            raise KeyError(target)
        # Whoever speaks is answered: both ways at once.
        for one, other in ((source, target), (target, source)):
            link = Link(self._world, source=one, target=other, **self._quality._asdict())
            link.state = self._standing(one, other)
            self._links[one][other] = link
        return self._links[source][target]

    def link_state(self, source: HostName, target: HostName) -> LinkState:
        """Whether packets pass from one host to another now; of a link not used yet, whether they would."""
        link = self._links[source].get(target)
        return self._standing(source, target) if link is None else link.state

    def _standing(self, source: HostName, target: HostName) -> LinkState:
        return max(self._from.get(source, _UNTOUCHED), self._to.get(target, _UNTOUCHED)).state

    def links(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> Iterator[Link]:
        """Give the links from `name` to `other` (all in use, if None), and back unless `one_way`."""
        if other is not None:
            yield self.link(name, other)
            if not one_way:
                yield self.link(other, name)
            return
        for peer in self._peers(name):
            yield self._links[name][peer]
            if not one_way:
                yield self._links[peer][name]

    def _peers(self, name: HostName) -> list[HostName]:
        """Whoever shares links with that host, in the order in which hosts were added: not that of first use."""
        return sorted(self._links[name], key=self._number)

    def _number(self, name: HostName) -> int:
        return self.hosts[name].number

    # -- streams -------------------------------------------------------------------------------------------------------

    def connect(
        self,
        source: Host,
        target: HostName,
        *,
        connection: int,
        on_open: Callable[[Endpoint], object],
        on_failed: Callable[[str], object],
        port: int = ANY_PORT,
        certificate: str = "",
    ) -> Connecting:
        """Open a stream. One of the callbacks follows, on the source host, unless packets are lost on the way.

        `certificate` is the distinguished name that the opener showed in TLS, empty for none.
        """
        attempt = Connecting()
        opener = Peer(source.name, connection, certificate)
        knock = Knock(source, source.incarnation, target, attempt, on_open, on_failed, opener, port)
        if target not in self.hosts:
            source.call_in(0, knock.fail, "unknown host")
        elif source.name != target and self.link_state(source.name, target) is LinkState.REJECTED:
            source.call_in(0, knock.fail, "connection rejected")
        else:
            self._knock(knock)
        return attempt

    def _knock(self, knock: Knock) -> None:
        self._way(knock.source.name, knock.target).carry(HEADER_BYTES, knock.attempt.still_wanted, self._knocked, knock)

    def _knocked(self, knock: Knock) -> None:
        source, target = knock.source, knock.target
        if knock.incarnation != source.incarnation:
            return
        if target not in self.hosts:
            knock.fail("unknown host")
            return
        host, back = self.host(target), self._way(target, source.name)
        if host.state is HostState.OFF:
            host.power.missed.add(knock.is_repeated, partial(self._knock, knock))
            return
        if back.loses:
            # Nobody is accepted, or refused, whom the answer does not reach: he knocks again.
            back.miss(knock.is_repeated, partial(self._knocked, knock))
            return
        accept = host.acceptor(knock.port)
        if host.state is HostState.DOWN or accept is None:
            back.carry(HEADER_BYTES, _yes, knock.fail, "connection refused")
            return
        if host.is_full:
            host.not_taken.add(knock.is_repeated, partial(self._knock, knock))
            return
        self._streams += 1
        near = self._end(source, self._way(source.name, target), host.buffers, knock.opener, is_opener=True)
        # A host knows its ends by their numbers: both, if it speaks to itself.
        self._streams += int(source is host)
        far = self._end(host, back, source.buffers, knock.opener, is_opener=False)
        near.peer, far.peer = far, near
        # A paused process accepts when it goes on; its kernel answers at once.
        host.take(far, accept)
        back.carry(HEADER_BYTES, _yes, knock.open, near)

    def _end(self, host: Host, link: Link, buffers_there: SocketBuffers, opener: Peer, *, is_opener: bool) -> Endpoint:
        told: Callable[[bytes], object] | None = None
        if self.listener is not None:
            told = partial(self.listener, opener, is_opener)
        return Endpoint(
            number=self._streams,
            deliver=partial(host.deliver, host.incarnation),
            siblings=host.endpoints,
            link=link,
            power=host.power,
            outbox=Outbox(send_bytes=host.buffers.send_bytes, receive_bytes=buffers_there.receive_bytes),
            opener=opener,
            told=told,
        )

    # -- faults --------------------------------------------------------------------------------------------------------

    def hold(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> None:
        """Let packets wait on these links until `open`; nothing is lost."""
        self._strike(LinkState.HELD, name, other, one_way=one_way)

    def cut(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> None:
        """Lose packets on these links until `open`; streams notice only by their own timeouts."""
        self._strike(LinkState.CUT, name, other, one_way=one_way)

    def reject(self, name: HostName, other: HostName | None = None) -> None:
        """Break every stream there is, and let none be opened until `open`: a firewall, or an interface that is down."""
        self.reset(name, other)
        self._strike(LinkState.REJECTED, name, other, one_way=False)

    def open(self, name: HostName, other: HostName | None = None, *, one_way: bool = False) -> None:
        """Release held links, repair cut ones, and let through what was rejected."""
        self._strike(LinkState.OPEN, name, other, one_way=one_way)
        self._let_go()

    def open_all(self) -> None:
        """Release and repair every link there is, and those to come."""
        self._from.clear()
        self._to.clear()
        for source in self.hosts:
            for target in self._peers(source):
                self._links[source][target].open()
        self._let_go()

    def _strike(self, state: LinkState, name: HostName, other: HostName | None, *, one_way: bool) -> None:
        if other is None:
            self._verbs += 1
            self._from[name] = standing = _Standing(self._verbs, state)
            if not one_way:
                self._to[name] = standing
        for link in self.links(name, other, one_way=one_way):
            link.become(state)

    def reset(self, name: HostName, other: HostName | None = None) -> None:
        """Let `name` break every stream with `other` (or anybody): see `Endpoint.reset`."""
        for endpoint in list(self.host(name).endpoints.values()):
            if other is None or endpoint.peer_host == other:
                endpoint.reset()


def _yes() -> bool:
    return True
