"""What the active controller decides with, for whoever answers a request: the log, the settings, the verbs about partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.api import ApiKey
from sim.cluster.controller.progress import FetchProgress
from sim.cluster.quotas.mutation_quota import UNLIMITED_PERMITS
from sim.cluster.security.rights import Rights
from sim.cluster.settings import MIN_INSYNC_REPLICAS
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from producer.chance import Chance
    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.acl_control import AclControl
    from sim.cluster.controller.cluster_control import ClusterControl
    from sim.cluster.controller.configuration_control import ConfigurationControl
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.controller.office import Office
    from sim.cluster.controller.replication_control import ReplicationControl
    from sim.cluster.envelope import Envelope
    from sim.cluster.metadata_states import FeatureLevel, TopicState
    from sim.cluster.quotas.entity import QuotaEntity
    from sim.trace.trace import Trace
    from sim.world.kernel import World


_REFUSED_SINCE: Mapping[int, int] = {ApiKey.CREATE_TOPICS: 6, ApiKey.DELETE_TOPICS: 5, ApiKey.CREATE_PARTITIONS: 3}
"""The version of an API from which on its answers can tell THROTTLING_QUOTA_EXCEEDED."""


class Decisions:
    """The parts of one controller. Whoever changes something through them ends with `metadata.commit`."""

    __slots__ = ("_brokers", "_office", "_world", "acls", "config", "configuration", "metadata", "observers", "permits",
                 "replication", "rights")  # fmt: skip

    def __init__(
        self,
        world: World,
        trace: Trace,
        config: ClusterConfig,
        metadata: MetadataLog,
        configuration: ConfigurationControl,
        replication: ReplicationControl,
        acls: AclControl,
    ) -> None:
        self._world = world
        self.config = config
        self.metadata = metadata
        self.configuration = configuration
        self.replication = replication
        self.acls = acls
        self.rights = Rights(config.authorizer, metadata.acls, config.broker_hosts, world, trace)
        """Of whoever asks, by the rules as they stand."""
        self.observers: FetchProgress[int] = FetchProgress()
        """How far brokers are with the metadata, by their Fetches."""
        self.permits = UNLIMITED_PERMITS
        """What the request that is being decided may create and delete."""
        self._office: Office | None = None
        self._brokers: ClusterControl | None = None

    def take_office(self, office: Office, brokers: ClusterControl) -> None:
        """Decide in that office from now on: whoever fetched from another controller is unknown here."""
        self._office = office
        self._brokers = brokers
        self.observers.clear()
        self.configuration.mutations.forget()

    @property
    def office(self) -> Office:
        """The one that is held now."""
        assert self._office is not None
        return self._office

    @property
    def brokers(self) -> ClusterControl:
        """Who knows the brokers in that office."""
        assert self._brokers is not None
        return self._brokers

    def begin(self, envelope: Envelope) -> None:
        """Decide a client's request from now on (KIP-599: newer versions are refused, older ones made to wait)."""
        self.permits = self.configuration.mutations.permits(
            envelope.principal.name,
            envelope.client_id,
            self.calendar_ms(self.now_us),
            is_strict=envelope.version >= _REFUSED_SINCE.get(envelope.api, 0),
        )

    @property
    def now_us(self) -> int:
        return self._world.now_us

    def calendar_ms(self, at_us: int) -> int:
        """What a moment of the world is on the calendar, in epoch milliseconds."""
        return (self.config.epoch_us + at_us) // MILLISECOND_US

    def put_topic_settings(self, topic: TopicState, settings: Mapping[str, str]) -> None:
        """Let a topic have these of its own, and no others; whoever does so commits."""
        changed = self.configuration.put_topic_settings(topic, settings)
        self._look_at_eligible(changed, topic.name)

    def put_broker_settings(self, broker: int, settings: Mapping[str, str]) -> None:
        """Let a broker, or all of them, have these set, and no others; whoever does so commits."""
        changed = self.configuration.put_broker_settings(broker, settings)
        self._look_at_eligible(changed, None)

    def put_resource_settings(self, kind: int, name: str, settings: Mapping[str, str]) -> None:
        """Let a group, or a subscription to clients' metrics, have these set, and no others; whoever does so commits."""
        self.configuration.put_resource_settings(kind, name, settings)

    def put_feature(self, feature: FeatureLevel) -> None:
        """Let a feature have another level; whoever does so commits."""
        self.configuration.put_feature(feature)

    def put_quota(self, entity: QuotaEntity, limits: Mapping[str, float]) -> None:
        """Let clients of an entity be allowed so much, and nothing else be limited; whoever does so commits."""
        self.configuration.put_quota(entity, limits)

    def _look_at_eligible(self, changed: Collection[str], topic: str | None) -> None:
        if MIN_INSYNC_REPLICAS in changed and self.config.eligible_leader_replicas:
            self.replication.clear_eligible(topic)

    def placement_of(self, topic: str) -> Chance:
        """Give the chance by which a topic is placed that clients create: each has its own, so one more moves no other."""
        return self._world.chance(f"replica placement/{topic}")
