"""What makes bytes of values by one schema, and back, of whatever format."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from producer.schemas.parse import parse
from producer.schemas.schema import FormatNotInstalledError, SchemaType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import BytesIO

    from producer.schemas.schema import ParsedSchema, Schema

_BASE64 = re.compile(r"\s*[A-Za-z0-9+/]{4,}={0,2}\s*")
"""No .proto file is one: it has blanks and semicolons."""


class Codec(Protocol):
    """One schema at work."""

    name: str
    """Of the record or message that it writes; of JSON Schema the title."""
    indexes: bytes
    """The way to the message, as it goes between id and payload; empty for all but Protobuf."""

    def encoder(self, prefix: bytes) -> Callable[[Any], bytes]:
        """Give what makes a value's bytes, behind the prefix. That raises SerializationError naming field and value."""
        ...

    def decode(self, payload: bytes, header_rest: bytes | None) -> Any:
        """Give the value. `header_rest`: what the header said behind the GUID. Raises SerializationError."""
        ...

    def read(self, behind_id: BytesIO) -> Any:
        """Give the value of what is left to read behind an id. Raises as `decode`."""
        ...

    def read_as(self, reader: Any) -> Codec:
        """Give one that reads what this one writes, as the schema of `reader`, of the same format, has it."""
        ...


CODECS = {
    SchemaType.AVRO: ("producer.serialization.formats.avro", "AvroCodec"),
    SchemaType.PROTOBUF: ("producer.serialization.formats.protobuf", "ProtobufCodec"),
    SchemaType.JSON: ("producer.serialization.formats.json_schema", "JsonSchemaCodec"),
}
"""Who puts a format to work, by module and class."""


def codec(schema: Schema, referenced: Mapping[str, Schema], message: Any = None) -> Codec:
    """Put a schema to work; `referenced` as `producer.schemas.parse` takes it.

    `message` is a Protobuf message's full name or generated class; None for the first of its file. Raises
    InvalidSchemaError, FormatNotInstalledError.
    """
    parsed = parsed_of(schema, referenced)
    module, name = CODECS[schema.type]
    try:
        make = cast("Callable[[ParsedSchema, Any], Codec]", getattr(import_module(module), name))
    except ModuleNotFoundError as error:
        raise FormatNotInstalledError(schema.type, error.name or module) from error
    return make(parsed, message)


def parsed_of(schema: Schema, referenced: Mapping[str, Schema]) -> ParsedSchema:
    """Read a schema as a registry gives it. Raises InvalidSchemaError."""
    if schema.type is SchemaType.PROTOBUF:
        schema, referenced = _in_words(schema), {name: _in_words(one) for name, one in referenced.items()}
    return parse(schema, referenced)


def _in_words(schema: Schema) -> Schema:
    """Give a .proto file as text: confluent-kafka registers its descriptor, in base64."""
    if _BASE64.fullmatch(schema.text) is None:
        return schema
    from producer.serialization.formats.protobuf_files import text_of_descriptor

    return schema._replace(text=text_of_descriptor(schema.text))
