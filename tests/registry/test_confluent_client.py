"""confluent-kafka's SchemaRegistryClient, and its serializers, find in `acklab registry` what they know of Confluent's."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, record
from tests.registry.served import served

AVRO, AVRO_WITH_DEFAULT, AVRO_WITHOUT = (Schema(text, "AVRO") for text in (ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as registry:
        yield registry.url


@pytest.fixture
def client(url: str) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": url, "max.retries": 0}) as client:
        yield client


@pytest.fixture
def subject() -> str:
    return f"s/{uuid4()} ä-value"


def code_of(error: pytest.ExceptionInfo[SchemaRegistryError]) -> tuple[int, int]:
    return error.value.http_status_code, error.value.error_code


def test_it_registers_and_finds_by_id_guid_version_and_schema(
    client: SchemaRegistryClient, url: str, subject: str
) -> None:
    # Another one, so that this one has nothing in its cache.
    with SchemaRegistryClient({"url": url}) as registering:
        told = registering.register_schema_full_response(subject, AVRO)
    assert told.version == 1
    assert told.guid
    assert told.schema_id is not None

    assert client.get_schema(told.schema_id).schema_str == ORDER.replace(" ", "")
    assert client.get_schema_by_guid(told.guid).schema_str == ORDER.replace(" ", "")
    assert client.lookup_schema(subject, AVRO).version == 1
    assert client.get_latest_version(subject).schema_id == told.schema_id
    assert client.get_version(subject, 1).guid == told.guid
    assert client.get_versions(subject) == [1]
    assert subject in client.get_subjects_by_schema_id(told.schema_id)
    assert (subject, 1) in {(one.subject, one.version) for one in client.get_schema_versions(told.schema_id)}
    assert sorted(client.get_schema_types()) == ["AVRO", "JSON", "PROTOBUF"]
    assert client.get_contexts()[0] == "."


def test_it_is_refused_what_is_incompatible_and_told_so_before(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, AVRO)

    assert client.test_compatibility(subject, AVRO_WITH_DEFAULT)
    assert not client.test_compatibility(subject, AVRO_WITHOUT)
    assert not client.test_compatibility_all_versions(subject, AVRO_WITHOUT)
    with pytest.raises(SchemaRegistryError) as error:
        client.register_schema(subject, AVRO_WITHOUT)
    assert code_of(error) == (409, 409)
    assert "note" in error.value.error_message


def test_it_sets_levels_and_modes(client: SchemaRegistryClient, subject: str) -> None:
    client.set_compatibility(subject, "FULL_TRANSITIVE")
    assert client.get_compatibility(subject) == "FULL_TRANSITIVE"
    client.set_config(subject, ServerConfig(compatibility=ConfigCompatibilityLevel.NONE))
    assert client.get_config(subject).compatibility_level is ConfigCompatibilityLevel.NONE
    client.delete_config(subject)
    with pytest.raises(SchemaRegistryError) as error:
        client.get_compatibility(subject)
    assert code_of(error) == (404, 40408)

    assert client.update_mode(subject, "READONLY") == "READONLY"
    assert client.get_mode(subject) == "READONLY"
    with pytest.raises(SchemaRegistryError) as error:
        client.register_schema(subject, AVRO)
    assert code_of(error) == (422, 42205)
    assert client.delete_mode(subject) == "READONLY"
    assert client.get_global_mode() == "READWRITE"


def test_it_deletes_softly_then_for_good(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, AVRO)
    client.register_schema(subject, AVRO_WITH_DEFAULT)

    assert client.delete_version(subject, 1) == 1
    assert client.get_versions(subject, deleted=True) == [1, 2]
    assert client.delete_version(subject, 1, permanent=True) == 1
    assert client.delete_subject(subject) == [2]
    assert subject not in client.get_subjects()
    assert subject in client.get_subjects(deleted=True)
    assert client.delete_subject(subject, permanent=True) == [2]
    with pytest.raises(SchemaRegistryError) as error:
        client.get_latest_version(subject)
    assert code_of(error) == (404, 40401)


def test_it_follows_references(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, AVRO)
    referring = Schema(record("Shipment", order="Order"), "AVRO", [SchemaReference("Order", subject, 1)])
    schema_id = client.register_schema(f"{subject}-2", referring)

    assert client.get_referenced_by(subject, 1) == [schema_id]
    assert client.get_schema(schema_id).references == [SchemaReference("Order", subject, 1)]
    with pytest.raises(SchemaRegistryError) as error:
        client.delete_subject(subject)
    assert code_of(error) == (422, 42206)


def test_subjects_are_listed_by_prefix(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(f"{subject}-1", AVRO)
    client.register_schema(f"{subject}-2", AVRO)

    assert client.get_subjects(subject_prefix=subject) == [f"{subject}-1", f"{subject}-2"]
    assert client.get_subjects(subject_prefix=subject, limit=1) == [f"{subject}-1"]


def test_its_avro_serializer_writes_what_its_deserializer_reads(client: SchemaRegistryClient, url: str) -> None:
    topic = f"t-{uuid4()}"
    at = SerializationContext(topic, MessageField.VALUE)
    data = AvroSerializer(client, ORDER_WITH_DEFAULT)({"id": 7, "note": "ü"}, at)

    assert data is not None
    schema_id = int.from_bytes(data[1:5], "big")
    assert data[0] == 0
    assert client.get_latest_version(f"{topic}-value").schema_id == schema_id
    with SchemaRegistryClient({"url": url}) as other:
        assert AvroDeserializer(other, ORDER)(data, at) == {"id": 7}


def test_its_json_serializer_writes_what_its_deserializer_reads(client: SchemaRegistryClient) -> None:
    at = SerializationContext(f"t-{uuid4()}", MessageField.VALUE)
    schema = json.dumps({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "T", "type": "object",
        "properties": {"id": {"type": "integer"}},
    })  # fmt: skip
    data = JSONSerializer(schema, client)({"id": 7}, at)

    assert JSONDeserializer(schema)(data, at) == {"id": 7}
    assert re.fullmatch(rb"\x00.{4}\{.*\}", data or b"", re.DOTALL)


def test_its_protobuf_serializer_writes_what_its_deserializer_reads(client: SchemaRegistryClient, url: str) -> None:
    file = descriptor_pb2.FileDescriptorProto(name="order.proto", package="shop", syntax="proto3")
    field = file.message_type.add(name="Order").field.add(name="id", number=1)
    field.type, field.label = field.TYPE_INT64, field.LABEL_OPTIONAL
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    order: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Order"))
    topic = f"t-{uuid4()}"
    at = SerializationContext(topic, MessageField.VALUE)
    data = ProtobufSerializer(order, client, {"use.deprecated.format": False})(order(id=7), at)

    assert data is not None
    assert data[5:6] == b"\x00"
    with SchemaRegistryClient({"url": url}) as other:
        # It asks for the writer's schema as a descriptor.
        assert ProtobufDeserializer(order, {"use.deprecated.format": False}, other)(data, at).id == 7
        schema_id = int.from_bytes(data[1:5], "big")
        told = other.get_schema(schema_id, fmt="serialized").schema_str
        assert descriptor_pb2.FileDescriptorProto.FromString(b64decode(told or "")).message_type[0].name == "Order"
    kept = client.get_latest_version(f"{topic}-value").schema
    assert kept is not None
    assert kept.schema_type == "PROTOBUF"
    assert "message Order" in (kept.schema_str or "")
