"""Options of a file, a message, a field …: those that every protoc knows are set, others stay as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor

from producer.schemas.protobuf.cursor import whole_number
from producer.schemas.protobuf.tokens import Kind, Token
from producer.schemas.schema import DEPTH_MAX

if TYPE_CHECKING:
    from producer.schemas.protobuf.cursor import Cursor

UNSIGNED_MAX = 2**64 - 1
INTEGER_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, UNSIGNED_MAX),
}


Options = (
    descriptor_pb2.FileOptions
    | descriptor_pb2.MessageOptions
    | descriptor_pb2.FieldOptions
    | descriptor_pb2.OneofOptions
    | descriptor_pb2.EnumOptions
    | descriptor_pb2.EnumValueOptions
    | descriptor_pb2.ServiceOptions
    | descriptor_pb2.MethodOptions
    | descriptor_pb2.ExtensionRangeOptions
)
"""What options are written into."""


def read_option(cursor: Cursor, options: Options) -> None:
    """Read `name = value` into the options. Raises InvalidSchemaError."""
    begin = cursor.token
    found = descriptor_pb2.UninterpretedOption()
    while True:
        if cursor.accept("("):
            name = cursor.dotted_name("an option", may_be_absolute=True)
            cursor.expect(")")
            found.name.add(name_part=name, is_extension=True)
        else:
            found.name.add(name_part=cursor.name("an option"), is_extension=False)
        if not cursor.accept("."):
            break
    cursor.expect("=")
    _read_value(cursor, found)
    if len(found.name) == 1 and not found.name[0].is_extension:
        field = options.DESCRIPTOR.fields_by_name.get(found.name[0].name_part)
        if field is not None and field.message_type is None:
            _set(cursor, begin, options, field, found)
            return
    options.uninterpreted_option.append(found)


def _read_value(cursor: Cursor, found: descriptor_pb2.UninterpretedOption) -> None:
    token = cursor.token
    if token.kind is Kind.STRING:
        found.string_value = cursor.bytes("the value of an option")
    elif token.kind is Kind.SYMBOL and token.text == "{":
        found.aggregate_value = _aggregate(cursor)
    elif token.kind is Kind.NAME:
        found.identifier_value = cursor.take().text
    else:
        is_negative = cursor.accept("-")
        if not is_negative:
            cursor.accept("+")
        _read_number(cursor, found, is_negative=is_negative)


def _read_number(cursor: Cursor, found: descriptor_pb2.UninterpretedOption, *, is_negative: bool) -> None:
    token = cursor.token
    if token.kind is Kind.INTEGER:
        number = whole_number(cursor.take())
        if is_negative and number <= 2**63:
            found.negative_int_value = -number
        elif not is_negative and number <= UNSIGNED_MAX:
            found.positive_int_value = number
        else:
            found.double_value = float(-number if is_negative else number)
    elif token.kind is Kind.FLOAT:
        number_with_fraction = float(cursor.take().text.rstrip("fF"))
        found.double_value = -number_with_fraction if is_negative else number_with_fraction
    elif cursor.is_at("inf", "infinity", "nan"):
        number_with_fraction = float(cursor.take().text)
        found.double_value = -number_with_fraction if is_negative else number_with_fraction
    else:
        cursor.refuse("expected the value of an option")


def _aggregate(cursor: Cursor) -> str:
    """Take `{ … }`, and give what is between the braces: it is a message in protobuf's text format."""
    cursor.expect("{")
    found: list[str] = []
    depth = 1
    while True:
        token = cursor.take()
        if token.kind is Kind.END:
            cursor.refuse("expected '}'", token)
        if token.kind is Kind.SYMBOL and token.text in {"{", "}"}:
            depth += 1 if token.text == "{" else -1
            if depth > DEPTH_MAX:
                cursor.refuse(f"nested deeper than {DEPTH_MAX} levels", token)
            if depth == 0:
                return " ".join(found)
        found.append(token.text)


def _set(
    cursor: Cursor,
    begin: Token,
    options: Options,
    field: FieldDescriptor,
    found: descriptor_pb2.UninterpretedOption,
) -> None:
    value = _value(field, found)
    if value is None:
        kinds = {FieldDescriptor.CPPTYPE_BOOL: "true or false", FieldDescriptor.CPPTYPE_STRING: "a string"}
        wanted = kinds.get(field.cpp_type, "a number of its range")
        if field.enum_type is not None:
            wanted = f"one of {', '.join(field.enum_type.values_by_name)}"
        cursor.refuse(f"option {field.name!r} must be {wanted}", begin)
    if field.is_repeated:
        getattr(options, field.name).append(value)
    else:
        setattr(options, field.name, value)


def _value(field: FieldDescriptor, found: descriptor_pb2.UninterpretedOption) -> object:
    """Give the value in the field's type; None if it is of another one."""
    word = found.identifier_value if found.HasField("identifier_value") else None
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return {"true": True, "false": False}.get(word or "")
    if field.enum_type is not None:
        value = field.enum_type.values_by_name.get(word or "")
        return None if value is None else value.number
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return found.string_value.decode(errors="replace") if found.HasField("string_value") else None
    lowest, highest = INTEGER_RANGES.get(field.cpp_type, (0, -1))
    for name in ("positive_int_value", "negative_int_value"):
        if found.HasField(name):
            number = int(getattr(found, name))
            return number if lowest <= number <= highest else None
    return None
