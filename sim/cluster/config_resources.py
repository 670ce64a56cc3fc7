"""The kinds of things that have settings, and what is told of one setting (ConfigResource.Type, ConfigHelper)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from sim.cluster.effective_settings import ConfigSource, Synonym
from sim.cluster.setting_types import SettingType


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


_CLIENT_METRICS = (
    ("interval.ms", SettingType.INT, "300000"),
    ("match", SettingType.LIST, ""),
    ("metrics", SettingType.LIST, ""),
)
_GROUPS = (
    ("consumer.assignment.interval.ms", SettingType.INT, "1000"),
    ("consumer.heartbeat.interval.ms", SettingType.INT, "5000"),
    ("consumer.session.timeout.ms", SettingType.INT, "45000"),
)
"""Of consumer groups: there are no groups of shares and streams here."""


def client_metrics_told() -> list[Told]:
    """What is told of any subscription to client metrics: nobody can set anything for one."""
    return [Told(name, value, ConfigSource.DEFAULT, kind) for name, kind, value in _CLIENT_METRICS]


def group_told() -> list[Told]:
    """What is told of any group: nobody can set anything for one, so it has what brokers have for all."""
    return [
        Told(name, value, ConfigSource.DEFAULT, kind, synonyms=(Synonym(f"group.{name}", value, ConfigSource.DEFAULT),))
        for name, kind, value in _GROUPS
    ]
