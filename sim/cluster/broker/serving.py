"""What a handler needs of its broker: replicas, what waits, producer ids, rules of faults, and answers kept encoded."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.fetch_sessions import FetchSessions
from sim.cluster.broker.purgatory import Purgatory
from sim.cluster.broker.surroundings import Surroundings

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from producer.wire.messages.api_versions import ApiVersion
    from sim.cluster.broker.forwarding import Forwarding
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.producer_ids import ProducerIds
    from sim.cluster.broker.tampering import Tampering
    from sim.cluster.config import ClusterConfig
    from sim.trace.trace import Trace
    from sim.world.disk import Disk
    from sim.world.kernel import World
    from sim.world.network import Host, Network

ENCODED_MAX = 256
"""Answers kept encoded: a few clients ask the same few questions."""


class ServingBroker(Surroundings):
    """A broker as its handlers see it."""

    producer_ids: ProducerIds
    forwarding: Forwarding
    """The way to the active controller for what clients ask of it."""
    spoken: tuple[ApiVersion, ...]
    """What this broker answers, for ApiVersions."""

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
        super().__init__(
            world=world, trace=trace, config=config, network=network, host=host, disk=disk, broker_id=broker_id
        )
        self.tampering = tampering
        self.purgatory = Purgatory(world, host)
        self.fetch_sessions = FetchSessions(world, broker_id, slots=config.fetch_session_slots)
        self.partitions: dict[TopicPartition, Partition] = {}
        """The replicas on this broker."""
        self.offline: dict[TopicPartition, bytes] = {}
        """Those in a log directory that failed, each with the id of its topic (HostedPartition.Offline)."""
        self._encoded: dict[object, bytes] = {}

    @abstractmethod
    def create_missing_topic(self, name: str) -> None:
        """A client asked for a topic that does not exist, and the cluster creates those (auto.create.topics.enable)."""

    def code_without_replica(self, tp: TopicPartition) -> Code:
        """Say why a partition that has no replica here is not served (ReplicaManager.getPartitionOrError)."""
        if tp in self.offline:
            return Code.KAFKA_STORAGE_ERROR
        return Code.NOT_LEADER_OR_FOLLOWER if tp in self.image.partitions else Code.UNKNOWN_TOPIC_OR_PARTITION

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
