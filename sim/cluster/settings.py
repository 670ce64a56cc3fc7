"""What can be altered of topics and brokers while a cluster runs: names, values, and which of several is in effect.

Kafka: LogConfig, ServerTopicConfigSynonyms, KafkaConfigSchema.resolveEffectiveTopicConfig. A topic's own setting goes before
one broker's, that before all brokers', that before what brokers were started with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.config import TIMESTAMP_TYPES, ClusterConfig, TopicConfig

if TYPE_CHECKING:
    from sim.cluster.messages import TopicState

Value = int | bool | str
Settings = tuple[tuple[str, str], ...]
"""(name, value) pairs as text, sorted by name: as an immutable thing of the metadata log."""

MIN_INSYNC_REPLICAS = "min.insync.replicas"
UNCLEAN_LEADER_ELECTION = "unclean.leader.election.enable"

_INT_MAX = (1 << 31) - 1
_LONG_MAX = (1 << 63) - 1


class Setting(NamedTuple):
    """One setting of a topic, and the brokers' default for it."""

    name: str
    broker_name: str
    """What brokers call it."""
    field: str
    """Of `TopicConfig`."""
    default: Value
    """Kafka's."""
    parse: Callable[[str], Value]
    """Read a value; raises ValueError saying what it must be."""


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else lowest - 1
        if not lowest <= value <= highest:
            msg = f"must be a whole number from {lowest} to {highest}"
            raise ValueError(msg)
        return value

    return parse


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        msg = "must be either true or false"
        raise ValueError(msg)
    return text.lower() == "true"


def _timestamp_type(text: str) -> str:
    if text not in TIMESTAMP_TYPES:
        msg = f"must be one of {', '.join(TIMESTAMP_TYPES)}"
        raise ValueError(msg)
    return text


_ALL = (
    Setting(MIN_INSYNC_REPLICAS, MIN_INSYNC_REPLICAS, "min_insync_replicas", 1, _whole(1, _INT_MAX)),
    Setting(UNCLEAN_LEADER_ELECTION, UNCLEAN_LEADER_ELECTION, "unclean_leader_election", default=False, parse=_flag),
    Setting("max.message.bytes", "message.max.bytes", "max_message_bytes", 1_048_588, _whole(0, _INT_MAX)),
    Setting("message.timestamp.type", "log.message.timestamp.type", "timestamp_type", "CreateTime", _timestamp_type),
    Setting(
        "message.timestamp.after.max.ms",
        "log.message.timestamp.after.max.ms",
        "timestamp_after_max_ms",
        3_600_000,
        _whole(0, _LONG_MAX),
    ),
    Setting(
        "message.timestamp.before.max.ms",
        "log.message.timestamp.before.max.ms",
        "timestamp_before_max_ms",
        _LONG_MAX,
        _whole(0, _LONG_MAX),
    ),
)

TOPIC_SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _ALL}
"""By the names that topics have for them."""
BROKER_SETTINGS: dict[str, Setting] = {setting.broker_name: setting for setting in _ALL}
"""By the names that brokers have for them."""


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


def text_of_value(value: Value) -> str:
    """Write a value as Kafka does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def own_settings(config: TopicConfig) -> Settings:
    """What a topic sets for itself: every value that is not Kafka's default, which it has from the brokers."""
    given = ((setting, getattr(config, setting.field)) for setting in _ALL)
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


def effective_config(topic: TopicState, static: ClusterConfig, *brokers: Mapping[str, str]) -> TopicConfig:
    """Give a topic's config with the values in effect; `brokers` are brokers' settings, the nearest first."""
    own = dict(topic.settings)
    values: dict[str, Value] = {}
    for setting in _ALL:
        text = own.get(setting.name)
        for layer in brokers:
            text = layer.get(setting.broker_name) if text is None else text
        if text is not None:
            values[setting.field] = setting.parse(text)
        else:
            is_unclean = setting.name == UNCLEAN_LEADER_ELECTION
            values[setting.field] = static.unclean_leader_election if is_unclean else setting.default
    return replace(topic.config, **values)  # type: ignore[arg-type]
