"""One life of a gateway in virtual time: where it listens, whom it lets in, and what it knows of brokers, which a new life does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.cluster.gateways import GATEWAY, GATEWAY_PORT
from sim.gateway.core.enforcement import Enforcement, NothingEnforced
from sim.gateway.node.crossing import Crossing
from sim.world.network import HostState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import simpy

    from sim.clients.audit_file import AuditKeeper
    from sim.clients.virtual_driver import SomeCluster
    from sim.gateway.node.letters import Letters
    from sim.gateway.node.policing import SimPolicing
    from sim.world.network import Endpoint, Host

    Address = tuple[str, int]


class Parts(NamedTuple):
    """What a life is made of besides its sockets; None for what the story has not."""

    policing: SimPolicing | None
    audit: AuditKeeper | None
    letters: Letters | None


class GatewayLife:
    """Listens from its making on. It is its own table of addresses."""

    def __init__(
        self, cluster: SomeCluster, host: Host, parts: Parts, *, bootstrap: tuple[Address, ...], numbers: Iterator[int]
    ) -> None:
        """`bootstrap` are the brokers for whoever begins, `numbers` those of its connections to brokers, over all lives."""
        self.world, self.network = cluster.world, cluster.network
        self.emit = cluster.trace.emit
        self.host = host
        self.enforcement: Enforcement = NothingEnforced() if parts.policing is None else parts.policing
        self._parts = parts
        self._bootstrap = bootstrap
        self._numbers = numbers
        self._brokers: dict[int, Address] = {}
        self._crossings: dict[Crossing, None] = {}
        self._turn = 0
        host.ports[GATEWAY_PORT] = lambda endpoint: self._let_in(endpoint, self._next_bootstrap())

    def told(self, node_id: int, host: str, port: int) -> Address:
        """Give the gateway's own address for a broker, where it listens from now on."""
        self._brokers[node_id] = (host, port)
        own = GATEWAY_PORT + 1 + node_id
        if own not in self.host.ports:
            self.host.ports[own] = lambda endpoint: self._let_in(endpoint, (self._brokers[node_id],))
        return GATEWAY, own

    def answered(self, question: object) -> Generator[simpy.Event, Any, Any]:
        """Answer what a decision has to know; a process that stands still hears of it when it goes on. Raises UnavailableError."""
        assert self._parts.policing is not None, "nothing is enforced, and nobody asks"
        try:
            return (yield from self._parts.policing.answer(question))
        finally:
            while self.host.state is HostState.PAUSED:
                goes_on = self.world.event()
                self.host.deliver(self.host.incarnation, goes_on.succeed, ())
                yield goes_on

    def dismiss(self, crossing: Crossing) -> None:
        """Both of its streams are closed, and nothing is asked for it any more."""
        self._crossings.pop(crossing, None)

    def stop(self) -> Generator[simpy.Event, Any, None]:
        """Let nobody in any more, end every session, and keep what the audit was told, as part of a story."""
        self.host.listen_no_more()
        for crossing in tuple(self._crossings):
            crossing.end()
            crossing.kill()
        if self._parts.audit is not None:
            yield from self._parts.audit.drained()

    def kill(self) -> None:
        """The process is gone; its kernel closes what there is."""
        for crossing in tuple(self._crossings):
            crossing.kill()
        self._crossings.clear()
        if self._parts.policing is not None:
            self._parts.policing.forget()
        if self._parts.audit is not None:
            self._parts.audit.leave()
        if self._parts.letters is not None:
            self._parts.letters.kill()
        self.network.remove_host(self.host.name)

    def _let_in(self, endpoint: Endpoint, upstream: tuple[Address, ...]) -> None:
        crossing = Crossing(self, endpoint, upstream, next(self._numbers))
        if not crossing.is_over:
            self._crossings[crossing] = None

    def _next_bootstrap(self) -> tuple[Address, ...]:
        """Give all of them, each time another one first."""
        self._turn += 1
        turn = self._turn % len(self._bootstrap)
        return self._bootstrap[turn:] + self._bootstrap[:turn]
