"""Settings of topics and brokers under one name each: `orders.min.insync.replicas`, `broker.replica.lag.time.max.ms`.

A topic's name or the word `broker` stands before Kafka's own name of the setting, so that both find room in one table with a
producer's properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.cluster.broker_properties import STATIC, started_with
from sim.cluster.migration_policy import MigrationPolicy
from sim.cluster.setting_types import flag
from sim.cluster.settings import BROKER_SETTINGS, TOPIC_SETTINGS, UNCLEAN_LEADER_ELECTION, check_setting

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.topic_config import TopicConfig

BROKER = "broker"
"""Stands before a setting of all brokers."""
SHAPE = {"partitions": "partitions", "replication.factor": "replication_factor"}
"""What a topic is created with and what is no setting of Kafka's, by the words of its tools -> field of `TopicConfig`."""
TOPIC_NAMES = (*SHAPE, *TOPIC_SETTINGS)
BROKER_NAMES = tuple(sorted({*STATIC, UNCLEAN_LEADER_ELECTION}))


class Named(NamedTuple):
    """One setting, and whose it is."""

    topic: str
    """Empty for one of the brokers."""
    name: str
    """Kafka's."""


def named(config: ClusterConfig, name: str) -> Named | None:
    """Take a name apart; None if it begins with no topic of that cluster, and not with `broker` either."""
    topics = [topic.name for topic in config.topics if name.startswith(f"{topic.name}.")]
    if topics:
        topic = max(topics, key=len)
        return Named(topic, name.removeprefix(f"{topic}."))
    if not name.startswith(f"{BROKER}."):
        return None
    # Some of Kafka's own names begin so: broker.session.timeout.ms.
    return Named("", name if name in BROKER_NAMES else name.removeprefix(f"{BROKER}."))


def is_there(one: Named) -> bool:
    """Whether there is such a setting."""
    return one.name in (TOPIC_NAMES if one.topic else BROKER_NAMES)


def names_of(config: ClusterConfig) -> list[str]:
    """Give every name that there is for that cluster."""
    of_topics = [f"{topic.name}.{name}" for topic in config.topics for name in TOPIC_NAMES]
    return [*of_topics, *(_of_brokers(name) for name in BROKER_NAMES)]


def shared_out(
    config: ClusterConfig, settings: Iterable[tuple[str, str]]
) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Give those of topics under their whole names, and those of brokers under Kafka's; whoever serves asks of brokers by these, too."""
    of_topics: dict[str, str] = {}
    of_brokers: list[tuple[str, str]] = []
    for name, value in settings:
        one = named(config, name)
        if one is not None and one.topic:
            of_topics[name] = value
        else:
            of_brokers.append((name if one is None else one.name, value))
    return of_topics, tuple(of_brokers)


def _of_brokers(name: str) -> str:
    return name if name.startswith(f"{BROKER}.") else f"{BROKER}.{name}"


def with_settings(config: ClusterConfig, settings: Mapping[str, str]) -> ClusterConfig:
    """Give the cluster with those settings in place of its own. Raises ValueError, naming the setting and what it must be."""
    of_topics: dict[str, dict[str, str]] = {}
    of_brokers: dict[str, str] = {}
    for name, value in settings.items():
        one = named(config, name)
        if one is None or not is_there(one):
            raise ValueError(_unknown(config, name, one))
        if one.topic:
            of_topics.setdefault(one.topic, {})[one.name] = value
        else:
            of_brokers[one.name] = value
    topics = tuple([_topic_with(topic, of_topics.get(topic.name, {})) for topic in config.topics])
    return _brokers_with(replace(config, topics=topics), of_brokers)


def value_of(config: ClusterConfig, name: str) -> str:
    """Give what a setting is in that cluster, as Kafka writes it. Raises ValueError for a name that is none."""
    one = named(config, name)
    if one is None or not is_there(one):
        raise ValueError(_unknown(config, name, one))
    if not one.topic:
        return _text(_broker_value(config, one.name))
    topic = next(topic for topic in config.topics if topic.name == one.topic)
    field = SHAPE.get(one.name) or TOPIC_SETTINGS[one.name].field
    value = getattr(topic, field)
    return _text(config.unclean_leader_election if value is None else value)


def _broker_value(config: ClusterConfig, name: str) -> Any:
    if name == UNCLEAN_LEADER_ELECTION:
        return config.unclean_leader_election
    static = STATIC[name]
    value = getattr(config.auto_created_topic if static.is_of_new_topics else config, static.field)
    return value // static.scale if static.scale > 1 else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, MigrationPolicy):
        return value.value
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _topic_with(topic: TopicConfig, settings: Mapping[str, str]) -> TopicConfig:
    fields: dict[str, Any] = {}
    for name, value in settings.items():
        if name in SHAPE:
            if not value.isdecimal():
                msg = f"{topic.name}.{name} is {value!r}, must be a whole number"
                raise ValueError(msg)
            fields[SHAPE[name]] = int(value)
            continue
        try:
            check_setting(name, value, is_broker=False)
        except ValueError as error:
            msg = f"{topic.name}.{error}"
            raise ValueError(msg) from error
        fields[TOPIC_SETTINGS[name].field] = TOPIC_SETTINGS[name].parse(value)
    return replace(topic, **fields) if fields else topic


def _brokers_with(config: ClusterConfig, settings: dict[str, str]) -> ClusterConfig:
    if not settings:
        return config
    unclean = settings.get(UNCLEAN_LEADER_ELECTION)
    try:
        if unclean is not None:
            check_setting(UNCLEAN_LEADER_ELECTION, unclean, is_broker=True)
            config = replace(config, unclean_leader_election=flag(unclean))
        return started_with(config, [(name, value) for name, value in settings.items() if name in STATIC])
    except ValueError as error:
        # What the cluster as a whole says against it names its own field.
        says_name = str(error).startswith(tuple(settings))
        msg = _of_brokers(str(error)) if says_name else f"{', '.join(map(_of_brokers, settings))}: {error}"
        raise ValueError(msg) from error


def _unknown(config: ClusterConfig, name: str, one: Named | None) -> str:
    if one is not None and not one.topic and one.name in BROKER_SETTINGS:
        topic = config.topics[0].name if config.topics else "TOPIC"
        return f"{name!r} is a default that topics have from brokers: set the topic's own, {topic}.{BROKER_SETTINGS[one.name].name}"
    near = get_close_matches(name, names_of(config), n=1, cutoff=0.6)
    whose = f"topic {one.topic}" if one is not None and one.topic else "brokers"
    known = TOPIC_NAMES if one is not None and one.topic else BROKER_NAMES
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"{name!r} is no setting of {whose} here: {hint}"
