"""The schema of a generated message class: its file as text, and what that imports, registered before it."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError

from producer.schemas.protobuf.fields import json_name
from producer.schemas.protobuf.text import file_text
from producer.schemas.schema import InvalidSchemaError, Reference, Schema, SchemaType, short

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from google.protobuf.descriptor import FileDescriptor

    from producer.serialization.registry.answers import Registered
    from producer.serialization.registry.calls import Call

BROUGHT = "google/protobuf/"
"""Paths of the files that come with protobuf, which no registry needs to be told."""


def text_of_descriptor(text: str) -> str:
    """Give the .proto file of a descriptor in base64. Raises InvalidSchemaError."""
    file = FileDescriptorProto()
    try:
        file.ParseFromString(b64decode(text, validate=True))
        return _text(file)
    except (ValueError, DecodeError) as error:
        raise InvalidSchemaError(
            f"{short(text)} is neither a .proto file nor a descriptor in base64: {error}"
        ) from error


def schema_of_class(
    message: Any, place: Callable[[str, Schema], Generator[Call, Any, Registered]]
) -> Generator[Call, Any, Schema]:
    """Give the schema of a message's file. `place` registers or finds what it imports, each under its path as the subject."""
    return (yield from _schema_of(message.DESCRIPTOR.file, place, {}))


def _schema_of(
    file: FileDescriptor,
    place: Callable[[str, Schema], Generator[Call, Any, Registered]],
    known: dict[str, Reference],
) -> Generator[Call, Any, Schema]:
    references = []
    for needed in file.dependencies:
        if needed.name.startswith(BROUGHT):
            continue
        if needed.name not in known:
            schema = yield from _schema_of(needed, place, known)
            registered = yield from place(needed.name, schema)
            known[needed.name] = Reference(needed.name, needed.name, registered.version)
        references.append(known[needed.name])
    written = FileDescriptorProto()
    file.CopyToProto(written)
    return Schema(SchemaType.PROTOBUF, _text(written), tuple(references))


def _text(file: FileDescriptorProto) -> str:
    messages = list(file.message_type)
    while messages:
        message = messages.pop()
        messages += message.nested_type
        for field in message.field:
            if not field.json_name:
                # As protoc sets it, in whose place somebody made this class.
                field.json_name = json_name(field.name)
    return file_text(file)
