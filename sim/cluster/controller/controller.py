"""The controller put together: what brokers ask of whoever is active, and what the cluster's faults want decided.

Kafka's QuorumController. Which of the controllers is active is the quorum's matter (`quorum.py`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.controller.acl_control import AclControl
from sim.cluster.controller.apis import answer_to
from sim.cluster.controller.cluster_control import ClusterControl
from sim.cluster.controller.configuration_control import ConfigurationControl
from sim.cluster.controller.decisions import Decisions
from sim.cluster.controller.metadata_fetches import MetadataFetches
from sim.cluster.controller.metadata_log import MetadataLog
from sim.cluster.controller.periodic_tasks import PeriodicTasks
from sim.cluster.controller.replication_control import ReplicationControl
from sim.cluster.envelope import Envelope, RefusedError
from sim.cluster.messages import (
    NOMINAL_BYTES,
    AllocateProducerIds,
    AlterPartition,
    AssignReplicasToDirs,
    BrokerHeartbeat,
    CreateTopic,
    HeartbeatAnswer,
    MetadataFetch,
    ProducerIdBlock,
    RegisterBroker,
)
from sim.cluster.settings import MIN_INSYNC_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.office import Office
    from sim.cluster.quotas.entity import QuotaEntity
    from sim.cluster.security.acls.acl import Acl
    from sim.cluster.topic_config import TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World
    from sim.world.network import Endpoint


class Controller:
    """What the active controller decides and remembers. `Cluster` calls `replication` directly."""

    def __init__(self, world: World, trace: Trace, config: ClusterConfig) -> None:
        self._world = world
        self._trace = trace
        self._config = config
        self._fetches: MetadataFetches | None = None
        self._brokers: ClusterControl | None = None
        self.metadata = MetadataLog(config)
        """What was decided so far."""
        self.configuration = ConfigurationControl(world, trace, config, self.metadata)
        """What is set for topics and brokers."""
        self.replication = ReplicationControl(world, trace, config, self.metadata, self.configuration)
        """The verbs about topics and partitions."""
        self.acls = AclControl(world, trace, self.metadata)
        """Who may do what."""
        parts = self.metadata, self.configuration, self.replication, self.acls
        self._decisions = Decisions(world, trace, config, *parts)
        self._has_created_topics = False
        self._next_producer_id = 0

    def take_office(self, office: Office) -> None:
        """Go on from the log on another controller, or on the same in another epoch: nothing else is carried over."""
        config, before = self._config, self._brokers
        self._fetches = MetadataFetches(office, config, self.metadata)
        self.metadata.on_commit = self._fetches.committed
        self._brokers = ClusterControl(self._world, self._trace, office, config, self.metadata, self.replication)
        self._decisions.take_office(office, self._brokers)
        if before is not None:
            self._brokers.take_over(before)
        PeriodicTasks(office, config, self.replication)

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

    def alter_quota(self, entity: QuotaEntity, limit: str, value: float | None) -> None:
        """Set one limit of an entity, or remove it for None. Raises ValueError where Kafka refuses that."""
        try:
            self.configuration.alter_quota(entity, limit, value)
        except RefusedError as error:
            raise ValueError(error.refusal.message) from error
        self.metadata.commit()

    def _altered(self, setting: str, topic: str | None) -> None:
        if setting == MIN_INSYNC_REPLICAS and self._config.eligible_leader_replicas:
            self.replication.clear_eligible(topic)

    # -- rights --------------------------------------------------------------------------------------------------------

    def create_acl(self, acl: Acl) -> None:
        """Let a rule hold. Raises ValueError for one that does already, and where there is no authorizer."""
        self._require_authorizer()
        if not self.acls.create(acl):
            msg = f"there is such a rule already: {acl}"
            raise ValueError(msg)
        self.metadata.commit()

    def delete_acls(self, acls: Sequence[Acl]) -> None:
        """Let rules hold no longer, those of them that do. Raises ValueError if none does."""
        self._require_authorizer()
        known = [acl for acl in acls if acl in self.metadata.acls]
        if not known:
            msg = f"there is no such rule: {acls[0]}"
            raise ValueError(msg)
        for acl in known:
            self.acls.delete(acl)
        self.metadata.commit()

    def _require_authorizer(self) -> None:
        if self._config.authorizer is None:
            msg = "the cluster has no authorizer, and so no rules"
            raise ValueError(msg)

    @property
    def has_created_topics(self) -> bool:
        """Whether the configured topics were created; somebody may have deleted them since."""
        return self._has_created_topics

    # -- streams -------------------------------------------------------------------------------------------------------

    def forget(self, endpoint: Endpoint) -> None:
        """A stream is over."""
        if self._fetches is not None:
            self._fetches.forget(endpoint)

    def received(self, endpoint: Endpoint, message: object) -> None:
        """Answer a broker, as the active controller."""
        assert self._brokers is not None
        assert self._fetches is not None
        match message:
            case MetadataFetch():
                self._decisions.observers.note(
                    message.broker,
                    offset=message.metadata_offset,
                    end_offset=self.metadata.offset,
                    now_us=self._world.now_us,
                )
                self._fetches.fetch(message, endpoint)
                return
            case BrokerHeartbeat():
                answer: object = self._heartbeat(message)
            case AlterPartition():
                answer = self.replication.alter_partition(message)
            case AssignReplicasToDirs():
                answer = self.replication.assign_replicas(message)
            case RegisterBroker():
                answer = self._brokers.register(message)
            case AllocateProducerIds():
                answer = self._allocate(message)
            case CreateTopic():
                self._create_wanted(message.config)
                return
            case Envelope():
                answer = answer_to(self._decisions, message)
            case _:
                msg = f"the controller was sent a {type(message).__name__}"
                raise AssertionError(msg)
        endpoint.send(answer, size_bytes=NOMINAL_BYTES)

    def _heartbeat(self, message: BrokerHeartbeat) -> HeartbeatAnswer:
        assert self._brokers is not None
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
