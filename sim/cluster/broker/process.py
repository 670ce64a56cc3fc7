"""One life of a broker's process: what it holds in memory, from its start to its crash.

A crash forgets this object whole; the next life begins with what the disk holds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sim.cluster.broker.connection import greet
from sim.cluster.broker.controller_link import ControllerLink
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.broker.handlers.replica_fetch import PeerConnection
from sim.cluster.broker.metadata_image import MetadataImage
from sim.cluster.broker.producer_ids import ProducerIds
from sim.cluster.broker.purgatory import Purgatory
from sim.cluster.broker.replicas import Replicas
from sim.cluster.config import EPOCH_US
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker.tampering import Tampering
    from sim.cluster.config import ClusterConfig
    from sim.cluster.messages import AlterPartition, AlterPartitionAnswer, MetadataDelta
    from sim.trace.trace import Trace
    from sim.world.disk import Disk
    from sim.world.kernel import World
    from sim.world.network import Endpoint, Host, Network
    from sim.world.network.network import Connecting

PORT = 9092

ENCODED_MAX = 256
"""Answers kept encoded: a few clients ask the same few questions."""


class BrokerProcess:
    """Everything the handlers and replicas of one broker share."""

    replicas_type = Replicas

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
    ) -> None:
        self.world = world
        self.trace = trace
        self.config = config
        self.host = host
        self.disk = disk
        self.tampering = tampering
        self.broker_id = broker_id
        self.port = PORT
        self._network = network
        self._connections = 0
        self._is_serving = False
        self.image = MetadataImage()
        self._encoded: dict[object, bytes] = {}
        self.purgatory = Purgatory(world, host)
        self.replicas = self.replicas_type(self)
        self.link = ControllerLink(self)
        self.producer_ids = ProducerIds(self.link.ask_for_producer_ids)
        host.call_in(config.broker_start_us, self._begin)

    def _begin(self) -> None:
        self.link.open()
        self.link.start_heartbeats()
        self.replicas.begin()

    @property
    def broker_epoch(self) -> int:
        return self.link.broker_epoch

    @property
    def now_ms(self) -> int:
        """What this broker's clock shows, in epoch milliseconds: all clocks agree."""
        return (EPOCH_US + self.world.now_us) // MILLISECOND_US

    def connect(
        self, target: str, *, on_open: Callable[[Endpoint], object], on_failed: Callable[[str], object]
    ) -> Connecting:
        """Open a stream to another host."""
        self._connections += 1
        return self._network.connect(
            self.host, target, connection=self._connections, on_open=on_open, on_failed=on_failed
        )

    def accept_peer(self, endpoint: Endpoint, first: object) -> None:
        """Another broker follows partitions that this one leads."""
        PeerConnection(self, endpoint).received(first)

    def encoded(self, key: object) -> bytes | None:
        """Give an answer that was encoded before, if nothing changed since."""
        return self._encoded.get(key)

    def keep_encoded(self, key: object, body: bytes) -> None:
        """Keep an answer that will be asked for again, until the image changes."""
        if len(self._encoded) >= ENCODED_MAX:
            self._encoded.clear()
        self._encoded[key] = body

    def create_missing_topic(self, name: str) -> None:
        """A client asked for a topic that does not exist, and the cluster creates those (auto.create.topics.enable)."""
        self.link.create_topic(replace(self.config.auto_created_topic, name=name))

    # -- metadata ------------------------------------------------------------------------------------------------------

    def apply_metadata(self, delta: MetadataDelta) -> None:
        """Act on what the controller decided."""
        self.image.apply(delta)
        self._encoded.clear()
        if self._is_serving:
            self.replicas.apply(delta.partitions)
        else:
            self.progressed()

    def progressed(self) -> None:
        """Registered, or further with the metadata: serve, and ask to be unfenced, once both are far enough.

        Before that its roles are those of the process before, which it must not take up (BrokerMetadataPublisher).
        """
        if not self._is_serving and self.link.is_caught_up:
            self._is_serving = True
            self.replicas.apply(tuple(self.image.partitions.values()))
            self.host.on_connection = partial(greet, self, HANDLERS)
            self.link.heartbeat()

    def is_eligible(self, broker: int, broker_epoch: int) -> bool:
        """Whether a follower may be in sync: in service, and registered under the epoch it fetches with (KIP-903)."""
        known = self.image.brokers.get(broker)
        return known is not None and not known.is_fenced and known.broker_epoch == broker_epoch

    def propose_isr(self, message: AlterPartition) -> None:
        """Ask the controller to commit another ISR."""
        self.link.alter_partition(message)

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        """Hand the controller's answer to its partition. Returns whether to ask again."""
        return self.replicas.isr_answered(answer)
