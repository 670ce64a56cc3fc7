"""Protobuf, by what Confluent documents: names may change, numbers may not, and a type only within its wire form.

What Confluent leaves out and data does not forgive is refused as well: a field that becomes required, numbers that were
many and are to be one, which a reader passes over, and fields of two oneofs in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.protobuf.protobuf_schema import ProtobufSchema
from producer.schemas.protobuf.symbols import messages, within

_REQUIRED, _REPEATED = FieldDescriptorProto.LABEL_REQUIRED, FieldDescriptorProto.LABEL_REPEATED


class Kind(Enum):
    """Types whose bytes are read as each other's (language guide, "Updating a message type")."""

    NUMBER = "int32, int64, uint32, uint64, bool or an enum"
    SIGNED_NUMBER = "sint32 or sint64"
    TEXT = "string or bytes"
    FIXED32 = "fixed32 or sfixed32"
    FIXED64 = "fixed64 or sfixed64"
    FLOAT = "float"
    DOUBLE = "double"
    MESSAGE = "a message"
    GROUP = "a group"
    MAP = "a map"


KINDS = {
    FieldDescriptorProto.TYPE_INT32: Kind.NUMBER,
    FieldDescriptorProto.TYPE_INT64: Kind.NUMBER,
    FieldDescriptorProto.TYPE_UINT32: Kind.NUMBER,
    FieldDescriptorProto.TYPE_UINT64: Kind.NUMBER,
    FieldDescriptorProto.TYPE_BOOL: Kind.NUMBER,
    FieldDescriptorProto.TYPE_ENUM: Kind.NUMBER,
    FieldDescriptorProto.TYPE_SINT32: Kind.SIGNED_NUMBER,
    FieldDescriptorProto.TYPE_SINT64: Kind.SIGNED_NUMBER,
    FieldDescriptorProto.TYPE_STRING: Kind.TEXT,
    FieldDescriptorProto.TYPE_BYTES: Kind.TEXT,
    FieldDescriptorProto.TYPE_FIXED32: Kind.FIXED32,
    FieldDescriptorProto.TYPE_SFIXED32: Kind.FIXED32,
    FieldDescriptorProto.TYPE_FIXED64: Kind.FIXED64,
    FieldDescriptorProto.TYPE_SFIXED64: Kind.FIXED64,
    FieldDescriptorProto.TYPE_FLOAT: Kind.FLOAT,
    FieldDescriptorProto.TYPE_DOUBLE: Kind.DOUBLE,
    FieldDescriptorProto.TYPE_MESSAGE: Kind.MESSAGE,
    FieldDescriptorProto.TYPE_GROUP: Kind.GROUP,
}
NOT_SCALAR = (Kind.MESSAGE, Kind.GROUP, Kind.MAP)


def incompatibilities(reader: ProtobufSchema, writer: ProtobufSchema) -> tuple[Incompatibility, ...]:
    """Give every reason why `reader` cannot read what `writer` wrote; none if it can."""
    return tuple(_Comparison(_Side(reader), _Side(writer)).all())


class _Side:
    """One of the two schemas: its messages, wherever they are defined."""

    def __init__(self, schema: ProtobufSchema) -> None:
        self.file = schema.file
        self.messages: dict[str, DescriptorProto] = {}
        self.packages: dict[str, str] = {}
        for file in [*schema.files.values(), schema.file]:
            for full_name, message in messages(file):
                self.messages[f".{full_name}"] = message
                self.packages[f".{full_name}"] = file.package

    def kind(self, field: FieldDescriptorProto) -> Kind:
        is_map = field.type_name in self.messages and self.messages[field.type_name].options.map_entry
        return Kind.MAP if is_map else KINDS[field.type]

    def local_name(self, type_name: str) -> str:
        """Give a type's name without the package."""
        package = self.packages[type_name]
        return type_name.removeprefix(f".{package}.") if package else type_name[1:]


class _Comparison:
    def __init__(self, reader: _Side, writer: _Side) -> None:
        self._reader = reader
        self._writer = writer
        self._compared: set[tuple[str, str]] = set()

    def all(self) -> Iterator[Incompatibility]:
        ours, theirs = self._reader.file, self._writer.file
        if ours.package != theirs.package:
            said = f"the reader's package is {ours.package!r}, the writer's {theirs.package!r}"
            yield Incompatibility("package", "PACKAGE_CHANGED", said)
        mine = {message.name: message for message in ours.message_type}
        for message in theirs.message_type:
            name = f".{within(theirs.package, message.name)}"
            if message.name not in mine:
                yield _removed(name)
            else:
                yield from self._message(f".{within(ours.package, message.name)}", name)

    def _message(self, ours: str, theirs: str) -> Iterator[Incompatibility]:
        if (ours, theirs) in self._compared:
            return
        self._compared.add((ours, theirs))
        reader, writer = self._reader.messages[ours], self._writer.messages[theirs]
        yield from _oneofs(ours[1:], reader, writer)
        yield from self._fields(ours[1:], reader, writer)
        mine = {one.name for one in reader.nested_type}
        for one in writer.nested_type:
            if one.options.map_entry:
                continue
            if one.name not in mine:
                yield _removed(f"{theirs}.{one.name}")
            else:
                yield from self._message(f"{ours}.{one.name}", f"{theirs}.{one.name}")

    def _fields(self, name: str, reader: DescriptorProto, writer: DescriptorProto) -> Iterator[Incompatibility]:
        mine = {field.number: field for field in reader.field}
        theirs = {field.number: field for field in writer.field}
        for number, field in mine.items():
            path = f"{name}.{field.name}"
            if number not in theirs and field.label == _REQUIRED:
                yield Incompatibility(
                    path, "REQUIRED_FIELD_ADDED", f"the reader requires field {number}, the writer has none"
                )
            elif number in theirs:
                yield from self._field(path, field, theirs[number])
        for number, field in theirs.items():
            if number not in mine and field.label == _REQUIRED:
                path = f"{name}.{field.name}"
                yield Incompatibility(
                    path, "REQUIRED_FIELD_REMOVED", f"the writer requires field {number}, the reader has none"
                )

    def _field(
        self, path: str, reader: FieldDescriptorProto, writer: FieldDescriptorProto
    ) -> Iterator[Incompatibility]:
        ours, theirs = self._reader.kind(reader), self._writer.kind(writer)
        if ours is not theirs:
            is_scalar = ours not in NOT_SCALAR and theirs not in NOT_SCALAR
            rule = "FIELD_SCALAR_KIND_CHANGED" if is_scalar else "FIELD_KIND_CHANGED"
            yield Incompatibility(
                path,
                rule,
                f"field {reader.number}: the reader has {_word(reader, ours)}, the writer {_word(writer, theirs)}",
            )
            return
        if reader.label == _REQUIRED and writer.label != _REQUIRED:
            yield Incompatibility(
                path, "REQUIRED_FIELD_ADDED", f"the reader requires field {reader.number}, the writer does not"
            )
        if ours is Kind.MAP:
            yield from self._map(path, reader.type_name, writer.type_name)
        elif ours in NOT_SCALAR:
            yield from self._type(path, reader, writer)
        elif ours is not Kind.TEXT and writer.label == _REPEATED != reader.label:
            said = f"field {reader.number}: the writer repeats {_word(writer, theirs)}, the reader has one, and passes over them"
            yield Incompatibility(path, "FIELD_NUMERIC_LABEL_CHANGED", said)

    def _map(self, path: str, reader: str, writer: str) -> Iterator[Incompatibility]:
        for ours, theirs in zip(self._reader.messages[reader].field, self._writer.messages[writer].field, strict=True):
            yield from self._field(f"{path}.{ours.name}", ours, theirs)

    def _type(self, path: str, reader: FieldDescriptorProto, writer: FieldDescriptorProto) -> Iterator[Incompatibility]:
        ours, theirs = self._reader.local_name(reader.type_name), self._writer.local_name(writer.type_name)
        if ours != theirs:
            said = f"field {reader.number}: the reader's message is {ours}, the writer's {theirs}"
            yield Incompatibility(path, "FIELD_NAMED_TYPE_CHANGED", said)
        else:
            # It may come from another file, which nothing else looks into.
            yield from self._message(reader.type_name, writer.type_name)


def _oneofs(name: str, reader: DescriptorProto, writer: DescriptorProto) -> Iterator[Incompatibility]:
    """A oneof may take in one field that stood alone, and nothing else that may be set beside it."""
    known = {field.number: field for field in writer.field}
    kept = {field.number for field in reader.field}
    theirs = _members(writer)
    for oneof, fields in _members(reader).items():
        path = f"{name}.{oneof}"
        alone = [field for field in fields if field.number in known and not _in_oneof(known[field.number])]
        others = [field for field in fields if field.number in known and _in_oneof(known[field.number])]
        names = ", ".join(field.name for field in alone)
        if len(alone) > 1:
            said = f"the fields {names} may stand beside each other, the reader takes one of them"
            yield Incompatibility(path, "MULTIPLE_FIELDS_MOVED_TO_ONEOF", said)
        elif len(alone) + len({known[field.number].oneof_index for field in others}) > 1:
            names = names or ", ".join(field.name for field in others)
            said = f"{names} may stand beside others of it, the reader takes one of them"
            yield Incompatibility(path, "FIELD_MOVED_TO_EXISTING_ONEOF", said)
        for field in theirs.get(oneof, ()):
            if field.number not in kept:
                said = f"the writer's oneof has field {field.number}, the reader does not know it"
                yield Incompatibility(f"{path}.{field.name}", "ONEOF_FIELD_REMOVED", said)


def _members(message: DescriptorProto) -> Mapping[str, list[FieldDescriptorProto]]:
    """Oneof -> its fields; those that stand for `optional` are none."""
    found: dict[str, list[FieldDescriptorProto]] = {}
    for field in message.field:
        if _in_oneof(field):
            found.setdefault(message.oneof_decl[field.oneof_index].name, []).append(field)
    return found


def _in_oneof(field: FieldDescriptorProto) -> bool:
    return field.HasField("oneof_index") and not field.proto3_optional


def _removed(name: str) -> Incompatibility:
    return Incompatibility(name[1:], "MESSAGE_REMOVED", "the writer has this message, the reader does not")


def _word(field: FieldDescriptorProto, kind: Kind) -> str:
    if kind is Kind.MAP:
        return "a map"
    if field.type_name:
        return f"{'an enum' if kind is Kind.NUMBER else kind.value} {field.type_name[1:]}"
    return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
