"""confluent-kafka's serializers and ours beside one registry: each reads what the other wrote, in both wire formats, and byte for byte."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple, cast

import pytest
from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message_factory import GetMessageClass

from producer.drivers.thread_registry import SchemaRegistry
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.schema_settings import SchemaSettings
from producer.serialization.serializer import HeaderList, Role
from producer.serialization.subjects import by_record, by_topic_and_record
from tests.unit.producer.serialization.small_registry import SmallRegistry, served

AVRO = json.dumps({
    "type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"}, {"name": "who", "type": ["null", "string"], "default": None},
        {"name": "prices", "type": {"type": "array", "items": "double"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    ],
})  # fmt: skip
JSON = json.dumps({
    "title": "Order", "type": "object", "required": ["id"],
    "properties": {"id": {"type": "integer"}, "who": {"type": "string"}},
})  # fmt: skip


def _classes() -> list[Any]:
    """Classes as protoc would make them: the first of a file, the second, and one within that."""
    file = FileDescriptorProto(name="shop/order.proto", package="shop", syntax="proto3")
    customer, order = file.message_type.add(name="Customer"), file.message_type.add(name="Order")
    line = order.nested_type.add(name="Line")
    for message, name, number, kind in (
        (customer, "name", 1, FieldDescriptorProto.TYPE_STRING),
        (order, "id", 1, FieldDescriptorProto.TYPE_FIXED64),
        (order, "paid", 7, FieldDescriptorProto.TYPE_BOOL),
        (line, "what", 1, FieldDescriptorProto.TYPE_BYTES),
        (line, "pieces", 3, FieldDescriptorProto.TYPE_SINT64),
    ):
        optional = FieldDescriptorProto.LABEL_OPTIONAL
        message.field.add(name=name, json_name=name, number=number, type=kind, label=optional)
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return [GetMessageClass(pool.FindMessageTypeByName(f"shop.{name}")) for name in ("Customer", "Order", "Order.Line")]


CUSTOMER, ORDER, LINE = _classes()
FORMATS = ["AVRO", "JSON", "PROTOBUF"]
PLACES = {"prefix": prefix_schema_id_serializer, "header": header_schema_id_serializer}


class Both(NamedTuple):
    """One registry, and a client of each kind."""

    registry: SmallRegistry
    ours: SchemaRegistry
    theirs: SchemaRegistryClient


@pytest.fixture
def both() -> Iterator[Both]:
    registry = SmallRegistry()
    with served(registry) as url, SchemaRegistry(url) as ours, SchemaRegistryClient({"url": url}) as theirs:
        yield Both(registry, ours, theirs)


def values(format_name: str) -> list[Any]:
    match format_name:
        case "AVRO":
            return [
                {"id": number, "who": who, "prices": [number / 2] * 3, "day": date(2026, 1, 1)}
                for number, who in ((0, None), (-(2**40), "me"), (7, "ü"))
            ]
        case "JSON":
            return [{"id": 7}, {"id": -1, "who": "ü"}]
        case _:
            return [CUSTOMER(name="ü"), ORDER(id=7, paid=True), LINE(what=b"pen", pieces=-3)]


def our_serializer(format_name: str, **settings: Any) -> SchemaSerializer:
    text = {"AVRO": AVRO, "JSON": JSON}.get(format_name)
    kind = SchemaType(format_name)
    schema = None if text is None else Schema(kind, text)
    return SchemaSerializer(schema, schema_type=kind, settings=SchemaSettings(**settings))


def their_serializer(
    both: Both, format_name: str, value: Any, **conf: Any
) -> Callable[[Any, SerializationContext], bytes]:
    given = {name.replace("_", "."): one for name, one in conf.items()}
    match format_name:
        case "AVRO":
            return AvroSerializer(both.theirs, AVRO, conf=given)  # type: ignore[no-any-return]
        case "JSON":
            return JSONSerializer(JSON, both.theirs, conf=given)  # type: ignore[no-any-return]
        case _:
            return ProtobufSerializer(type(value), both.theirs, conf=given)  # type: ignore[no-any-return]


def their_deserializer(both: Both, format_name: str, value: Any) -> Callable[[bytes, SerializationContext], Any]:
    match format_name:
        case "AVRO":
            return AvroDeserializer(both.theirs)  # type: ignore[no-any-return]
        case "JSON":
            return JSONDeserializer(JSON, schema_registry_client=both.theirs)  # type: ignore[no-any-return]
        case _:
            return ProtobufDeserializer(type(value), schema_registry_client=both.theirs)  # type: ignore[no-any-return]


def context(headers: HeaderList) -> SerializationContext:
    return SerializationContext("orders", MessageField.VALUE, cast("Any", headers))


def plain(value: Any) -> Any:
    return MessageToDict(value) if hasattr(value, "DESCRIPTOR") else value


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_they_read_what_we_wrote(both: Both, format_name: str, place: str) -> None:
    serializer = our_serializer(format_name, is_id_in_header=place == "header")
    for value in values(format_name):
        headers: HeaderList = []
        data = both.ours.serialize(serializer, "orders", value, headers)
        assert data is not None

        read = their_deserializer(both, format_name, value)(data, context(headers))

        assert plain(read) == plain(value)
        assert bool(headers) == (place == "header")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_we_read_what_they_wrote(both: Both, format_name: str, place: str) -> None:
    deserializer = SchemaDeserializer()
    for value in values(format_name):
        headers: HeaderList = []
        conf = {"schema_id_serializer": PLACES[place]}
        data = their_serializer(both, format_name, value, **conf)(value, context(headers))

        read = both.ours.deserialize(deserializer, "orders", data, headers)

        assert plain(read) == plain(value)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_the_bytes_are_the_same_where_the_schema_is(both: Both, format_name: str, place: str) -> None:
    ours = our_serializer(format_name, is_id_in_header=place == "header", auto_register=False, use_latest_version=True)
    for value in values(format_name):
        conf: dict[str, Any] = {"schema_id_serializer": PLACES[place]}
        headers: tuple[HeaderList, HeaderList] = ([], [])
        theirs = their_serializer(both, format_name, value, **conf)(value, context(headers[0]))

        mine = both.ours.serialize(ours if format_name != "PROTOBUF" else _fresh(place), "orders", value, headers[1])

        if format_name == "JSON":
            # Theirs has blanks, and letters beyond ASCII as escapes; as JSON it is the same.
            assert mine is not None
            start = 5 if place == "prefix" else 0
            assert (mine[:start], json.loads(mine[start:])) == (theirs[:start], json.loads(theirs[start:]))
        else:
            assert mine == theirs
        assert headers[0] == headers[1]


def _fresh(place: str) -> SchemaSerializer:
    """The latest version is another one with each class of messages."""
    return our_serializer("PROTOBUF", is_id_in_header=place == "header", auto_register=False, use_latest_version=True)


@pytest.mark.parametrize(
    "theirs, ours",
    [(record_subject_name_strategy, by_record), (topic_record_subject_name_strategy, by_topic_and_record)],
)
def test_subjects_have_the_same_names(both: Both, theirs: Any, ours: Any) -> None:
    value = values("AVRO")[0]

    their_serializer(both, "AVRO", value, subject_name_strategy=theirs)(value, context([]))
    both.ours.serialize(our_serializer("AVRO", subject_name=ours), "orders", value)

    subjects = [asked for asked in both.registry.asked if asked.startswith("POST") and "/versions" in asked]
    assert len(subjects) == 2
    assert subjects[0].partition("?")[0] == subjects[1].partition("?")[0]


def test_a_key_is_named_in_a_header_of_its_own(both: Both) -> None:
    serializer = SchemaSerializer(
        Schema(SchemaType.AVRO, AVRO), settings=SchemaSettings(is_id_in_header=True), role=Role.KEY
    )
    headers: HeaderList = []
    value = values("AVRO")[1]

    data = both.ours.serialize(serializer, "orders", value, headers)

    assert data is not None
    assert (
        AvroDeserializer(both.theirs)(data, SerializationContext("orders", MessageField.KEY, cast("Any", headers)))
        == value
    )
