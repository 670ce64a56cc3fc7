"""Serializers that ask a schema registry, as a producer's properties want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.names import SCHEMA_NAMES, property_of
from producer.serialization.schema_serializer import SchemaSerializer

if TYPE_CHECKING:
    from producer.serialization.schema_settings import SchemaSettings
    from producer.serialization.serializer import Role, Serializer


def make(resolved: Any, role: Role, schema: Any, settings: SchemaSettings) -> Serializer:
    """Make the serializer of a role; `schema` is its text, a Schema or None. Raises ConfigError."""
    if isinstance(resolved, str):
        kind = SchemaType(SCHEMA_NAMES[resolved])
        return SchemaSerializer(_schema(schema, kind, role), schema_type=kind, settings=settings, role=role)
    if schema is not None:
        msg = f"acklab.{role.value}.schema has no effect with {property_of(role)} {resolved!r}, which has its own"
        raise ConfigError(msg)
    if isinstance(resolved, type):
        msg = (
            f"{property_of(role)} is {resolved.__name__}, which needs a schema: give an object, or a format by its name"
        )
        raise ConfigError(msg)
    made: Serializer = resolved.configured(settings, role)
    return made


def _schema(given: Any, kind: SchemaType, role: Role) -> Schema | None:
    if given is None or isinstance(given, Schema):
        if given is not None and given.type is not kind:
            msg = f"acklab.{role.value}.schema is of type {given.type}, and {property_of(role)} writes {kind}"
            raise ConfigError(msg)
        return given
    if isinstance(given, str):
        return Schema(kind, given)
    msg = f"acklab.{role.value}.schema is a {type(given).__name__}, must be text or a producer.Schema"
    raise ConfigError(msg)
