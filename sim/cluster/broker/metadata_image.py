"""The cluster as one broker knows it: what it has applied of the controller's changes, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.leaders import LeaderIdAndEpoch, NodeEndpoint
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.effective_settings import BrokerLayers, initial_settings, static_settings
from sim.cluster.features import finalized_features, set_level
from sim.cluster.metadata_states import EVERY_BROKER, BrokerSettings
from sim.cluster.quotas.states import initial_quotas, put_quota
from sim.cluster.security.acls.index import AclIndex
from sim.cluster.security.acls.settings import known_from_the_start
from sim.cluster.security.scram_credentials import ScramCredentials, initial_credentials
from sim.cluster.settings import effective_config

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.config import ClusterConfig
    from sim.cluster.metadata_states import (
        BrokerState,
        MetadataDelta,
        PartitionState,
        QuotaState,
        RemovedTopic,
        ResourceSettings,
        TopicState,
    )
    from sim.cluster.quotas.entity import QuotaEntity
    from sim.cluster.topic_config import TopicConfig


class MetadataImage:
    """Brokers, topics and partitions up to an offset of the metadata log."""

    __slots__ = ("acls", "brokers", "features", "offset", "partitions", "partitions_of", "quotas", "resources",
                 "scram_credentials", "settings", "topic_of_id", "topics")  # fmt: skip

    def __init__(self, config: ClusterConfig) -> None:
        self.offset = 0
        self.brokers: dict[int, BrokerState] = {}
        self.topics: dict[str, TopicState] = {}
        self.topic_of_id: dict[bytes, TopicState] = {}
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.partitions_of: dict[str, dict[int, PartitionState]] = {}
        """By topic and number."""
        self.settings: dict[int, BrokerSettings] = {
            EVERY_BROKER: BrokerSettings(EVERY_BROKER, initial_settings(config))
        }
        self.resources: dict[tuple[int, str], ResourceSettings] = {}
        """Settings of groups and of subscriptions to clients' metrics, by kind and name."""
        self.features: dict[str, int] = finalized_features(config)
        """The finalized level of each feature that has one."""
        self.acls = AclIndex(known_from_the_start(config.authorizer))
        """Who may do what."""
        self.quotas: dict[QuotaEntity, QuotaState] = initial_quotas(config)
        """Those that have limits."""
        self.scram_credentials: ScramCredentials = initial_credentials(config.authentication.users)
        """Those of a new cluster are told to nobody: whoever formats a node writes them there."""

    def apply(self, delta: MetadataDelta) -> None:
        """Take one change."""
        self.offset = delta.offset
        for removed in delta.removed_topics:
            self._remove(removed)
        for gone in delta.removed_brokers:
            # A broker that is new here is told of some that it never knew.
            self.brokers.pop(gone.broker, None)
        for lost in delta.removed_scram_credentials:
            self.scram_credentials.pop((lost.user, lost.mechanism), None)
        for credential in delta.scram_credentials:
            self.scram_credentials[credential.user, credential.mechanism] = credential
        for broker in delta.brokers:
            self.brokers[broker.broker] = broker
        for settings in delta.settings:
            self.settings[settings.broker] = settings
        for resource in delta.resources:
            self.resources[resource.kind, resource.name] = resource
        for feature in delta.features:
            set_level(self.features, feature)
        for gone_acl in delta.removed_acls:
            self.acls.remove(gone_acl.acl_id)
        for rule in delta.acls:
            self.acls.add(rule.acl_id, rule.acl)
        for quota in delta.quotas:
            put_quota(self.quotas, quota)
        for topic in delta.topics:
            self.topics[topic.name] = topic
            self.topic_of_id[topic.topic_id] = topic
        for state in delta.partitions:
            self.partitions[state.tp] = state
            self.partitions_of.setdefault(state.tp.topic, {})[state.tp.partition] = state

    def layers_of(self, broker: int, static: ClusterConfig) -> BrokerLayers:
        """Give what a broker contributes to the settings of a topic."""
        own, of_all = (self.settings.get(one) for one in (broker, EVERY_BROKER))
        return BrokerLayers(
            dict(own.settings) if own else {}, dict(of_all.settings) if of_all else {}, static_settings(static)
        )

    def settings_of_resource(self, kind: int, name: str) -> dict[str, str]:
        """Give what was set for that group, or that subscription to clients' metrics."""
        known = self.resources.get((kind, name))
        return {} if known is None else dict(known.settings)

    def config_of(self, topic: str, broker: int, static: ClusterConfig) -> TopicConfig:
        """Give a topic's config with the values that are in effect on that broker."""
        own, of_all = self.settings.get(broker), self.settings.get(EVERY_BROKER)
        layers = [layer.settings for layer in (own, of_all) if layer is not None]
        return effective_config(self.topics[topic], static, *layers)

    def _remove(self, removed: RemovedTopic) -> None:
        # A broker that is new here is told of topics that it never knew.
        if self.topic_of_id.pop(removed.topic_id, None) is not None:
            del self.topics[removed.name]
            for state in self.partitions_of.pop(removed.name, {}).values():
                del self.partitions[state.tp]

    def home_of(self, key: str, topic: str) -> PartitionState | None:
        """Give the partition of an internal topic that a group or a transactional id belongs to; None without the topic."""
        partitions = self.partitions_of.get(topic)
        return partitions.get(partition_for(key, len(partitions))) if partitions else None

    def is_alive(self, broker: int) -> bool:
        """Whether that broker serves, as far as this image goes; one that is about to stop does to the last."""
        known = self.brokers.get(broker)
        return known is not None and not known.is_fenced

    def is_offline(self, state: PartitionState, replica: int) -> bool:
        """Whether a replica is offline: its broker is not in service, or the log directory that holds it failed."""
        known = self.brokers.get(replica)
        return known is None or known.is_fenced or not known.has_online_dir(state.directory_of(replica))

    def leader_hint(self, state: PartitionState, listener: int) -> tuple[LeaderIdAndEpoch, NodeEndpoint | None]:
        """Who leads and where that listener of its is, for answers that send a client elsewhere (KIP-951)."""
        leader = LeaderIdAndEpoch(state.leader, state.leader_epoch)
        known = self.brokers.get(state.leader)
        if known is None or known.is_fenced:
            return leader, None
        return leader, NodeEndpoint(known.broker, *known.endpoints[listener], known.rack)
