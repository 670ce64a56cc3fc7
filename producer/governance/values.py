"""A record's value as fields, and back: bare JSON, or Avro, Protobuf and JSON Schema as Confluent's wire format frames them.

Whose schema is not known yet is asked for as serializers ask: a `SchemaUnknownError` has the questions for the registry.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import SerializationError
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.references import referenced_by
from producer.serialization.registry import answers, calls
from producer.serialization.serializer import Role
from producer.serialization.unknown import SchemaUnknownError
from producer.serialization.wire_format import (
    GUID_BYTES,
    GUID_MAGIC,
    ID_BYTES,
    ID_MAGIC,
    SchemaKey,
    header_name,
    unframe,
)

if TYPE_CHECKING:
    from producer.records import Headers, Record
    from producer.serialization.formats.codec import Codec
    from producer.serialization.unknown import Questions

KNOWN_MAX = 1_000
"""Schemas that are remembered; beyond it all are asked for again."""
VALUE_BYTES_MAX = 64 << 20
"""A larger value is taken for bytes: nobody looks into it."""


class Format(StrEnum):
    """How a value is written, by the words of a policy file."""

    JSON = "json"
    AVRO = "avro"
    PROTOBUF = "protobuf"
    JSON_SCHEMA = "json_schema"
    BYTES = "bytes"
    """None of those."""


_BY_TYPE = {
    SchemaType.AVRO: Format.AVRO,
    SchemaType.PROTOBUF: Format.PROTOBUF,
    SchemaType.JSON: Format.JSON_SCHEMA,
}


class Opened(NamedTuple):
    """A value that was looked into."""

    format: Format
    fields: Any
    """A dict, a message, or any other value of JSON; None where it is bytes."""
    close: Callable[[Any], bytes]
    """Makes bytes of fields again, by the same schema. Raises SerializationError, which may name values: it goes no further."""
    schema: SchemaKey | None = None
    """The id or the GUID by which it is written."""
    name: str = ""
    """Full name of the record or message."""

    def __repr__(self) -> str:
        return f"Opened({self.format}, schema={self.schema})"


class Values:
    """Looks into values. It remembers schemas, and knows no registry: what it has to ask, it raises."""

    def __init__(self) -> None:
        self._codecs: dict[bytes, tuple[SchemaType, Codec]] = {}

    def opened(self, record: Record) -> Opened:
        """Look into a record's value, which must not be null. Raises SchemaUnknownError, SerializationError for broken bytes."""
        value, headers = record.value, record.headers
        assert value is not None, "a tombstone has no fields"
        if len(value) > VALUE_BYTES_MAX:
            return Opened(Format.BYTES, None, bytes)
        if _is_framed(value, headers):
            return self._framed(value, headers)
        try:
            fields = json.loads(value, object_pairs_hook=_object, parse_constant=_constant)
        except (ValueError, RecursionError):
            return Opened(Format.BYTES, None, bytes)
        return Opened(Format.JSON, fields, _json_bytes)

    def _framed(self, value: bytes, headers: Headers) -> Opened:
        name, payload, header_rest = unframe(Role.VALUE, list(headers), value)
        known = self._codecs.get(name)
        if known is None:
            raise SchemaUnknownError(self._learn(name, value, headers))
        kind, codec = known
        try:
            fields = codec.decode(payload, header_rest)
        except SerializationError as error:
            # Its own words may show the value.
            raise SerializationError(f"the value is no {codec.name or kind}", field=error.field) from None
        prefix = b"" if header_rest is not None else name + _indexes(kind, payload)

        def close(changed: Any) -> bytes:
            if kind is SchemaType.PROTOBUF:
                return prefix + bytes(changed.SerializeToString(deterministic=True))
            return codec.encoder(prefix)(changed)

        return Opened(_BY_TYPE[kind], fields, close, unframe(Role.VALUE, list(headers), value).key, codec.name)

    def hold(self, name: bytes, schema: Schema, referenced: dict[str, Schema] | None = None) -> None:
        """Know which schema the bytes of an id or a GUID mean. Raises InvalidSchemaError, FormatNotInstalledError."""
        from producer.serialization.formats.codec import codec

        made = codec(schema, referenced or {})
        if len(self._codecs) >= KNOWN_MAX:
            self._codecs.clear()
        self._codecs[name] = (schema.type, made)

    def _learn(self, name: bytes, value: bytes, headers: Headers) -> Questions:
        key = unframe(Role.VALUE, list(headers), value).key
        call = calls.by_id(key) if isinstance(key, int) else calls.by_guid(key)
        schema = answers.schema(call, (yield call))
        referenced = yield from referenced_by(schema)
        self.hold(name, schema, dict(referenced))


def _is_framed(value: bytes, headers: Headers) -> bool:
    """Whether a value says by which schema it is written: no JSON begins with such a byte."""
    if any(name == header_name(Role.VALUE) for name, _ in headers):
        return True
    return (value[:1] == bytes((ID_MAGIC,)) and len(value) >= ID_BYTES) or (
        value[:1] == bytes((GUID_MAGIC,)) and len(value) >= GUID_BYTES
    )


def _indexes(kind: SchemaType, payload: bytes) -> bytes:
    """Give the way to a Protobuf message as it stands before the payload."""
    if kind is not SchemaType.PROTOBUF:
        return b""
    from producer.serialization.wire_format import read_indexes

    _, rest = read_indexes(payload)
    return payload[: len(payload) - len(rest)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that is there twice: readers differ in which one they see, and one of them would stay as it is."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is there twice")
    return made


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _json_bytes(fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
