"""Protobuf's bytes by the package protobuf: messages of generated classes, and dicts by classes made of the schema."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass

from producer.errors import SerializationError, UsageError
from producer.serialization.wire_format import index_bytes, read_indexes

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BytesIO

    from google.protobuf.descriptor import FileDescriptor
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from producer.schemas.protobuf.protobuf_schema import ProtobufSchema

_FIELD = re.compile(r"Failed to parse ([\w.\[\]]+) field|has no field named \"(\w+)\"")
"""Where protobuf says that something is wrong, from the outside in."""


class ProtobufCodec:
    """One message of one file at work; it reads whatever message of the file."""

    def __init__(self, schema: ProtobufSchema, message: Any = None, *, reader: ProtobufCodec | None = None) -> None:
        """`message` is a full name or a generated class; the file's first by default. Raises UsageError."""
        self._proto = schema.file
        self._file: FileDescriptor = schema.pool.FindFileByName(schema.file.name)
        self.name = _name_of(message) or schema.name
        self._class = self._class_of(self.name)
        self._indexes = _indexes(schema.file, self.name)
        self.indexes = index_bytes(self._indexes)
        self._schema = schema
        self._reader = reader

    def encoder(self, prefix: bytes) -> Callable[[Any], bytes]:
        """Give what makes bytes of a message or a dict, behind the prefix. That raises SerializationError."""
        return partial(self._encode, prefix)

    def _encode(self, prefix: bytes, data: Any) -> bytes:
        message: Any = data if isinstance(data, Message) else self._made_of(data)
        if message.DESCRIPTOR.full_name != self.name:
            raise SerializationError(f"it is a {message.DESCRIPTOR.full_name}, must be a {self.name}", value=data)
        try:
            written: bytes = message.SerializeToString(deterministic=True)
        except EncodeError as error:
            missing = ", ".join(message.FindInitializationErrors())
            raise SerializationError(f"field {missing} must be given: it is required", field=missing) from error
        except ValueError as error:
            raise SerializationError(f"it cannot be written: {error}", value=data) from error
        return prefix + written

    def decode(self, payload: bytes, header_rest: bytes | None) -> Any:
        """Give the message. Raises SerializationError."""
        if header_rest is None:
            indexes, payload = read_indexes(payload)
        else:
            indexes, _ = read_indexes(header_rest)
        kind = self._class if indexes == self._indexes else self._class_of(_at(self._proto, indexes))
        if self._reader is not None:
            kind = self._reader.class_like(kind)
        message = kind()
        try:
            message.ParseFromString(payload)
        except (DecodeError, RecursionError) as error:
            raise SerializationError(f"{len(payload)} bytes are no {kind.DESCRIPTOR.full_name}: {error}") from error
        missing = message.FindInitializationErrors()
        if missing:
            raise SerializationError(
                f"{len(payload)} bytes are no {kind.DESCRIPTOR.full_name}: {', '.join(missing)} is missing"
            )
        return message

    def read(self, behind_id: BytesIO) -> Any:
        """Give the message behind an id and its indexes."""
        return self.decode(behind_id.read(), None)

    def read_as(self, reader: ProtobufCodec) -> ProtobufCodec:
        """Give one that makes messages of the reader's file: of the same name, or the one that the reader wants."""
        return ProtobufCodec(self._schema, reader=reader)

    def class_like(self, kind: Any) -> Any:
        """Give the class of this file's message of that name; where there is none, of the one that it is at work for."""
        try:
            return self._class_of(kind.DESCRIPTOR.full_name)
        except UsageError:
            return self._class

    def _made_of(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise SerializationError(
                f"it is a {type(data).__name__}, must be a message {self.name} or a dict", value=data
            )
        try:
            return ParseDict(data, self._class())
        except ParseError as error:
            words = " ".join(str(error).split())
            field = ".".join(one or other for one, other in _FIELD.findall(words))
            what = f"field {field}" if field else "it"
            raise SerializationError(f"{what} does not fit {self.name}: {words}", field=field, value=data) from error

    def _class_of(self, name: str) -> Any:
        package = f"{self._file.package}." if self._file.package else ""
        steps = name.removeprefix(package).split(".")
        found: Any = self._file.message_types_by_name.get(steps[0])
        for step in steps[1:]:
            found = found.nested_types_by_name.get(step) if found is not None else None
        if found is None or found.full_name != name:
            known = ", ".join(f"{package}{one}" for one in self._file.message_types_by_name) or "none"
            raise UsageError(f"the schema has no message {name!r}, only {known}")
        return GetMessageClass(found)


def _name_of(message: Any) -> str:
    descriptor = getattr(message, "DESCRIPTOR", None)
    return str(message or "") if descriptor is None else str(descriptor.full_name)


def _indexes(file: FileDescriptorProto, name: str) -> tuple[int, ...]:
    """Give the way from the file to a message that is in it."""
    way: list[int] = []
    messages = file.message_type
    for step in name.removeprefix(f"{file.package}." if file.package else "").split("."):
        index = next(number for number, one in enumerate(messages) if one.name == step)
        way.append(index)
        messages = messages[index].nested_type
    return tuple(way)


def _at(file: FileDescriptorProto, indexes: tuple[int, ...]) -> str:
    """Give the name of the message at the end of a way. Raises SerializationError."""
    steps = [file.package] if file.package else []
    messages = file.message_type
    for index in indexes:
        if index >= len(messages):
            raise SerializationError(f"it is message {list(indexes)} of its schema, which has no such message")
        steps.append(messages[index].name)
        messages = messages[index].nested_type
    return ".".join(steps)
