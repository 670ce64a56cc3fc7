"""One field as it is written: label, type, name, number, options; and what a map or a group stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from producer.schemas.protobuf.cursor import whole_number
from producer.schemas.protobuf.options import read_option
from producer.schemas.protobuf.ranges import FIELD_NUMBER_MAX
from producer.schemas.protobuf.tokens import Kind

if TYPE_CHECKING:
    from producer.schemas.protobuf.cursor import Cursor

LABELS = {
    "optional": FieldDescriptorProto.LABEL_OPTIONAL,
    "required": FieldDescriptorProto.LABEL_REQUIRED,
    "repeated": FieldDescriptorProto.LABEL_REPEATED,
}
SCALARS = {
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "float": FieldDescriptorProto.TYPE_FLOAT,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "fixed64": FieldDescriptorProto.TYPE_FIXED64,
    "fixed32": FieldDescriptorProto.TYPE_FIXED32,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "sfixed32": FieldDescriptorProto.TYPE_SFIXED32,
    "sfixed64": FieldDescriptorProto.TYPE_SFIXED64,
    "sint32": FieldDescriptorProto.TYPE_SINT32,
    "sint64": FieldDescriptorProto.TYPE_SINT64,
}
MAP_KEYS = tuple(word for word in SCALARS if word not in {"double", "float", "bytes"})
INTEGERS = {
    FieldDescriptorProto.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptorProto.TYPE_SINT32: (-(2**31), 2**31 - 1),
    FieldDescriptorProto.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
    FieldDescriptorProto.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptorProto.TYPE_SINT64: (-(2**63), 2**63 - 1),
    FieldDescriptorProto.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
    FieldDescriptorProto.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptorProto.TYPE_FIXED32: (0, 2**32 - 1),
    FieldDescriptorProto.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptorProto.TYPE_FIXED64: (0, 2**64 - 1),
}


def read_label(cursor: Cursor, field: FieldDescriptorProto) -> None:
    """Take the label, if there is one; proto2 wants one. Of proto3 `optional` is remembered."""
    begin = cursor.token
    if cursor.is_at(*LABELS):
        word = cursor.take().text
        field.label = LABELS[word]
        if cursor.is_proto3 and word == "required":
            cursor.refuse("proto3 has no required fields", begin)
        field.proto3_optional = cursor.is_proto3 and word == "optional"
        if not field.proto3_optional:
            field.ClearField("proto3_optional")
        return
    if not cursor.is_proto3:
        cursor.refuse("expected 'optional', 'required' or 'repeated', as each field of proto2 has")
    field.label = FieldDescriptorProto.LABEL_OPTIONAL


def read_type(cursor: Cursor, field: FieldDescriptorProto) -> None:
    """Take the type: a scalar, or the name of a message or an enum, which is looked up later."""
    if cursor.is_at(*SCALARS) and not cursor.is_before("."):
        field.type = SCALARS[cursor.take().text]
    else:
        field.type_name = cursor.dotted_name("a type", may_be_absolute=True)


def read_rest(cursor: Cursor, field: FieldDescriptorProto) -> None:
    """Take name, number and options, up to the semicolon."""
    field.name = cursor.name("a field")
    read_number(cursor, field)
    read_field_options(cursor, field)
    cursor.expect(";")


def read_number(cursor: Cursor, field: FieldDescriptorProto) -> None:
    """Take `= N`. Raises InvalidSchemaError for a number that no field may have."""
    cursor.expect("=")
    field.number = cursor.integer(f"the number of field {field.name!r}", 1, FIELD_NUMBER_MAX)
    field.json_name = json_name(field.name)
    cursor.count_field()


def read_field_options(cursor: Cursor, field: FieldDescriptorProto) -> None:
    """Take `[name = value, …]`, if it is there; `default` and `json_name` are no options but parts of the field."""
    if not cursor.accept("["):
        return
    while True:
        if cursor.is_at("default") and cursor.is_before("="):
            _read_default(cursor, field)
        elif cursor.is_at("json_name") and cursor.is_before("="):
            cursor.take()
            cursor.expect("=")
            field.json_name = cursor.string("json_name")
        else:
            read_option(cursor, field.options)
        if not cursor.accept(","):
            break
    cursor.expect("]")


def read_map(cursor: Cursor, field: FieldDescriptorProto) -> DescriptorProto:
    """Read `map<K, V> name = N;` into a repeated field, and give the message of its entries (language guide, "Maps")."""
    cursor.expect("map")
    cursor.expect("<")
    if not cursor.is_at(*MAP_KEYS):
        cursor.refuse(f"the key of a map is {cursor.token.text!r}, must be a whole number, bool or string")
    entry = DescriptorProto()
    key = entry.field.add(name="key", json_name="key", number=1, label=FieldDescriptorProto.LABEL_OPTIONAL)
    key.type = SCALARS[cursor.take().text]
    cursor.expect(",")
    value = entry.field.add(name="value", json_name="value", number=2, label=FieldDescriptorProto.LABEL_OPTIONAL)
    read_type(cursor, value)
    cursor.expect(">")
    field.label = FieldDescriptorProto.LABEL_REPEATED
    read_rest(cursor, field)
    entry.name = f"{_camel(field.name)}Entry"
    entry.options.map_entry = True
    field.type_name = entry.name
    return entry


def _read_default(cursor: Cursor, field: FieldDescriptorProto) -> None:
    begin = cursor.take()
    cursor.expect("=")
    if cursor.is_proto3:
        cursor.refuse(f"field {field.name!r}: proto3 has no defaults", begin)
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        cursor.refuse(f"field {field.name!r} is repeated and has no default", begin)
    if field.HasField("default_value"):
        cursor.refuse(f"field {field.name!r} has two defaults", begin)
    what = f"the default of field {field.name!r}"
    if not field.HasField("type"):
        # Only an enum may have one; which is found out when its name is looked up.
        field.default_value = cursor.name(what)
    elif field.type in INTEGERS:
        field.default_value = str(cursor.integer(what, *INTEGERS[field.type]))
    elif field.type == FieldDescriptorProto.TYPE_BOOL:
        field.default_value = cursor.expect("true", "false")
    elif field.type == FieldDescriptorProto.TYPE_STRING:
        field.default_value = cursor.string(what)
    elif field.type == FieldDescriptorProto.TYPE_BYTES:
        field.default_value = escaped(cursor.bytes(what))
    else:
        field.default_value = _float(cursor, what)


def _float(cursor: Cursor, what: str) -> str:
    sign = "-" if cursor.accept("-") else ""
    if cursor.is_at("inf", "nan"):
        return sign + cursor.take().text
    token = cursor.token
    if token.kind not in {Kind.INTEGER, Kind.FLOAT}:
        cursor.refuse(f"expected {what}, a number")
    cursor.take()
    number = float(whole_number(token)) if token.kind is Kind.INTEGER else float(token.text.rstrip("fF"))
    return sign + f"{number:.17g}" if float(f"{number:.15g}") != number else sign + f"{number:.15g}"


def escaped(data: bytes) -> str:
    """Write bytes as the text between two quotes, as a default of bytes stands in a descriptor (C's escapes)."""
    plain = {10: r"\n", 13: r"\r", 9: r"\t", 34: r"\"", 39: r"\'", 92: r"\\"}
    return "".join(plain.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data)


def json_name(name: str) -> str:
    """Give the name that a field has in JSON: `_` is left out, and what follows it is a capital."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
