"""A deserializer with a schema of its own gives values in that one's form, whatever they were written by; or says what stands against it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from producer.errors import SerializationError
from producer.schemas.schema import InvalidSchemaError, Schema, SchemaType
from producer.serialization.formats.codec import codec
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.wire_format import id_prefix


def avro(**fields: Any) -> Schema:
    told = [
        {"name": field, "type": one[0], "default": one[1]} if isinstance(one, tuple) else {"name": field, "type": one}
        for field, one in fields.items()
    ]
    return Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": "Order", "fields": told}))


def proto(text: str) -> Schema:
    return Schema(SchemaType.PROTOBUF, f'syntax = "proto3"; {text}')


def json_schema(**said: Any) -> Schema:
    return Schema(SchemaType.JSON, json.dumps({"title": "Order", "type": "object", **said}))


def read(writer: Schema, value: Any, reader: Schema | None) -> Any:
    made = codec(writer, {})
    deserializer = SchemaDeserializer(reader=reader)
    deserializer.hold(1, writer)
    return deserializer.deserialize("orders", [], made.encoder(id_prefix(1) + made.indexes)(value))


def test_avro_gives_what_the_reader_wants_with_its_defaults_and_without_the_rest() -> None:
    given = read(avro(id="int", note="string"), {"id": 7, "note": "x"}, avro(id="long", amount=("double", 1.5)))

    assert given == {"id": 7, "amount": 1.5}


def test_avro_names_the_field_that_the_reader_needs_and_nobody_wrote() -> None:
    with pytest.raises(SerializationError, match=r"that can be read as the reader's Order: .*amount"):
        read(avro(id="long"), {"id": 7}, avro(id="long", amount="double"))


def test_avro_refuses_another_record() -> None:
    other = Schema(SchemaType.AVRO, avro(id="long").text.replace("Order", "Customer"))

    with pytest.raises(SerializationError, match="bytes are no Customer that can be read as the reader's Order"):
        read(other, {"id": 7}, avro(id="long"))


def test_json_is_held_against_the_reader_s_schema() -> None:
    writer, reader = json_schema(), json_schema(required=["amount"])

    assert read(writer, {"amount": 1}, reader) == {"amount": 1}
    with pytest.raises(SerializationError, match="amount"):
        read(writer, {"id": 1}, reader)


def test_protobuf_gives_the_reader_s_message() -> None:
    writer = proto("message Order { int32 id = 1; string note = 2; }")

    given = read(writer, {"id": 7, "note": "x"}, proto("message Order { int64 id = 1; double amount = 3; }"))

    assert (given.id, given.amount, hasattr(given, "note")) == (7, 0.0, False)


def test_protobuf_finds_the_message_by_its_name_and_else_takes_the_first() -> None:
    writer = proto("message Order { int32 id = 1; }")

    by_name = read(writer, {"id": 7}, proto("message Customer { string name = 1; } message Order { int32 id = 1; }"))
    first = read(writer, {"id": 7}, proto("message Purchase { int32 number = 1; }"))

    assert by_name.DESCRIPTOR.name == "Order"
    assert (first.DESCRIPTOR.name, first.number) == ("Purchase", 7)


def test_a_schema_of_another_format_is_refused() -> None:
    with pytest.raises(SerializationError, match="schema 1 is of type AVRO, must be JSON"):
        read(avro(id="long"), {"id": 7}, json_schema())


def test_without_one_it_gives_what_was_written() -> None:
    assert read(avro(id="int", note="string"), {"id": 7, "note": "x"}, None) == {"id": 7, "note": "x"}


def test_what_is_no_schema_is_refused_when_it_is_made() -> None:
    with pytest.raises(InvalidSchemaError):
        SchemaDeserializer(reader=Schema(SchemaType.AVRO, "{}"))
