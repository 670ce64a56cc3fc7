"""The controller put together: what brokers ask of it over their streams, and what the cluster's faults do to it.

Kafka's QuorumController with one voter that never fails.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.controller.cluster_control import ClusterControl
from sim.cluster.controller.configuration_control import ConfigurationControl
from sim.cluster.controller.metadata_fetches import MetadataFetches
from sim.cluster.controller.metadata_log import MetadataLog
from sim.cluster.controller.periodic_tasks import PeriodicTasks
from sim.cluster.controller.replication_control import ReplicationControl
from sim.cluster.messages import (
    NOMINAL_BYTES,
    AllocateProducerIds,
    AlterPartition,
    BrokerHeartbeat,
    CreateTopic,
    HeartbeatAnswer,
    MetadataFetch,
    ProducerIdBlock,
    RegisterBroker,
)
from sim.cluster.settings import MIN_INSYNC_REPLICAS

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig, TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World
    from sim.world.network import Endpoint, Host


class Controller:
    """The one controller. Brokers reach it by streams to its host; `Cluster` calls `replication` directly."""

    def __init__(self, world: World, trace: Trace, host: Host, config: ClusterConfig) -> None:
        self._config = config
        self.metadata = MetadataLog()
        """What was decided so far."""
        self._fetches = MetadataFetches(host, config, self.metadata)
        self.configuration = ConfigurationControl(world, trace, config, self.metadata)
        """What is set for topics and brokers."""
        self.replication = ReplicationControl(world, trace, config, self.metadata, self.configuration)
        """The verbs about topics and partitions."""
        self._brokers = ClusterControl(world, trace, host, config, self.metadata, self.replication)
        self._has_created_topics = False
        self._next_producer_id = 0
        host.on_connection = self._accept
        PeriodicTasks(host, config, self.replication)

    # -- settings ------------------------------------------------------------------------------------------------------

    def alter_topic(self, topic: str, setting: str, value: str | None) -> None:
        """Set one setting of a topic, or delete it for None. Raises ValueError where Kafka refuses that."""
        if self.configuration.alter_topic(topic, setting, value):
            self._altered(setting, topic)
        self.metadata.commit()

    def alter_broker(self, broker: int, setting: str, value: str | None) -> None:
        """Set one setting of a broker or of all, or delete it for None. Raises ValueError where Kafka refuses that."""
        self.configuration.alter_broker(broker, setting, value)
        self._altered(setting, None)
        self.metadata.commit()

    def _altered(self, setting: str, topic: str | None) -> None:
        if setting == MIN_INSYNC_REPLICAS and self._config.eligible_leader_replicas:
            self.replication.clear_eligible(topic)

    @property
    def has_created_topics(self) -> bool:
        """Whether the configured topics were created; somebody may have deleted them since."""
        return self._has_created_topics

    # -- streams -------------------------------------------------------------------------------------------------------

    def _accept(self, endpoint: Endpoint) -> None:
        endpoint.on_received = partial(self._received, endpoint)
        endpoint.on_closed = partial(self._closed, endpoint)

    def _closed(self, endpoint: Endpoint, _reason: str) -> None:
        self._fetches.forget(endpoint)

    def _received(self, endpoint: Endpoint, message: object) -> None:
        match message:
            case BrokerHeartbeat():
                answer: object = self._heartbeat(message)
            case AlterPartition():
                answer = self.replication.alter_partition(message)
            case RegisterBroker():
                answer = self._brokers.register(message)
            case AllocateProducerIds():
                answer = self._allocate(message)
            case MetadataFetch():
                self._fetches.fetch(message, endpoint)
                return
            case CreateTopic():
                self._create_wanted(message.config)
                return
            case _:
                msg = f"the controller was sent a {type(message).__name__}"
                raise AssertionError(msg)
        endpoint.send(answer, size_bytes=NOMINAL_BYTES)

    def _heartbeat(self, message: BrokerHeartbeat) -> HeartbeatAnswer:
        answer = self._brokers.heartbeat(message)
        if not self._has_created_topics and self._brokers.are_all_in_service:
            self._has_created_topics = True
            for config in self._config.topics:
                self.replication.create_topic(config)
        return answer

    def _create_wanted(self, config: TopicConfig) -> None:
        # Several clients ask for the same missing topic; and where it cannot be placed now, the answer is silence: they
        # ask again.
        if config.name not in self.metadata.topics:
            with suppress(ValueError):
                self.replication.create_topic(config)

    def _allocate(self, message: AllocateProducerIds) -> ProducerIdBlock:
        if not self.metadata.is_registered(message.broker, message.broker_epoch):
            return ProducerIdBlock(Code.STALE_BROKER_EPOCH, -1, 0)
        first = self._next_producer_id
        self._next_producer_id += self._config.producer_id_block
        return ProducerIdBlock(Code.NONE, first, self._config.producer_id_block)
