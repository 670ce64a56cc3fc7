"""The settings of a group (KIP-848, KIP-932, KIP-1071): what may be set for one, within which bounds, and what holds for its members.

Kafka: GroupConfig, GroupConfigManager. Only those of consumer groups do something here: there are no share and streams groups.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.setting_types import Parse, SettingType, flag, one_of, whole
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.config import ClusterConfig


class GroupSetting(NamedTuple):
    """One setting."""

    name: str
    type: SettingType
    default: str
    parse: Parse
    """Whether it can be a value at all. Raises ValueError."""
    lowest: int | None = None
    """The brokers' bounds, which are looked at once all values can be."""
    highest: int | None = None
    is_brokers: bool = True
    """Whether brokers have it for all groups, behind the word `group.`."""

    @property
    def broker_name(self) -> str:
        return f"group.{self.name}" if self.is_brokers else self.name


CONSUMER_SESSION = "consumer.session.timeout.ms"
CONSUMER_HEARTBEAT = "consumer.heartbeat.interval.ms"
CONSUMER_ASSIGNMENT = "consumer.assignment.interval.ms"
_SESSION_BOUNDS = 45_000, 60_000
_HEARTBEAT_BOUNDS = 5_000, 15_000
_ASSIGNMENT_BOUNDS = 0, 15_000


def _reset(text: str) -> str:
    if text.strip() not in {"earliest", "latest"} and not re.fullmatch(r"by_duration:P[0-9DTHMS.]+", text.strip()):
        msg = "must be earliest, latest or by_duration: and a duration of ISO 8601"
        raise ValueError(msg)
    return text.strip()


def _int(name: str, default: int, least: int, bounds: tuple[int, int]) -> GroupSetting:
    return GroupSetting(name, SettingType.INT, str(default), whole(least), *bounds)


GROUP_CONFIGS: Mapping[str, GroupSetting] = {
    one.name: one
    for one in (
        _int(CONSUMER_ASSIGNMENT, 1_000, 0, _ASSIGNMENT_BOUNDS),
        _int(CONSUMER_HEARTBEAT, 5_000, 1, _HEARTBEAT_BOUNDS),
        _int(CONSUMER_SESSION, 45_000, 1, _SESSION_BOUNDS),
        _int("share.assignment.interval.ms", 1_000, 0, _ASSIGNMENT_BOUNDS),
        GroupSetting("share.auto.offset.reset", SettingType.STRING, "latest", _reset, is_brokers=False),
        _int("share.delivery.count.limit", 5, 1, (2, 10)),
        _int("share.heartbeat.interval.ms", 5_000, 1, _HEARTBEAT_BOUNDS),
        GroupSetting(
            "share.isolation.level",
            SettingType.STRING,
            "read_uncommitted",
            one_of("read_committed", "read_uncommitted"),
            is_brokers=False,
        ),
        _int("share.partition.max.record.locks", 2_000, 1, (100, 10_000)),
        _int("share.record.lock.duration.ms", 30_000, 1_000, (15_000, 60_000)),
        GroupSetting("share.renew.acknowledge.enable", SettingType.BOOLEAN, "true", flag, is_brokers=False),
        _int("share.session.timeout.ms", 45_000, 1, _SESSION_BOUNDS),
        _int("streams.assignment.interval.ms", 1_000, 0, _ASSIGNMENT_BOUNDS),
        _int("streams.heartbeat.interval.ms", 5_000, 1, _HEARTBEAT_BOUNDS),
        GroupSetting("streams.initial.rebalance.delay.ms", SettingType.INT, "3000", whole(0)),
        _int("streams.num.standby.replicas", 0, 0, (0, 2)),
        _int("streams.session.timeout.ms", 45_000, 1, _SESSION_BOUNDS),
    )
}
"""By name, in the order in which they are told."""


class Timing(NamedTuple):
    """What the coordinator keeps to with a consumer group."""

    heartbeat_interval_us: int
    session_timeout_us: int
    assignment_interval_us: int


def brokers_values(config: ClusterConfig) -> dict[str, str]:
    """What the brokers have for all groups, as text by the groups' names; defaults of share and streams groups."""
    values = {name: setting.default for name, setting in GROUP_CONFIGS.items()}
    values[CONSUMER_HEARTBEAT] = str(config.group_consumer_heartbeat_interval_us // MILLISECOND_US)
    values[CONSUMER_SESSION] = str(config.group_consumer_session_timeout_us // MILLISECOND_US)
    values[CONSUMER_ASSIGNMENT] = str(config.group_consumer_assignment_interval_us // MILLISECOND_US)
    return values


def timing(settings: Mapping[str, str], config: ClusterConfig) -> Timing:
    """What holds for a group with those settings of its own."""
    if not settings:
        return Timing(
            config.group_consumer_heartbeat_interval_us,
            config.group_consumer_session_timeout_us,
            config.group_consumer_assignment_interval_us,
        )
    values = brokers_values(config) | dict(settings)
    heartbeat, session, assignment = (
        int(values[name]) * MILLISECOND_US for name in (CONSUMER_HEARTBEAT, CONSUMER_SESSION, CONSUMER_ASSIGNMENT)
    )
    return Timing(heartbeat, session, assignment)


def check_group_settings(settings: Mapping[str, str], config: ClusterConfig) -> None:
    """Whether a group may have those, and no others. Raises ValueError saying what cannot be.

    Who started brokers with times beyond Kafka's bounds may give them to a group, too.
    """
    for name, text in settings.items():
        if name not in GROUP_CONFIGS:
            msg = f"Unknown group config name: {name}"
            raise ValueError(msg)
        try:
            GROUP_CONFIGS[name].parse(text)
        except ValueError as error:
            msg = f"Invalid value {text} for configuration {name}: {error}"
            raise ValueError(msg) from error
    brokers = brokers_values(config)
    for name, text in settings.items():
        setting = GROUP_CONFIGS[name]
        if setting.lowest is not None and int(text) < min(setting.lowest, int(brokers[name])):
            msg = f"{name} must be at least {setting.lowest}"
            raise ValueError(msg)
        if setting.highest is not None and int(text) > max(setting.highest, int(brokers[name])):
            msg = f"{name} must be at most {setting.highest}"
            raise ValueError(msg)
    values = brokers | dict(settings)
    for kind in ("consumer", "share", "streams"):
        session, heartbeat = f"{kind}.session.timeout.ms", f"{kind}.heartbeat.interval.ms"
        if int(values[session]) <= int(values[heartbeat]):
            msg = f"{session} must be greater than {heartbeat}"
            raise ValueError(msg)
