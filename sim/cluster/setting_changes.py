"""How the settings of one thing change: set, deleted, and lists longer or shorter by some words (AlterConfigOp, KIP-339)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from producer.errors import Code
from sim.cluster.broker_settings import BROKER_CONFIGS
from sim.cluster.client_metrics_settings import CLIENT_METRICS_CONFIGS
from sim.cluster.config_resources import ResourceType
from sim.cluster.envelope import RefusedError
from sim.cluster.group_settings import GROUP_CONFIGS
from sim.cluster.setting_types import SettingType, text_of_value
from sim.cluster.settings import TOPIC_CONFIGS


class Operation(IntEnum):
    """What is done to a setting, by Kafka's numbers."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


class Change(NamedTuple):
    """One setting, and what is done to it."""

    name: str
    operation: int
    value: str | None


def altered(before: Mapping[str, str], changes: Sequence[Change], kind: int) -> dict[str, str]:
    """Give the settings afterwards. Raises RefusedError for an operation that the setting does not have."""
    after = dict(before)
    for name, operation, value in changes:
        match operation:
            case Operation.SET:
                after[name] = value or ""
            case Operation.DELETE:
                after.pop(name, None)
            case Operation.APPEND | Operation.SUBTRACT:
                words = _words(name, after.get(name), kind)
                for word in (value or "").split(","):
                    if operation == Operation.APPEND and word not in words:
                        words.append(word)
                    elif operation == Operation.SUBTRACT and word in words:
                        words.remove(word)
                after[name] = ",".join(words)
            case _:
                # Kafka's controller falls over it (seen on 4.3.1).
                raise RefusedError(Code.UNKNOWN_SERVER_ERROR)
    return after


def _words(name: str, text: str | None, kind: int) -> list[str]:
    type_, default = _of(name, kind)
    if type_ is not SettingType.LIST:
        raise RefusedError(Code.INVALID_CONFIG, f"{name} is no list: nothing can be appended to it or taken from it.")
    return [word for word in (default if text is None else text).split(",") if word]


def _of(name: str, kind: int) -> tuple[SettingType | None, str]:
    if kind == ResourceType.TOPIC and name in TOPIC_CONFIGS:
        topic = TOPIC_CONFIGS[name]
        return topic.type, text_of_value(topic.default)
    if kind == ResourceType.BROKER and name in BROKER_CONFIGS:
        broker = BROKER_CONFIGS[name]
        return broker.type, broker.default or ""
    if kind == ResourceType.GROUP and name in GROUP_CONFIGS:
        group = GROUP_CONFIGS[name]
        return group.type, group.default
    if kind == ResourceType.CLIENT_METRICS and name in CLIENT_METRICS_CONFIGS:
        return CLIENT_METRICS_CONFIGS[name]
    return None, ""
