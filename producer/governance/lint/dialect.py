"""Whose names and defaults a configuration has: those of Kafka's Java producer, or those of librdkafka and what stands on it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from producer.config import security, serialization
from producer.config.config import ALIASES, PROPERTIES, ProducerConfig
from producer.config.without_effect import REFUSED
from producer.facades.confluent import meanings
from producer.facades.confluent import properties as librdkafka


class Dialect(StrEnum):
    """Whose client reads the configuration."""

    JAVA = "java"
    LIBRDKAFKA = "librdkafka"


REPORTS = ("go.delivery.reports", "dotnet.producer.enable.delivery.reports")
"""How clients on librdkafka switch delivery reports off (confluent-kafka-go, Confluent.Kafka)."""
CALLBACKS = ("dr_cb", "dr_msg_cb")
"""librdkafka's own, which only a program can give."""

_MEANINGS = {
    **meanings.MEANINGS,
    # librdkafka's request.timeout.ms is the broker's; what ends an unanswered request is socket.timeout.ms.
    "request.timeout.ms": "broker.request.timeout.ms",
    "socket.timeout.ms": "request.timeout.ms",
    "queue.buffering.max.kbytes": "buffer.memory.kbytes",
    "compression.level": "compression.level",
}
_LIBRDKAFKA = frozenset(
    (
        *librdkafka.INTEGERS,
        *librdkafka.FLOATS,
        *librdkafka.BOOLEANS,
        *librdkafka.WORDS,
        *librdkafka.FLAGS,
        *librdkafka.TEXTS,
        *librdkafka.ALIASES,
        *librdkafka.OF_A_TOPIC_ALONE,
        *librdkafka.NOT_TEXT,
        *REPORTS,
        *meanings.CALLBACKS,
        "delivery.report.only.error",
        "on_delivery",
        "logger",
    )
)
_ALONE = _LIBRDKAFKA - {*PROPERTIES, *REFUSED, *serialization.ALIASES}
"""Names that only librdkafka has."""
_BESIDE = frozenset({*serialization.OF_REGISTRIES, *serialization.ALIASES, "key.serializer", "value.serializer"})
"""Names that serializers have for clients of any make."""

DEFAULTS: dict[Dialect, dict[str, Any]] = {
    Dialect.JAVA: {
        name: ProducerConfig.model_fields[field].default for name, field in PROPERTIES.items() if name != "bootstrap.servers"
    },
    Dialect.LIBRDKAFKA: {
        **{name: ProducerConfig.model_fields[field].default for name, field in PROPERTIES.items() if name != "bootstrap.servers"},
        **meanings.DEFAULTS,
        "max.in.flight.requests.per.connection": meanings.IN_FLIGHT_DEFAULT,
        "request.timeout.ms": 60_000,
        "buffer.memory": 1_073_741_824,
    },
}  # fmt: skip
"""By Kafka's names, in the units of Kafka's names."""


def dialect_of(names: Iterable[str]) -> Dialect:
    """Say whose names these are: librdkafka's, if one of them is nobody else's."""
    return Dialect.LIBRDKAFKA if any(dotted(name) in _ALONE for name in names) else Dialect.JAVA


def dotted(name: str) -> str:
    """Give a name as Kafka writes it, where kafka-python writes it with underscores."""
    return name if "." in name or name in _LIBRDKAFKA else name.replace("_", ".")


def meaning(name: str, dialect: Dialect) -> str | None:
    """Give Kafka's name for what a property says, or its own where Kafka has none; None if the client does not know it."""
    word = dotted(name)
    if dialect is Dialect.JAVA:
        word = ALIASES.get(word, word)
        refused = word in REFUSED or word.startswith(tuple(security.REFUSED_PREFIXES))
        return word if word in PROPERTIES or refused else None
    if word in _BESIDE or (word in PROPERTIES and word.startswith("acklab.")):
        return ALIASES.get(word, word)
    bare = word.removeprefix("topic.")
    word = bare if bare in librdkafka.OF_A_TOPIC else word
    if word not in _LIBRDKAFKA:
        return None
    word = librdkafka.ALIASES.get(word, word)
    return _MEANINGS.get(word, word)


def nearest(name: str, dialect: Dialect) -> str | None:
    """Give the known name that is most like one that is not."""
    known = {*PROPERTIES, *REFUSED} if dialect is Dialect.JAVA else {*_LIBRDKAFKA, *_BESIDE}
    return next(iter(get_close_matches(dotted(name), sorted(known), n=1, cutoff=0.6)), None)
