"""`key.serializer` and `value.serializer`: serializers by Kafka's names and Confluent's, by short ones, and those that an application brings."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError
from producer.serialization.plain import PLAIN
from producer.serialization.serializer import Called, Role

if TYPE_CHECKING:
    from producer.serialization.serializer import Deserializer, Serializer

_KAFKA = "org.apache.kafka.common.serialization."

JAVA_NAMES = {
    **{
        f"{package}{word}Serializer": name
        for package in (_KAFKA, "")
        for word, name in (
            ("ByteArray", "bytes"), ("Bytes", "bytes"), ("ByteBuffer", "bytes"), ("String", "string"), ("Short", "short"),
            ("Integer", "integer"), ("Long", "long"), ("Float", "float"), ("Double", "double"), ("Boolean", "boolean"),
            ("UUID", "uuid"), ("Void", "void"),
        )
    },
    "org.apache.kafka.connect.json.JsonSerializer": "json",
    "io.confluent.kafka.serializers.KafkaJsonSerializer": "json",
    "io.confluent.kafka.serializers.KafkaAvroSerializer": "avro",
    "io.confluent.kafka.serializers.protobuf.KafkaProtobufSerializer": "protobuf",
    "io.confluent.kafka.serializers.json.KafkaJsonSchemaSerializer": "json_schema",
    "KafkaAvroSerializer": "avro",
    "KafkaProtobufSerializer": "protobuf",
    "KafkaJsonSchemaSerializer": "json_schema",
}  # fmt: skip
"""Kafka's own classes, and Confluent's, with what they are called here."""

SCHEMA_NAMES = {"avro": "AVRO", "protobuf": "PROTOBUF", "json_schema": "JSON"}
"""Those that ask a schema registry, with the registry's word for the format."""
NAMES = (*PLAIN, *SCHEMA_NAMES)


def property_of(role: Role) -> str:
    """Name the property that chooses a serializer."""
    return f"{role.value}.serializer"


def resolve(given: Any, role: Role) -> Any:
    """Give what `make` takes: None for bytes as they are, a ready-made one's name, a class, or a serializer.

    Text is a name, or `module:Class`. Raises ConfigError for anything that cannot be a serializer.
    """
    if isinstance(given, str):
        text = given.strip()
        name = JAVA_NAMES.get(text, text)
        if name in {"", "bytes"}:
            return None
        return name if name in NAMES else _import(text, role)
    if given is None or callable(getattr(given, "serialize", None)) or callable(given):
        return given
    msg = f"{property_of(role)} is {given!r}, which has no method serialize, and is no function"
    raise ConfigError(msg)


def needs_registry(resolved: Any) -> bool:
    """Whether what `resolve` gave asks a schema registry."""
    return resolved in SCHEMA_NAMES if isinstance(resolved, str) else getattr(resolved, "needs_registry", False) is True


def make(resolved: Any, role: Role) -> Serializer | None:
    """Make the serializer of a role, unless it is an object that the application made. Raises ConfigError.

    Those that ask a schema registry are made by `producer.serialization.schema_serializers`.
    """
    if resolved is None:
        return None
    if isinstance(resolved, str):
        return PLAIN[resolved]
    if isinstance(resolved, type):
        try:
            resolved = resolved()
        except Exception as error:  # whatever the application's class raises
            msg = f"{property_of(role)} is {resolved.__name__}, which cannot be made: {type(error).__name__}: {error}"
            raise ConfigError(msg) from error
    if callable(getattr(resolved, "serialize", None)):
        made: Serializer = resolved
        return made
    return Called(resolved)


def deserializer(name: str) -> Deserializer:
    """Give a plain deserializer by its name, Kafka's class or ours. Raises ConfigError."""
    short = JAVA_NAMES.get(name.replace("Deserializer", "Serializer"), name)
    if short not in PLAIN:
        msg = f"deserializer {name!r} is none of {', '.join(NAMES)}"
        raise ConfigError(msg)
    return PLAIN[short]


def _import(path: str, role: Role) -> Any:
    name = property_of(role)
    module, colon, attribute = path.partition(":")
    if not colon:
        near = get_close_matches(path, [*NAMES, *JAVA_NAMES], n=1, cutoff=0.8)
        hint = f"; did you mean {near[0]}?" if near else ""
        msg = f"{name} is {path!r}, must be one of {', '.join(NAMES)}, a class of Kafka's of that kind, a 'module:Class', or a serializer{hint}"
        raise ConfigError(msg)
    try:
        found = attrgetter(attribute)(import_module(module))
    except Exception as error:  # whatever the application's module raises while it is imported
        msg = f"{name} is {path!r}: {type(error).__name__}: {error}"
        raise ConfigError(msg) from error
    if not isinstance(found, type) or not callable(getattr(found, "serialize", None)):
        msg = f"{name} is {path!r}, which is a {type(found).__name__}, must be a class with a method serialize"
        raise ConfigError(msg)
    return found
