"""From the text of a schema to what it says."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from producer.schemas.schema import (
    TEXT_CHARACTERS_MAX,
    FormatNotInstalledError,
    InvalidSchemaError,
    ParsedSchema,
    Schema,
    SchemaType,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

READERS = {
    SchemaType.AVRO: ("producer.schemas.avro.avro_schema", "parse_avro"),
    SchemaType.PROTOBUF: ("producer.schemas.protobuf.protobuf_schema", "parse_protobuf"),
    SchemaType.JSON: ("producer.schemas.json_schema", "parse_json_schema"),
}
"""Who reads a format, by module and function: none is loaded before a schema of it comes."""


def parse(schema: Schema, referenced: Mapping[str, Schema] | None = None) -> ParsedSchema:
    """Read a schema. `referenced` has every schema that it refers to, and those that these refer to, by reference name.

    Takes bounded time, whatever the text. Raises InvalidSchemaError, FormatNotInstalledError.
    """
    if len(schema.text) > TEXT_CHARACTERS_MAX:
        raise InvalidSchemaError(
            f"the schema has {len(schema.text)} characters, at most {TEXT_CHARACTERS_MAX} are read"
        )
    module, function = READERS[schema.type]
    try:
        reader = cast(
            "Callable[[Schema, Mapping[str, Schema]], ParsedSchema]", getattr(import_module(module), function)
        )
    except ModuleNotFoundError as error:
        raise FormatNotInstalledError(schema.type, error.name or module) from error
    return reader(schema, referenced or {})
