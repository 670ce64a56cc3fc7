"""Which of the values that a topic's setting has is in effect, where that one is from, and which others stand behind it.

Kafka: KafkaConfigSchema.resolveEffectiveTopicConfig, ConfigHelper. A topic's own goes before what is set for one broker, that
before what is set for all brokers, that before what brokers were started with, that before Kafka's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.setting_types import text_of_value
from sim.cluster.settings import MIN_INSYNC_REPLICAS, TOPIC_CONFIGS, UNCLEAN_LEADER_ELECTION, Setting, Settings

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig


class ConfigSource(IntEnum):
    """Where a value is from, by Kafka's numbers."""

    DYNAMIC_TOPIC = 1
    DYNAMIC_BROKER = 2
    DYNAMIC_DEFAULT_BROKER = 3
    STATIC_BROKER = 4
    DEFAULT = 5
    DYNAMIC_CLIENT_METRICS = 7
    DYNAMIC_GROUP = 8


class Synonym(NamedTuple):
    """One of the values that a setting could have."""

    name: str
    value: str
    source: ConfigSource


class BrokerLayers(NamedTuple):
    """What brokers contribute: set for one of them, set for all, and what they were started with."""

    own: Mapping[str, str]
    of_all: Mapping[str, str]
    static: Mapping[str, str]


def static_settings(config: ClusterConfig) -> dict[str, str]:
    """What the brokers of a simulated cluster were started with, as far as it is a default of topics."""
    given = {MIN_INSYNC_REPLICAS: text_of_value(TOPIC_CONFIGS[MIN_INSYNC_REPLICAS].default)}
    if config.unclean_leader_election:
        given[UNCLEAN_LEADER_ELECTION] = "true"
    return given


def initial_settings(config: ClusterConfig) -> Settings:
    """What is set for all brokers of a cluster that is new: with ELR, min.insync.replicas as they were started (KIP-966)."""
    if not config.eligible_leader_replicas:
        return ()
    return ((MIN_INSYNC_REPLICAS, static_settings(config)[MIN_INSYNC_REPLICAS]),)


def synonyms_of(setting: Setting, own: Mapping[str, str], brokers: BrokerLayers) -> tuple[Synonym, ...]:
    """Give every value that there is, the one in effect first; none where only Kafka's default by no broker's name is left."""
    found = [Synonym(setting.name, own[setting.name], ConfigSource.DYNAMIC_TOPIC)] if setting.name in own else []
    name = setting.broker_name
    if name is not None:
        layers = (
            (brokers.own, ConfigSource.DYNAMIC_BROKER),
            (brokers.of_all, ConfigSource.DYNAMIC_DEFAULT_BROKER),
            (brokers.static, ConfigSource.STATIC_BROKER),
        )
        found += [Synonym(name, layer[name], source) for layer, source in layers if name in layer]
        if setting.broker_has_default:
            found.append(Synonym(name, text_of_value(setting.default), ConfigSource.DEFAULT))
    return tuple(found)


def effective(setting: Setting, own: Mapping[str, str], brokers: BrokerLayers) -> Synonym:
    """Give the value in effect and where it is from, under the topics' name."""
    found = synonyms_of(setting, own, brokers)
    if not found:
        return Synonym(setting.name, text_of_value(setting.default), ConfigSource.DEFAULT)
    return found[0]._replace(name=setting.name)
