"""Under which subject a schema stands: the subject name strategies (`io.confluent.kafka.serializers.subject`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError, SerializationError
from producer.serialization.serializer import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    Strategy = Callable[[str, Role, str], str]
    """Gives the subject by topic, role and the record's full name."""


def by_topic(topic: str, role: Role, _record_name: str) -> str:
    """`orders-value`: one type of record a topic."""
    return f"{topic}-{role.value}"


def by_record(_topic: str, _role: Role, record_name: str) -> str:
    """The record's full name: one subject a type, in whatever topic."""
    return _named(record_name)


def by_topic_and_record(topic: str, _role: Role, record_name: str) -> str:
    """`orders-shop.Order`: several types in one topic."""
    return f"{topic}-{_named(record_name)}"


_PACKAGE = "io.confluent.kafka.serializers.subject."
STRATEGIES: dict[str, Strategy] = {
    "TopicNameStrategy": by_topic,
    "RecordNameStrategy": by_record,
    "TopicRecordNameStrategy": by_topic_and_record,
}


def strategy(given: Any, name: str) -> Strategy:
    """Give a strategy by Confluent's class name, short or whole, or the function itself. Raises ConfigError."""
    if isinstance(given, str):
        short = given.strip().removeprefix(_PACKAGE)
        if short in STRATEGIES:
            return STRATEGIES[short]
    elif callable(given):
        found: Strategy = given
        return found
    msg = f"{name} is {given!r}, must be one of {', '.join(STRATEGIES)}, or a function of topic, role and record name"
    raise ConfigError(msg)


def _named(record_name: str) -> str:
    if not record_name:
        raise SerializationError("its schema has no name, so no subject can be named after it: give it a title")
    return record_name
