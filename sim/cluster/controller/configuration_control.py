"""Settings of topics and brokers as the controller keeps them, altered one by one (Kafka's ConfigurationControlManager).

The controller is a node of its own: of the brokers' settings it heeds what is set for all of them, never what is set for one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from producer.wire.messages.alter_client_quotas import OpData
from sim.cluster.config_resources import ResourceType
from sim.cluster.effective_settings import BrokerLayers, static_settings
from sim.cluster.metadata_states import EVERY_BROKER, BrokerSettings, QuotaState, ResourceSettings
from sim.cluster.quotas.altering import altered_limits
from sim.cluster.quotas.entity import IP
from sim.cluster.quotas.limits import CONTROLLER_MUTATION_RATE
from sim.cluster.quotas.mutation_quota import MutationQuota
from sim.cluster.quotas.quota import limit_text
from sim.cluster.settings import MIN_INSYNC_REPLICAS, changed_settings, check_setting, effective_config
from sim.trace.events import FeatureUpdated, SettingAltered, TopicReconfigured
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.metadata_states import FeatureLevel, TopicState
    from sim.cluster.quotas.entity import QuotaEntity
    from sim.cluster.topic_config import TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World


class ConfigurationControl:
    """What is set for whom. Whoever alters something commits."""

    def __init__(self, world: World, trace: Trace, config: ClusterConfig, log: MetadataLog) -> None:
        self._world = world
        self._trace = trace
        self._config = config
        self._log = log
        self.mutations = MutationQuota(
            samples=config.controller_quota_window_num,
            window_ms=config.controller_quota_window_size_us // MILLISECOND_US,
        )
        """The quota on what clients create and delete."""
        for quota in log.quotas.values():
            self._limit_mutations(quota)

    def config_of(self, topic: str) -> TopicConfig:
        """Give a topic's config with the values that are in effect here."""
        return effective_config(self._log.topics[topic], self._config, self._log.settings_of(EVERY_BROKER))

    @property
    def layers(self) -> BrokerLayers:
        """What brokers contribute to the settings of a topic, as the controller sees it."""
        return BrokerLayers({}, dict(self._log.settings_of(EVERY_BROKER)), static_settings(self._config))

    def alter_topic(self, topic: str, setting: str, value: str | None) -> bool:
        """Set one setting of a topic, or delete it for None. Returns whether that is a change.

        Raises ValueError for an unknown topic, and for a setting or value that cannot be.
        """
        check_setting(setting, value, is_broker=False)
        known = self._log.topics.get(topic)
        if known is None:
            msg = f"topic {topic!r} does not exist"
            raise ValueError(msg)
        settings = changed_settings(known.settings, setting, value)
        self._trace.emit(SettingAltered(self._world.now_us, f"topic {topic}", setting, value))
        if settings == known.settings:
            return False
        before = {topic: self.config_of(topic)}
        self._log.put(replace(known, settings=settings))
        self._tell_what_changed(before)
        return True

    def alter_broker(self, broker: int, setting: str, value: str | None) -> None:
        """Set one setting of a broker, of all of them for `EVERY_BROKER`, or delete it for None.

        Raises ValueError for a setting or value that cannot be.
        """
        check_broker_setting(broker, setting, value, self._config)
        whose = "brokers" if broker == EVERY_BROKER else f"b{broker}"
        self._trace.emit(SettingAltered(self._world.now_us, whose, setting, value))
        before = {topic: self.config_of(topic) for topic in self._log.topics}
        settings = changed_settings(self._log.settings_of(broker), setting, value)
        self._log.put(BrokerSettings(broker, settings))
        self._tell_what_changed(before)

    def put_topic_settings(self, topic: TopicState, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Let a topic have these of its own, and no others. Returns the names of those that changed."""
        changed = self._tell_altered(f"topic {topic.name}", dict(topic.settings), settings)
        if changed:
            before = {topic.name: self.config_of(topic.name)}
            self._log.put(replace(topic, settings=tuple(sorted(settings.items()))))
            self._tell_what_changed(before)
        return changed

    def put_broker_settings(self, broker: int, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Let a broker, all of them for `EVERY_BROKER`, have these set, and no others. Returns the names of those that changed."""
        whose = "brokers" if broker == EVERY_BROKER else f"b{broker}"
        changed = self._tell_altered(whose, dict(self._log.settings_of(broker)), settings)
        if changed:
            before = {topic: self.config_of(topic) for topic in self._log.topics}
            self._log.put(BrokerSettings(broker, tuple(sorted(settings.items()))))
            self._tell_what_changed(before)
        return changed

    def put_resource_settings(self, kind: int, name: str, settings: Mapping[str, str]) -> None:
        """Let a group, or a subscription to clients' metrics, have these set, and no others."""
        whose = f"{ResourceType(kind).name.lower().replace('_', ' ')} {name}"
        if self._tell_altered(whose, self._log.settings_of_resource(kind, name), settings):
            self._log.put(ResourceSettings(kind, name, tuple(sorted(settings.items()))))

    def put_quota(self, entity: QuotaEntity, limits: Mapping[str, float]) -> None:
        """Let clients of an entity be allowed so much, and nothing else of theirs be limited."""
        before, after = (
            {name: limit_text(value) for name, value in one.items()} for one in (self._log.limits_of(entity), limits)
        )
        if self._tell_altered(f"quota {entity}", before, after):
            quota = QuotaState(entity, tuple(sorted(limits.items())))
            self._log.put(quota)
            self._limit_mutations(quota)

    def _limit_mutations(self, quota: QuotaState) -> None:
        if not quota.entity.has(IP):
            self.mutations.put(quota.entity, dict(quota.limits).get(CONTROLLER_MUTATION_RATE))

    def alter_quota(self, entity: QuotaEntity, limit: str, value: float | None) -> None:
        """Set one limit of an entity, or remove it for None. Raises RefusedError for what cannot be."""
        change = OpData(limit, 0.0 if value is None else value, remove=value is None)
        self.put_quota(entity, altered_limits(entity, self._log.limits_of(entity), (change,)))

    def put_feature(self, feature: FeatureLevel) -> None:
        """Let a feature have another level."""
        self._log.put(feature)
        self._trace.emit(FeatureUpdated(self._world.now_us, feature.name, feature.level))

    def _tell_altered(self, whose: str, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
        changed = tuple(name for name in sorted({*before, *after}) if before.get(name) != after.get(name))
        for name in changed:
            self._trace.emit(SettingAltered(self._world.now_us, whose, name, after.get(name)))
        return changed

    def _tell_what_changed(self, before: dict[str, TopicConfig]) -> None:
        for topic, config in before.items():
            now = self.config_of(topic)
            if now != config:
                assert now.unclean_leader_election is not None
                self._trace.emit(
                    TopicReconfigured(
                        self._world.now_us,
                        topic,
                        now.min_insync_replicas,
                        now.timestamp_type,
                        now.max_message_bytes,
                        now.unclean_leader_election,
                    )
                )


def check_broker_setting(broker: int, setting: str, value: str | None, config: ClusterConfig) -> None:
    """Raise ValueError for a setting, a value, or an alteration that cannot be."""
    check_setting(setting, value, is_broker=True)
    if setting == MIN_INSYNC_REPLICAS and config.eligible_leader_replicas:
        # isDisallowedBrokerMinIsrTransition, isDisallowedClusterMinIsrTransition: ELR is counted by one number everywhere.
        if broker != EVERY_BROKER:
            msg = f"{setting} of one broker cannot be altered while ELR is enabled"
            raise ValueError(msg)
        if value is None:
            msg = f"{setting} of all brokers cannot be deleted while ELR is enabled"
            raise ValueError(msg)
