"""What can be altered of topics and brokers while a cluster runs: names, values, and which of several is in effect.

Kafka: LogConfig, ServerTopicConfigSynonyms, KafkaConfigSchema.resolveEffectiveTopicConfig. A topic's own setting goes before
one broker's, that before all brokers', that before what brokers were started with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.cluster.config import ClusterConfig
from sim.cluster.setting_types import (
    INT_MAX,
    LONG_MAX,
    Parse,
    SettingType,
    Value,
    flag,
    gzip_level,
    one_of,
    share,
    some_of,
    text_of_value,
    throttled_replicas,
    whole,
)
from sim.cluster.topic_config import CLEANUP_POLICIES, COMPRESSION_TYPES, TIMESTAMP_TYPES, TopicConfig

if TYPE_CHECKING:
    from sim.cluster.metadata_states import TopicState

Settings = tuple[tuple[str, str], ...]
"""(name, value) pairs as text, sorted by name: as an immutable thing of the metadata log."""

MIN_INSYNC_REPLICAS = "min.insync.replicas"
UNCLEAN_LEADER_ELECTION = "unclean.leader.election.enable"


class Setting(NamedTuple):
    """One setting of a topic, and the brokers' default for it."""

    name: str
    broker_name: str | None
    """What brokers call it; None for what only topics have."""
    type: SettingType
    default: Value
    """Kafka's."""
    parse: Parse
    field: str = ""
    """Of `TopicConfig`; empty for a setting that is known, remembered and told, and changes nothing here."""
    is_told: bool = True
    """Whether it is told where nobody set it (ConfigDef's internalConfig)."""
    broker_has_default: bool = True
    """Whether brokers have a value by that name where nobody set it."""


_WEEK_MS, _DAY_MS, _HOUR_MS = 604_800_000, 86_400_000, 3_600_000
_BOOLEAN, _STRING, _INT, _LONG, _LIST = (
    SettingType.BOOLEAN,
    SettingType.STRING,
    SettingType.INT,
    SettingType.LONG,
    SettingType.LIST,
)


def _long(name: str, broker: str, default: int, lowest: int, **more: Any) -> Setting:
    return Setting(name, broker, _LONG, default, whole(lowest, LONG_MAX), **more)


def _int(name: str, broker: str, default: int, lowest: int, highest: int = INT_MAX, **more: Any) -> Setting:
    return Setting(name, broker, _INT, default, whole(lowest, highest), **more)


def _flag(name: str, broker: str | None, **more: Any) -> Setting:
    return Setting(name, broker, _BOOLEAN, default=False, parse=flag, **more)


# Whatever a TopicConfig has a field for comes first, in the order in which runs have always gone through it.
_ALL = (
    _int(MIN_INSYNC_REPLICAS, MIN_INSYNC_REPLICAS, 1, 1, field="min_insync_replicas"),
    _flag(UNCLEAN_LEADER_ELECTION, UNCLEAN_LEADER_ELECTION, field="unclean_leader_election"),
    _int("max.message.bytes", "message.max.bytes", 1_048_588, 0, field="max_message_bytes"),
    Setting(
        "message.timestamp.type",
        "log.message.timestamp.type",
        _STRING,
        "CreateTime",
        one_of(*TIMESTAMP_TYPES),
        field="timestamp_type",
    ),
    _long(
        "message.timestamp.after.max.ms",
        "log.message.timestamp.after.max.ms",
        _HOUR_MS,
        0,
        field="timestamp_after_max_ms",
    ),
    _long(
        "message.timestamp.before.max.ms",
        "log.message.timestamp.before.max.ms",
        LONG_MAX,
        0,
        field="timestamp_before_max_ms",
    ),
    Setting(
        "cleanup.policy",
        "log.cleanup.policy",
        _LIST,
        ("delete",),
        some_of(*CLEANUP_POLICIES),
        field="cleanup_policy",
    ),
    Setting(
        "compression.type",
        "compression.type",
        _STRING,
        "producer",
        one_of(*COMPRESSION_TYPES),
        field="compression_type",
    ),
    Setting("compression.gzip.level", "compression.gzip.level", _INT, -1, gzip_level, field="compression_gzip_level"),
    _int("compression.lz4.level", "compression.lz4.level", 9, 1, 17, field="compression_lz4_level"),
    _int("compression.zstd.level", "compression.zstd.level", 3, -131_072, 22, field="compression_zstd_level"),
    _long("delete.retention.ms", "log.cleaner.delete.retention.ms", _DAY_MS, 0, field="delete_retention_ms"),
    _int("index.interval.bytes", "log.index.interval.bytes", 4_096, 0, field="index_interval_bytes"),
    Setting("internal.segment.bytes", None, _INT, -1, whole(1), is_told=False, field="internal_segment_bytes"),
    _long("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", LONG_MAX, 1, field="max_compaction_lag_ms"),
    Setting(
        "min.cleanable.dirty.ratio",
        "log.cleaner.min.cleanable.ratio",
        SettingType.DOUBLE,
        0.5,
        share,
        field="min_cleanable_dirty_ratio",
    ),
    _long("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms", 0, 0, field="min_compaction_lag_ms"),
    _long("retention.bytes", "log.retention.bytes", -1, -LONG_MAX - 1, field="retention_bytes"),
    _long("retention.ms", "log.retention.ms", _WEEK_MS, -1, broker_has_default=False, field="retention_ms"),
    _int("segment.bytes", "log.segment.bytes", 1 << 30, 1 << 20, field="segment_bytes"),
    _int("segment.index.bytes", "log.index.size.max.bytes", 10_485_760, 4, field="segment_index_bytes"),
    _long("segment.ms", "log.roll.ms", _WEEK_MS, 1, broker_has_default=False, field="segment_ms"),
    _long("file.delete.delay.ms", "log.segment.delete.delay.ms", 60_000, 0),
    _long("flush.messages", "log.flush.interval.messages", LONG_MAX, 1),
    _long("flush.ms", "log.flush.interval.ms", LONG_MAX, 0, broker_has_default=False),
    Setting("follower.replication.throttled.replicas", None, _LIST, (), throttled_replicas),
    Setting("leader.replication.throttled.replicas", None, _LIST, (), throttled_replicas),
    _long("local.retention.bytes", "log.local.retention.bytes", -2, -2),
    _long("local.retention.ms", "log.local.retention.ms", -2, -2),
    _flag("preallocate", "log.preallocate"),
    _flag("remote.log.copy.disable", None),
    _flag("remote.log.delete.on.disable", None),
    _flag("remote.storage.enable", None),
    _long("segment.jitter.ms", "log.roll.jitter.ms", 0, 0, broker_has_default=False),
)

_HEEDED = tuple(setting for setting in _ALL if setting.field)

TOPIC_CONFIGS: dict[str, Setting] = {setting.name: setting for setting in sorted(_ALL, key=lambda one: one.name)}
"""Every setting that a topic of Apache Kafka 4.3 has, by name."""
TOPIC_SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _HEEDED}
"""What changes something here, by the names that topics have for it."""
BROKER_SETTINGS: dict[str, Setting] = {setting.broker_name: setting for setting in _HEEDED if setting.broker_name}
"""The same by the names that brokers have for it."""
_DEFAULTS: dict[str, Value] = {setting.field: setting.default for setting in _HEEDED}
"""By the fields of `TopicConfig`."""


def check_setting(name: str, value: str | None, *, is_broker: bool) -> None:
    """Raise ValueError unless that can be set; None is for a setting that is deleted."""
    known, others = (BROKER_SETTINGS, TOPIC_SETTINGS) if is_broker else (TOPIC_SETTINGS, BROKER_SETTINGS)
    setting = known.get(name)
    whose, of_others = ("brokers", "topics") if is_broker else ("topics", "brokers")
    if setting is None:
        twin = others.get(name)
        if twin is not None:
            hint = f"that is what {of_others} call it, here it is {twin.broker_name if is_broker else twin.name}"
        else:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        msg = f"{name!r} is no setting of {whose} that can be altered here: {hint}"
        raise ValueError(msg)
    if value is not None:
        try:
            setting.parse(value)
        except ValueError as error:
            msg = f"{name} is {value!r}, {error}"
            raise ValueError(msg) from error


def check_topic_settings(settings: Mapping[str, str]) -> None:
    """Raise ValueError unless a topic may have these of its own, each for itself and beside each other (LogConfig.validate)."""
    values = {name: setting.default for name, setting in TOPIC_CONFIGS.items()}
    for name, text in settings.items():
        setting = TOPIC_CONFIGS.get(name)
        if setting is None:
            msg = f"Unknown topic config name: {name}"
            raise ValueError(msg)
        try:
            values[name] = setting.parse(text)
        except ValueError as error:
            msg = f"Invalid value {text} for configuration {name}: {error}"
            raise ValueError(msg) from error
    lowest, highest = values["min.compaction.lag.ms"], values["max.compaction.lag.ms"]
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    if lowest > highest:
        msg = f"min.compaction.lag.ms is {lowest}, more than max.compaction.lag.ms, which is {highest}"
        raise ValueError(msg)
    if values["remote.storage.enable"]:
        msg = "remote.storage.enable is true, but the brokers have no tiered storage"
        raise ValueError(msg)


def own_settings(config: TopicConfig) -> Settings:
    """What a topic sets for itself: every value that is not Kafka's default, which it has from the brokers."""
    given = ((setting, getattr(config, setting.field)) for setting in _HEEDED)
    return tuple(
        sorted(
            (setting.name, text_of_value(value))
            for setting, value in given
            if value is not None and (setting.name == UNCLEAN_LEADER_ELECTION or value != setting.default)
        )
    )


def changed_settings(settings: Settings, name: str, value: str | None) -> Settings:
    """Set one of them, or delete it for None."""
    changed = dict(settings)
    if value is None:
        changed.pop(name, None)
    else:
        changed[name] = value
    return tuple(sorted(changed.items()))


def effective_config(topic: TopicState, static: ClusterConfig, *brokers: Settings) -> TopicConfig:
    """Give a topic's config with the values in effect; `brokers` are brokers' settings, the nearest first."""
    return _in_effect(topic.config, topic.settings, brokers, static.unclean_leader_election)


# Each replica asks with each change of the metadata, and hardly any of them changes a setting.
@lru_cache(maxsize=1_024)
def _in_effect(
    config: TopicConfig, settings: Settings, brokers: tuple[Settings, ...], unclean_leader_election: bool
) -> TopicConfig:
    texts: dict[str, str] = {}
    for layer in reversed(brokers):
        for broker_name, text in layer:
            known = BROKER_SETTINGS.get(broker_name)
            if known is not None:
                texts[known.name] = text
    texts.update(settings)
    values: dict[str, Value] = _DEFAULTS | {"unclean_leader_election": unclean_leader_election}
    for name, text in texts.items():
        setting = TOPIC_SETTINGS.get(name)
        if setting is not None:
            values[setting.field] = setting.parse(text)
    return replace(config, **values)  # type: ignore[arg-type]
