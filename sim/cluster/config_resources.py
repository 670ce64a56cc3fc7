"""The kinds of things that have settings, and what is told of one setting (ConfigResource.Type, ConfigHelper)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.client_metrics_settings import CLIENT_METRICS_CONFIGS
from sim.cluster.effective_settings import ConfigSource, Synonym
from sim.cluster.group_settings import GROUP_CONFIGS, brokers_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.config import ClusterConfig


class ResourceType(IntEnum):
    """A kind of thing that has settings, by the numbers of Kafka's requests."""

    TOPIC = 2
    BROKER = 4
    BROKER_LOGGER = 8
    CLIENT_METRICS = 16
    GROUP = 32


class Told(NamedTuple):
    """One setting, the value in effect, and where that is from."""

    name: str
    value: str | None
    source: int
    type: int
    is_read_only: bool = False
    is_sensitive: bool = False
    synonyms: tuple[Synonym, ...] = ()
    """The values that it could have, the one in effect first."""


def client_metrics_told(own: Mapping[str, str]) -> list[Told]:
    """What is told of a subscription to client metrics for which those are set."""
    return [
        Told(
            name,
            own.get(name, setting.default),
            ConfigSource.DYNAMIC_CLIENT_METRICS if name in own else ConfigSource.DEFAULT,
            setting.type,
        )
        for name, setting in CLIENT_METRICS_CONFIGS.items()
    ]


def group_told(own: Mapping[str, str], config: ClusterConfig) -> list[Told]:
    """What is told of a group for which those are set: the brokers' stand behind them, and are named first."""
    brokers = brokers_values(config)
    told = []
    for name, setting in GROUP_CONFIGS.items():
        is_static = brokers[name] != setting.default
        source = ConfigSource.STATIC_BROKER if is_static else ConfigSource.DEFAULT
        synonyms = [Synonym(setting.broker_name, brokers[name], source)]
        if name in own:
            synonyms.append(Synonym(name, own[name], ConfigSource.DYNAMIC_GROUP))
        told.append(Told(name, synonyms[-1].value, synonyms[-1].source, setting.type, synonyms=tuple(synonyms)))
    return told
