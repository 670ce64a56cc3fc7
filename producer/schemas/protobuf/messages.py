"""Messages, enums, services and extensions as they are written: from tokens to descriptors whose types are still names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from producer.schemas.protobuf.fields import read_field_options, read_label, read_map, read_number, read_rest, read_type
from producer.schemas.protobuf.options import Options, read_option
from producer.schemas.protobuf.ranges import ENUM_HIGHEST, ENUM_LOWEST, read_extension_ranges, read_reserved
from producer.schemas.schema import DEPTH_MAX

if TYPE_CHECKING:
    from producer.schemas.protobuf.cursor import Cursor


def read_message(cursor: Cursor, message: DescriptorProto, depth: int = 0) -> None:
    """Read what follows the word `message`. Raises InvalidSchemaError."""
    message.name = cursor.name("a message")
    _read_body(cursor, message, depth)


def _read_body(cursor: Cursor, message: DescriptorProto, depth: int) -> None:
    if depth > DEPTH_MAX:
        cursor.refuse(f"messages are nested deeper than {DEPTH_MAX} levels")
    cursor.expect("{")
    while not cursor.accept("}"):
        if cursor.accept(";"):
            continue
        if cursor.accept("message"):
            read_message(cursor, message.nested_type.add(), depth + 1)
        elif cursor.accept("enum"):
            read_enum(cursor, message.enum_type.add())
        elif cursor.accept("option"):
            read_option_line(cursor, message.options)
        elif cursor.accept("oneof"):
            _read_oneof(cursor, message, depth)
        elif cursor.accept("extend"):
            read_extend(cursor, message, depth)
        elif cursor.accept("extensions"):
            if cursor.is_proto3:
                cursor.refuse("proto3 has no ranges of extensions")
            read_extension_ranges(cursor, message)
        elif cursor.accept("reserved"):
            read_reserved(cursor, message)
        elif cursor.is_at("map") and cursor.is_before("<"):
            field = message.field.add()
            message.nested_type.append(read_map(cursor, field))
        else:
            _read_field(cursor, message.field.add(), message, depth)
    _add_synthetic_oneofs(message)


def _read_field(
    cursor: Cursor, field: FieldDescriptorProto, around: DescriptorProto | FileDescriptorProto, depth: int
) -> None:
    read_label(cursor, field)
    if cursor.is_at("map") and cursor.is_before("<"):
        cursor.refuse("a map has no label")
    if cursor.is_at("group") and not cursor.is_before("."):
        _read_group(cursor, field, around, depth)
    else:
        read_type(cursor, field)
        read_rest(cursor, field)


def _read_group(
    cursor: Cursor, field: FieldDescriptorProto, around: DescriptorProto | FileDescriptorProto, depth: int
) -> None:
    """A group is a message and a field of it at once; the field's name is the message's in small letters."""
    begin = cursor.take()
    if cursor.is_proto3:
        cursor.refuse("proto3 has no groups", begin)
    name = cursor.name("a group")
    if not name[0].isupper():
        cursor.refuse(f"the group {name!r} must begin with a capital", begin)
    field.name = name.lower()
    field.type = FieldDescriptorProto.TYPE_GROUP
    field.type_name = name
    read_number(cursor, field)
    read_field_options(cursor, field)
    message = around.message_type.add() if isinstance(around, FileDescriptorProto) else around.nested_type.add()
    message.name = name
    _read_body(cursor, message, depth + 1)


def _read_oneof(cursor: Cursor, message: DescriptorProto, depth: int) -> None:
    index = len(message.oneof_decl)
    oneof = message.oneof_decl.add(name=cursor.name("a oneof"))
    begin = cursor.token
    fields = 0
    cursor.expect("{")
    while not cursor.accept("}"):
        if cursor.accept(";"):
            continue
        if cursor.accept("option"):
            read_option_line(cursor, oneof.options)
            continue
        if cursor.is_at("optional", "required", "repeated"):
            cursor.refuse(f"a field of the oneof {oneof.name!r} has no label")
        if cursor.is_at("map") and cursor.is_before("<"):
            cursor.refuse(f"the oneof {oneof.name!r} cannot have a map")
        field = message.field.add(label=FieldDescriptorProto.LABEL_OPTIONAL, oneof_index=index)
        fields += 1
        if cursor.is_at("group") and not cursor.is_before("."):
            _read_group(cursor, field, message, depth)
        else:
            read_type(cursor, field)
            read_rest(cursor, field)
    if not fields:
        cursor.refuse(f"the oneof {oneof.name!r} has no field", begin)


def _add_synthetic_oneofs(message: DescriptorProto) -> None:
    """Give each `optional` field of proto3 a oneof of its own, behind all others (protobuf's proto3_presence)."""
    taken = {one.name for one in message.oneof_decl} | {one.name for one in message.field}
    for field in message.field:
        if field.proto3_optional:
            name = f"_{field.name}" if not field.name.startswith("_") else f"X{field.name}"
            while name in taken:
                name = f"X{name}"
            taken.add(name)
            field.oneof_index = len(message.oneof_decl)
            message.oneof_decl.add(name=name)


def read_enum(cursor: Cursor, enum: EnumDescriptorProto) -> None:
    """Read what follows the word `enum`. Raises InvalidSchemaError."""
    enum.name = cursor.name("an enum")
    begin = cursor.token
    cursor.expect("{")
    while not cursor.accept("}"):
        if cursor.accept(";"):
            continue
        if cursor.accept("option"):
            read_option_line(cursor, enum.options)
        elif cursor.accept("reserved"):
            read_reserved(cursor, enum)
        else:
            value = enum.value.add(name=cursor.name("an enum's value"))
            cursor.expect("=")
            value.number = cursor.integer(f"the number of {value.name!r}", ENUM_LOWEST, ENUM_HIGHEST)
            cursor.count_field()
            if cursor.accept("["):
                while True:
                    read_option(cursor, value.options)
                    if not cursor.accept(","):
                        break
                cursor.expect("]")
            cursor.expect(";")
    if not enum.value:
        cursor.refuse(f"the enum {enum.name!r} has no value", begin)


def read_service(cursor: Cursor, service: ServiceDescriptorProto) -> None:
    """Read what follows the word `service`. Raises InvalidSchemaError."""
    service.name = cursor.name("a service")
    cursor.expect("{")
    while not cursor.accept("}"):
        if cursor.accept(";"):
            continue
        if cursor.accept("option"):
            read_option_line(cursor, service.options)
        else:
            cursor.expect("rpc")
            _read_method(cursor, service.method.add())


def _read_method(cursor: Cursor, method: MethodDescriptorProto) -> None:
    method.name = cursor.name("an rpc")
    method.input_type, is_stream = _method_type(cursor)
    if is_stream:
        method.client_streaming = True
    cursor.expect("returns")
    method.output_type, is_stream = _method_type(cursor)
    if is_stream:
        method.server_streaming = True
    if cursor.accept("{"):
        method.options.SetInParent()
        while not cursor.accept("}"):
            if not cursor.accept(";"):
                cursor.expect("option")
                read_option_line(cursor, method.options)
    else:
        cursor.expect(";")


def _method_type(cursor: Cursor) -> tuple[str, bool]:
    cursor.expect("(")
    is_stream = cursor.is_at("stream") and not cursor.is_before(")")
    if is_stream:
        cursor.take()
    name = cursor.dotted_name("a message", may_be_absolute=True)
    cursor.expect(")")
    return name, is_stream


def read_extend(cursor: Cursor, around: DescriptorProto | FileDescriptorProto, depth: int = 0) -> None:
    """Read what follows the word `extend`: fields of a message that stands elsewhere."""
    extendee = cursor.dotted_name("a message", may_be_absolute=True)
    begin = cursor.token
    fields = 0
    cursor.expect("{")
    while not cursor.accept("}"):
        if cursor.accept(";"):
            continue
        fields += 1
        field = around.extension.add(extendee=extendee)
        _read_field(cursor, field, around, depth)
    if not fields:
        cursor.refuse(f"the extension of {extendee!r} has no field", begin)


def read_option_line(cursor: Cursor, options: Options) -> None:
    """Read what follows the word `option`, up to the semicolon."""
    read_option(cursor, options)
    cursor.expect(";")
