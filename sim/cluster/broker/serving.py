"""What a handler needs of its broker: replicas, what waits, producer ids, rules of faults, and answers kept encoded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from sim.cluster.broker.fetch_sessions import FetchSessions
from sim.cluster.broker.hosting import HostingBroker
from sim.cluster.broker.idle_connections import IdleConnections
from sim.cluster.quotas.broker_quotas import BrokerQuotas
from sim.cluster.security.rights import Rights

if TYPE_CHECKING:
    from producer.wire.messages.api_versions import ApiVersion
    from sim.cluster.broker.forwarding import Forwarding
    from sim.cluster.broker.log_moves import LogMoves
    from sim.cluster.broker.tampering import Tampering
    from sim.cluster.config import ClusterConfig
    from sim.cluster.coordinators.groups.service import GroupCoordinator
    from sim.cluster.coordinators.transactions.service import TransactionCoordinator
    from sim.cluster.security.acls.authorizer import Authorizer
    from sim.trace.trace import Trace
    from sim.world.disk import Disk
    from sim.world.kernel import World
    from sim.world.network import Host, Network


class ClientEnd(Protocol):
    """The broker's end of a client's stream."""

    def received(self, data: bytes) -> None:
        """Take bytes off the stream."""
        ...


ConnectionType = Callable[..., ClientEnd]
"""Makes one: of the broker, the endpoint, the handlers, and the place of the listener."""
ENCODED_MAX = 256
"""Answers kept encoded: a few clients ask the same few questions."""


class ServingBroker(HostingBroker):
    """A broker as its handlers see it."""

    forwarding: Forwarding
    """The way to the active controller for what clients ask of it."""
    spoken: tuple[ApiVersion, ...]
    """What this broker answers, for ApiVersions."""
    moves: LogMoves
    """Replicas on their way to another log directory."""
    groups: GroupCoordinator
    """The coordinator of those groups whose partition this broker leads."""
    transactions: TransactionCoordinator
    """The coordinator of those transactional ids whose partition this broker leads."""

    def __init__(
        self,
        *,
        world: World,
        trace: Trace,
        config: ClusterConfig,
        network: Network,
        host: Host,
        disk: Disk,
        tampering: Tampering,
        broker_id: int,
        connection_type: ConnectionType,
        authorizer_type: type[Authorizer],
    ) -> None:
        super().__init__(
            world=world, trace=trace, config=config, network=network, host=host, disk=disk, broker_id=broker_id
        )
        self.tampering = tampering
        self.connection_type = connection_type
        self.fetch_sessions = FetchSessions(world, broker_id, slots=config.fetch_session_slots)
        self.quotas = BrokerQuotas(config, self.image.quotas.values())
        self.idle_connections = IdleConnections(world, host, config.connections_max_idle_us)
        self.rights = Rights(
            config.authorizer, self.image.acls, config.broker_hosts, world, trace, authorizer_type=authorizer_type
        )
        """Of whoever asks, by the rules that this broker has heard of."""
        self._encoded: dict[object, bytes] = {}

    @abstractmethod
    def create_missing_topic(self, name: str) -> None:
        """A client asked for a topic that does not exist, and the cluster creates those (auto.create.topics.enable)."""

    def encoded(self, key: object) -> bytes | None:
        """Give an answer that was encoded before, if nothing changed since."""
        return self._encoded.get(key)

    def keep_encoded(self, key: object, body: bytes) -> None:
        """Keep an answer that will be asked for again, until the image changes."""
        if len(self._encoded) >= ENCODED_MAX:
            self._encoded.clear()
        self._encoded[key] = body

    def forget_encoded(self) -> None:
        """The image changed: every answer is made anew."""
        self._encoded.clear()
