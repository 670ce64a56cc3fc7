"""Protobuf schemas as confluent-kafka sends and asks for them: not as the text of a .proto file, but as its descriptor in base64."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from producer.schemas.schema import InvalidSchemaError, Schema, SchemaType

if TYPE_CHECKING:
    from producer.schemas.schema import ParsedSchema

SERIALIZED = "serialized"
"""What `format` is then (ProtobufSchema.formattedString)."""

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+=*\s*")


def as_text(schema: Schema) -> Schema:
    """Give a schema with its text, where it came as a descriptor. Raises InvalidSchemaError.

    No .proto file is taken for one: none goes without a semicolon or a brace.
    """
    if schema.type is not SchemaType.PROTOBUF or not _BASE64.fullmatch(schema.text):
        return schema
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import DecodeError

    from producer.schemas.protobuf.text import file_text

    try:
        file = FileDescriptorProto.FromString(b64decode(schema.text, validate=False))
    except (ValueError, DecodeError) as error:
        raise InvalidSchemaError(f"it is neither a .proto file nor a descriptor in base64: {error}") from error
    if not (file.message_type or file.enum_type or file.extension or file.service):
        raise InvalidSchemaError("it is neither a .proto file nor a descriptor in base64 that defines anything")
    return schema._replace(text=file_text(file))


def as_descriptor(parsed: ParsedSchema) -> str:
    """Give a Protobuf schema's descriptor in base64; another one's text as it is."""
    if parsed.schema.type is not SchemaType.PROTOBUF:
        return parsed.schema.text
    from producer.schemas.protobuf.protobuf_schema import ProtobufSchema

    assert isinstance(parsed, ProtobufSchema)
    return b64encode(parsed.file.SerializeToString()).decode()
