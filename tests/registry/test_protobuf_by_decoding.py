"""What a level promises of Protobuf is what its library does: it reads with the one file what was written with the other."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st

from producer.schemas.compatibility import incompatibilities
from producer.schemas.protobuf.protobuf_schema import ProtobufSchema, parse_protobuf
from producer.schemas.schema import Schema, SchemaType
from tests.registry.cases import Case, cases

ABOUT_NO_BYTES = {
    "REQUIRED_FIELD_REMOVED": "who requires it is the writer",
    "ONEOF_FIELD_REMOVED": "it is passed over, as any field that a reader does not know",
    "FIELD_KIND_CHANGED": "a map has the bytes of a repeated message, and an empty message those of an empty string",
    "FIELD_NAMED_TYPE_CHANGED": "two messages may have fields alike",
}
"""Rules that keep more than bytes: breaking one may be read all the same."""
NUMBER, TEXT = 1, "x"


def filled(message: Message, depth: int = 3) -> Message:
    """Set every field: numbers to 1, which is 1 in every form that reads as another, text to a letter."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and depth == 0 and not field.is_required:
            continue
        _set(message, field, depth)
    return message


def _set(message: Message, field: Any, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        if value.message_type is None:
            getattr(message, field.name)[_value(key)] = _value(value)
        else:
            filled(getattr(message, field.name)[_value(key)], depth - 1)
    elif field.message_type is not None:
        inner = getattr(message, field.name)
        filled(inner.add() if field.is_repeated else inner, depth - 1)
        if not field.is_repeated:
            inner.SetInParent()
    elif field.is_repeated:
        getattr(message, field.name).append(_value(field))
    else:
        setattr(message, field.name, _value(field))


def _value(field: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return TEXT.encode() if field.type == FieldDescriptor.TYPE_BYTES else TEXT
    if field.type in {FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SINT64}:
        # Its byte is that of 1 in the other forms.
        return -NUMBER
    if field.cpp_type in {FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE}:
        # The last byte of 1.0, packed, is read as true.
        return 1.5
    return True if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL else NUMBER


def samples(of: Descriptor) -> Iterator[Message]:
    """Give messages that leave nothing out: everything set (of each oneof the last), any two fields, and none."""
    yield filled(GetMessageClass(of)())
    for pair in product(of.fields, repeat=2):
        if not any(one.is_required for one in of.fields):
            message = GetMessageClass(of)()
            for field in pair:
                _set(message, field, 2)
            yield message
    empty = GetMessageClass(of)()
    if empty.IsInitialized():
        yield empty


def complaints(reader: ProtobufSchema, writer: ProtobufSchema) -> list[str]:
    """Give what is wrong with what `reader` makes of every message that `writer` may write."""
    found: list[str] = []
    for name, message in writer.messages.items():
        if message.options.map_entry:
            continue
        written = writer.pool.FindMessageTypeByName(name)
        try:
            of_reader = reader.pool.FindMessageTypeByName(name)
        except KeyError:
            found.append(f"no message {name}")
            continue
        for sample in samples(written):
            data = sample.SerializeToString()
            try:
                read = GetMessageClass(of_reader).FromString(data)
            except DecodeError as error:
                found.append(f"{name}: {error}")
                continue
            if not read.IsInitialized():
                found.append(f"{name}: a required field is missing")
            found += _differences(read, sample)
    return found


def _differences(read: Message, written: Message) -> Iterator[str]:
    """Compare what both know, by number."""
    known = read.DESCRIPTOR.fields_by_number
    for field, value in written.ListFields():
        if field.number not in known:
            continue
        mine = known[field.number]
        got = getattr(read, mine.name)
        if not mine.is_repeated and mine.has_presence and not read.HasField(mine.name):
            yield f"{field.full_name} is lost"
        elif (mine.message_type is None) != (field.message_type is None):
            yield f"{field.full_name} is read as another kind"
        elif _is_map(field) and _is_map(mine):
            read_values, written_values = list(got.values()), list(value.values())
            if _is_plain_map(field) and [_plain(one) for one in read_values] != [_plain(one) for one in written_values]:
                yield f"{field.full_name} is {written_values!r}, read as {read_values!r}"
        elif field.message_type is not None:
            if not field.is_repeated and not mine.is_repeated:
                yield from _differences(got, value)
        elif _plain(got) != _plain(value):
            yield f"{field.full_name} is {value!r}, read as {got!r}"


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _is_plain_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.fields_by_name["value"].message_type is None


def _plain(value: Any) -> Any:
    """The last of several, text as bytes."""
    if not isinstance(value, str | bytes | int | float):
        value = list(value)[-1] if len(value) else None
    return value.encode() if isinstance(value, str) else value


@pytest.mark.parametrize("case", cases("protobuf"), ids=lambda case: case.name)
def test_each_verdict_of_the_table_is_what_happens_to_messages(case: Case) -> None:
    old, new = case.parsed()
    assert isinstance(old, ProtobufSchema)
    assert isinstance(new, ProtobufSchema)

    check(new, old)
    check(old, new)


def check(reader: ProtobufSchema, writer: ProtobufSchema) -> None:
    reasons = incompatibilities(reader, writer)
    found = complaints(reader, writer)
    if found:
        assert reasons, found
    elif reasons:
        assert {one.rule for one in reasons} <= set(ABOUT_NO_BYTES), reasons


SCALARS = st.sampled_from(
    ["int32", "int64", "uint32", "uint64", "bool", "sint32", "sint64", "fixed32", "sfixed64", "float", "double", "string", "bytes", "E", "B"]
)  # fmt: skip
FIELDS = st.tuples(SCALARS, st.sampled_from(["", "", "optional ", "repeated "]), st.sampled_from(["", "", "o", "q"]))


@st.composite
def files(draw: st.DrawFn) -> str:
    """A message with some of the fields 1 to 4, each of any type, alone or in one of two oneofs; and two others, perhaps."""
    plain, oneofs = [], {"o": [], "q": []}  # type: ignore[var-annotated]
    for number in draw(st.lists(st.integers(1, 4), unique=True)):
        of, label, oneof = draw(FIELDS)
        line = f"{of} f{number} = {number};"
        (oneofs[oneof] if oneof else plain).append(line if oneof else label + line)
    body = " ".join(plain + [f"oneof {name} {{ {' '.join(lines)} }}" for name, lines in oneofs.items() if lines])
    inner = draw(st.sampled_from(["", "int32 x = 1;", "string x = 1;"]))
    other = draw(st.sampled_from(["", "message C {}"]))
    package = draw(st.sampled_from(["", "", "", "package p; "]))
    return (
        f'syntax = "proto3"; {package}message A {{ {body} }} message B {{ {inner} }} enum E {{ X = 0; Y = 1; }} {other}'
    )


@given(files(), files())
def test_a_drawn_evolution_is_read_as_it_was_written_where_nothing_is_said_against_it(one: str, other: str) -> None:
    first, second = (parse_protobuf(Schema(SchemaType.PROTOBUF, text), {}) for text in (one, other))

    check(first, second)
    check(second, first)
