"""confluent-kafka's serializers and ours for the same schemas, and values of theirs."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message_factory import GetMessageClass

from producer.schemas.schema import Schema, SchemaType
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.schema_settings import SchemaSettings
from producer.serialization.serializer import HeaderList

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
    client: SchemaRegistryClient, format_name: str, value: Any, **conf: Any
) -> Callable[[Any, SerializationContext], bytes]:
    given = {name.replace("_", "."): one for name, one in conf.items()}
    match format_name:
        case "AVRO":
            return AvroSerializer(client, AVRO, conf=given)  # type: ignore[no-any-return]
        case "JSON":
            return JSONSerializer(JSON, client, conf=given)  # type: ignore[no-any-return]
        case _:
            return ProtobufSerializer(type(value), client, conf=given)  # type: ignore[no-any-return]


def their_deserializer(
    client: SchemaRegistryClient, format_name: str, value: Any
) -> Callable[[bytes, SerializationContext], Any]:
    match format_name:
        case "AVRO":
            return AvroDeserializer(client)  # type: ignore[no-any-return]
        case "JSON":
            return JSONDeserializer(JSON, schema_registry_client=client)  # type: ignore[no-any-return]
        case _:
            return ProtobufDeserializer(type(value), schema_registry_client=client)  # type: ignore[no-any-return]


def context(headers: HeaderList) -> SerializationContext:
    return SerializationContext("orders", MessageField.VALUE, cast("Any", headers))


def plain(value: Any) -> Any:
    return MessageToDict(value) if hasattr(value, "DESCRIPTOR") else value
