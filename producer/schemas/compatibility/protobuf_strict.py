"""Protobuf, by the stricter rules that Apicurio Registry keeps: a number that was used once belongs to its field for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.protobuf.protobuf_schema import ProtobufSchema
from producer.schemas.protobuf.symbols import messages, within


def incompatibilities(reader: ProtobufSchema, writer: ProtobufSchema) -> tuple[Incompatibility, ...]:
    """Give every reason why `reader` may not come after `writer`. FORWARD holds the two against each other the other way round."""
    return tuple(_all(reader.file, writer.file))


def _all(reader: FileDescriptorProto, writer: FileDescriptorProto) -> Iterator[Incompatibility]:
    mine, theirs = _messages(reader), _messages(writer)
    for name, message in theirs.items():
        if name in mine:
            yield from _fields(name, mine[name], message, (reader.syntax, writer.syntax))
            yield from _reserved(name, mine[name], message)
        elif message.field:
            yield Incompatibility(name, "MESSAGE_REMOVED", "the message is gone, and its fields with it")
    ours = _enums(reader)
    for name, enum in _enums(writer).items():
        if name in ours:
            yield from _values(name, ours[name], enum)
    yield from _rpcs(reader, writer)


def _messages(file: FileDescriptorProto) -> Mapping[str, DescriptorProto]:
    """By names without the package, which may change."""
    return {_local(name, file): one for name, one in messages(file)}


def _enums(file: FileDescriptorProto) -> Mapping[str, EnumDescriptorProto]:
    found = {enum.name: enum for enum in file.enum_type}
    for name, message in messages(file):
        found |= {within(_local(name, file), enum.name): enum for enum in message.enum_type}
    return found


def _local(name: str, file: FileDescriptorProto) -> str:
    return name.removeprefix(f"{file.package}.") if file.package else name


def _fields(
    name: str, reader: DescriptorProto, writer: DescriptorProto, syntaxes: tuple[str, str]
) -> Iterator[Incompatibility]:
    mine = {field.name: field for field in reader.field}
    numbers = {field.number: field for field in reader.field}
    for field in writer.field:
        path = f"{name}.{field.name}"
        kept = mine.get(field.name)
        if kept is None and field.number in numbers:
            said = f"field {field.number} is called {numbers[field.number].name!r} now"
            yield Incompatibility(path, "FIELD_NAME_CHANGED", said)
        elif kept is None:
            if not (_is_reserved(reader, field.number) and field.name in reader.reserved_name):
                said = f"field {field.number} is gone, and its number and name are not both reserved"
                yield Incompatibility(path, "FIELD_REMOVED_WITHOUT_RESERVE", said)
        elif kept.number != field.number:
            said = f"the number is {kept.number} and was {field.number}"
            yield Incompatibility(path, "FIELD_NUMBER_CHANGED", said)
        else:
            ours, theirs = _type(kept, syntaxes[0]), _type(field, syntaxes[1])
            if ours != theirs:
                yield Incompatibility(path, "FIELD_TYPE_CHANGED", f"the type is {ours} and was {theirs}")
    known = {field.number for field in writer.field}
    for field in reader.field:
        if field.label == FieldDescriptorProto.LABEL_REQUIRED and field.number not in known:
            yield Incompatibility(
                f"{name}.{field.name}", "REQUIRED_FIELD_ADDED", f"field {field.number} is new and required"
            )


def _reserved(name: str, reader: DescriptorProto, writer: DescriptorProto) -> Iterator[Incompatibility]:
    for one in writer.reserved_range:
        for number in (one.start, one.end - 1):
            if not _is_reserved(reader, number):
                yield Incompatibility(name, "RESERVED_REMOVED", f"the number {number} was reserved and is no more")
                break
    for word in writer.reserved_name:
        if word not in reader.reserved_name:
            yield Incompatibility(name, "RESERVED_REMOVED", f"the name {word!r} was reserved and is no more")


def _values(name: str, reader: EnumDescriptorProto, writer: EnumDescriptorProto) -> Iterator[Incompatibility]:
    mine = {value.name: value.number for value in reader.value}
    for value in writer.value:
        if mine.get(value.name) != value.number:
            said = f"the value {value.name} = {value.number} is gone"
            yield Incompatibility(name, "ENUM_CONST_REMOVED", said)


def _rpcs(reader: FileDescriptorProto, writer: FileDescriptorProto) -> Iterator[Incompatibility]:
    mine = {service.name: service for service in reader.service}
    for service in writer.service:
        kept = {method.name: method for method in mine[service.name].method} if service.name in mine else {}
        for method in service.method:
            path = f"{service.name}.{method.name}"
            if method.name not in kept:
                yield Incompatibility(path, "RPC_REMOVED", "the rpc is gone")
            elif kept[method.name] != method:
                yield Incompatibility(path, "RPC_CHANGED", "the rpc takes or returns another message")


def _is_reserved(message: DescriptorProto, number: int) -> bool:
    return any(one.start <= number < one.end for one in message.reserved_range)


def _type(field: FieldDescriptorProto, syntax: str) -> str:
    """Give label and type as they are written."""
    kind = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    word = field.type_name.rpartition(".")[2] or kind
    label = FieldDescriptorProto.Label.Name(field.label).removeprefix("LABEL_").lower()
    has_label = syntax != "proto3" or field.proto3_optional or field.label == FieldDescriptorProto.LABEL_REPEATED
    return f"{label} {word}" if has_label and (field.proto3_optional or not field.HasField("oneof_index")) else word
