"""`SchemaDeserializer`: values back from bytes, each by the schema that it was written with."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import SerializationError
from producer.serialization.formats.codec import codec
from producer.serialization.references import referenced_by
from producer.serialization.registry import answers, calls
from producer.serialization.schema_settings import KNOWN_MAX
from producer.serialization.serializer import Role
from producer.serialization.unknown import SchemaUnknownError
from producer.serialization.wire_format import ID_BYTES, key_bytes, schema_key, unframe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.schemas.schema import Schema
    from producer.serialization.formats.codec import Codec
    from producer.serialization.serializer import HeaderList
    from producer.serialization.unknown import Questions
    from producer.serialization.wire_format import SchemaKey


NOTHING: Mapping[str, Schema] = {}


class Decoded(NamedTuple):
    """A value, and the schema by which it was written."""

    value: Any
    schema: SchemaKey
    """Its id, or its GUID."""
    name: str
    """Of the record or message; of JSON Schema the title."""


class SchemaDeserializer:
    """Reads values of whatever format by the schemas that they name. Of Protobuf it gives messages of made-up classes."""

    needs_registry = True

    def __init__(self, *, role: Role = Role.VALUE, reader: Schema | None = None) -> None:
        """`role` says which header may name the schema. `reader` is the schema in whose form values are wanted, with its defaults and
        without what it lacks; None: each as it was written. Raises InvalidSchemaError, FormatNotInstalledError.
        """
        self._role = role
        self._reader = reader
        self._wanted = None if reader is None else codec(reader, {})
        self._codecs: dict[bytes, Codec] = {}
        """By the bytes that name its schema: in front of the payload, or in the header."""

    def deserialize(self, _topic: str, headers: HeaderList, data: bytes | None) -> Any:
        """Give the value. Raises SerializationError for bytes that are none of its schema; SchemaUnknownError."""
        if data is None:
            return None
        if headers:
            return self.decode(_topic, headers, data).value
        # Most records have no headers, and an id in front that was met before: they need no closer look.
        buffer = BytesIO(data)
        try:
            known = self._codecs[buffer.read(ID_BYTES)]
        except KeyError:
            return self.decode(_topic, headers, data).value
        try:
            return known.read(buffer)
        except SerializationError as error:
            raise _of_schema(error, schema_key(data[:ID_BYTES])) from error

    def decode(self, _topic: str, headers: HeaderList, data: bytes) -> Decoded:
        """Give the value and its schema. Raises as `deserialize`."""
        name, payload, header_rest = unframe(self._role, headers, data)
        key, known = schema_key(name), self._codecs.get(name)
        if known is None:
            raise SchemaUnknownError(self._learn(key))
        try:
            return Decoded(known.decode(payload, header_rest), key, known.name)
        except SerializationError as error:
            raise _of_schema(error, key) from error

    def hold(self, key: SchemaKey, schema: Schema, referenced: Mapping[str, Schema] = NOTHING) -> None:
        """Know from now on which schema a key means, without asking anybody. Raises InvalidSchemaError, SerializationError."""
        written = codec(schema, referenced)
        if self._reader is not None and self._wanted is not None:
            if self._reader.type is not schema.type:
                raise SerializationError(f"schema {key} is of type {schema.type}, must be {self._reader.type}")
            written = written.read_as(self._wanted)
        if len(self._codecs) >= KNOWN_MAX:
            self._codecs.clear()
        self._codecs[key_bytes(key)] = written

    def _learn(self, key: SchemaKey) -> Questions:
        call = calls.by_id(key) if isinstance(key, int) else calls.by_guid(key)
        schema = answers.schema(call, (yield call))
        referenced = yield from referenced_by(schema)
        self.hold(key, schema, referenced)


def _of_schema(error: SerializationError, key: SchemaKey) -> SerializationError:
    return SerializationError(error.message, field=error.field, value=error.value, schema=f"schema: {key}")
