"""Schemas by a registry: what is asked for, when, and that it is remembered; both ways of naming a schema."""

import json
from functools import partial
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from producer.errors import SchemaRegistryError, SerializationError, UsageError
from producer.schemas.schema import InvalidSchemaError, Reference, Schema, SchemaType
from producer.serialization.registry import answers, calls
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.schema_settings import SchemaSettings
from producer.serialization.serializer import HeaderList, Role
from producer.serialization.subjects import by_record
from producer.serialization.unknown import SchemaUnknownError
from tests.unit.producer.serialization.small_registry import SmallRegistry


def record(name: str, *fields: dict[str, Any], references: tuple[Reference, ...] = ()) -> Schema:
    return Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": name, "fields": list(fields)}), references)


ID = {"name": "id", "type": "int"}
NOTE = {"name": "note", "type": "string", "default": ""}
V1, V2 = record("Order", ID), record("Order", ID, NOTE)


def registered(registry: SmallRegistry, subject: str, *schemas: Schema) -> None:
    for schema in schemas:
        call = calls.register(subject, schema)
        registry.answer(*call)
    registry.asked.clear()


def written(registry: SmallRegistry, serializer: SchemaSerializer, value: Any, topic: str = "orders") -> Any:
    headers: HeaderList = []
    return registry.known(lambda: serializer.serialize(topic, headers, value))


def test_a_schema_is_registered_once_and_then_remembered() -> None:
    registry, serializer = SmallRegistry(), SchemaSerializer(V1)

    assert written(registry, serializer, {"id": 7}) == b"\0\0\0\0\1\x0e"
    assert registry.asked == ["POST /subjects/orders-value/versions"]
    assert serializer.serialize("orders", [], {"id": 8}) == b"\0\0\0\0\1\x10"
    assert serializer.serialize("orders", [], None) is None
    assert written(registry, serializer, {"id": 7}, topic="bills") == b"\0\0\0\0\1\x0e"
    assert registry.asked[1:] == ["POST /subjects/bills-value/versions"]


def test_an_older_registry_is_asked_for_the_version_that_it_did_not_tell() -> None:
    registry, serializer = SmallRegistry(tells_versions=False), SchemaSerializer(V2)
    registered(registry, "orders-value", V1)

    written(registry, serializer, {"id": 1})

    assert registry.asked == ["POST /subjects/orders-value/versions", "POST /subjects/orders-value"]
    with pytest.raises(
        SerializationError, match=r"field id is 'x', must be an int.*\(schema: orders-value version 2, id 2\)"
    ) as no:
        serializer.serialize("orders", [], {"id": "x"})
    assert (no.value.field, no.value.value) == ("id", "x")


def test_without_registering_an_unknown_schema_is_refused_and_a_known_one_found() -> None:
    registry = SmallRegistry()
    settings = SchemaSettings(auto_register=False, normalize=True)

    with pytest.raises(SchemaRegistryError, match="40401: Subject 'orders-value' not found") as refused:
        written(registry, SchemaSerializer(V1, settings=settings), {"id": 7})
    assert (refused.value.status, refused.value.error_code) == (404, 40401)

    registered(registry, "orders-value", V1)
    assert written(registry, SchemaSerializer(V1, settings=settings), {"id": 7})[:5] == b"\0\0\0\0\1"
    assert registry.asked == ["POST /subjects/orders-value?normalize=true"]


def test_the_latest_version_writes_whatever_schema_the_value_came_with() -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", V1, V2)
    settings = SchemaSettings(auto_register=False, use_latest_version=True)

    for serializer in (
        SchemaSerializer(V1, settings=settings),
        SchemaSerializer(schema_type=SchemaType.AVRO, settings=settings),
    ):
        assert written(registry, serializer, {"id": 7, "note": "n"}) == b"\0\0\0\0\2\x0e\x02n"


def test_a_schema_can_be_chosen_by_its_id_and_must_be_of_the_format() -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", V1, V2)
    settings = SchemaSettings(auto_register=False, use_schema_id=1)

    assert (
        written(registry, SchemaSerializer(schema_type=SchemaType.AVRO, settings=settings), {"id": 7})
        == b"\0\0\0\0\1\x0e"
    )
    with pytest.raises(SerializationError, match="schema 1 is of type AVRO, must be JSON"):
        written(registry, SchemaSerializer(schema_type=SchemaType.JSON, settings=settings), {"id": 7})


def test_a_guid_in_the_header_leaves_the_payload_bare() -> None:
    registry = SmallRegistry()
    headers: HeaderList = [("h", b"1")]
    serializer = SchemaSerializer(V1, settings=SchemaSettings(is_id_in_header=True), role=Role.KEY)

    data = registry.known(lambda: serializer.serialize("orders", headers, {"id": 7}))

    assert data == b"\x0e"
    assert headers == [("h", b"1"), ("__key_schema_id", bytes.fromhex("01 0000abcd" + "00" * 11 + "01"))]
    deserializer = SchemaDeserializer(role=Role.KEY)
    decoded = registry.known(lambda: deserializer.decode("orders", headers, b"\x0e"))
    assert decoded == ({"id": 7}, "0000abcd-0000-0000-0000-000000000001", "Order")
    assert registry.asked[-1] == "GET /schemas/guids/0000abcd-0000-0000-0000-000000000001"


def test_a_registry_without_guids_cannot_serve_headers() -> None:
    with pytest.raises(SerializationError, match="the registry has no GUID for schema 1"):
        written(
            SmallRegistry(has_guids=False),
            SchemaSerializer(V1, settings=SchemaSettings(is_id_in_header=True)),
            {"id": 7},
        )


def test_subjects_follow_the_record_s_name_if_asked_to() -> None:
    registry = SmallRegistry()

    written(registry, SchemaSerializer(V1, settings=SchemaSettings(subject_name=by_record)), {"id": 7})

    assert registry.asked == ["POST /subjects/Order/versions"]


def test_what_a_schema_refers_to_is_asked_for_once_each() -> None:
    registry = SmallRegistry()
    registered(registry, "ids", Schema(SchemaType.AVRO, '{"type":"fixed","name":"Id","size":2}'))
    to_id = Reference("Id", "ids", 1)
    registered(registry, "lines", record("Line", {"name": "id", "type": "Id"}, references=(to_id,)))
    order = record(
        "Order", {"name": "id", "type": "Id"}, {"name": "line", "type": "Line"},
        references=(to_id, Reference("Line", "lines", 1)),
    )  # fmt: skip

    data = written(registry, SchemaSerializer(order), {"id": b"ab", "line": {"id": b"cd"}})

    assert data == b"\0\0\0\0\3abcd"
    deserializer = SchemaDeserializer()
    assert registry.known(lambda: deserializer.deserialize("orders", [], data)) == {"id": b"ab", "line": {"id": b"cd"}}


def test_references_in_a_circle_end_in_a_refusal() -> None:
    registry = SmallRegistry()
    registered(registry, "a", record("A", {"name": "b", "type": "B"}, references=(Reference("B", "b", 1),)))
    registered(registry, "b", record("B", {"name": "a", "type": "A"}, references=(Reference("A", "a", 1),)))
    order = record("Order", {"name": "a", "type": "A"}, references=(Reference("A", "a", 1),))

    with pytest.raises(InvalidSchemaError, match="circle"):
        written(registry, SchemaSerializer(order), {"a": {}})


def test_what_is_no_schema_is_refused_before_the_registry_is_told() -> None:
    registry = SmallRegistry()

    with pytest.raises(InvalidSchemaError):
        written(registry, SchemaSerializer(Schema(SchemaType.AVRO, '{"type":"nothing"}')), {"id": 7})
    assert registry.asked == []


def test_a_generated_message_brings_its_own_schema() -> None:
    registry, serializer = SmallRegistry(), SchemaSerializer(schema_type=SchemaType.PROTOBUF)

    data = written(registry, serializer, Timestamp(seconds=7))

    assert data == b"\0\0\0\0\1\0\x08\x07"
    deserializer = SchemaDeserializer()
    assert registry.known(lambda: deserializer.deserialize("orders", [], data)).seconds == 7
    with pytest.raises(SerializationError, match="it is a int, must be a message"):
        written(registry, serializer, 5)


def test_a_serializer_without_schema_and_format_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a schema or a schema_type"):
        SchemaSerializer()


# -- reading -----------------------------------------------------------------------------------------------------------


def test_each_value_is_read_by_the_schema_that_it_names() -> None:
    registry, deserializer = SmallRegistry(), SchemaDeserializer()
    values = [
        written(registry, SchemaSerializer(schema), value)
        for schema, value in ((V1, {"id": 1}), (V2, {"id": 2, "note": "n"}))
    ]
    registry.asked.clear()

    for _ in range(2):
        read = [registry.known(partial(deserializer.deserialize, "orders", [], data)) for data in values]
        assert read == [{"id": 1}, {"id": 2, "note": "n"}]

    assert registry.asked == ["GET /schemas/ids/1", "GET /schemas/ids/2"]
    assert deserializer.deserialize("orders", [], None) is None


def test_poison_is_refused_and_an_unknown_id_is_the_registry_s_word() -> None:
    registry, deserializer = SmallRegistry(), SchemaDeserializer()
    data = written(registry, SchemaSerializer(V2), {"id": 2, "note": "n"})

    with pytest.raises(SerializationError, match=r"2 bytes are no Order: EOFError: .* \(schema: 1\)"):
        registry.known(lambda: deserializer.deserialize("orders", [], data[:-1]))
    with pytest.raises(SerializationError, match="1 are left behind it"):
        registry.known(lambda: deserializer.deserialize("orders", [], data + b"x"))
    with pytest.raises(SchemaRegistryError, match="GET /schemas/ids/9: 40403: Schema not found"):
        registry.known(lambda: deserializer.deserialize("orders", [], b"\0\0\0\0\x09x"))
    with pytest.raises(SchemaUnknownError):
        deserializer.deserialize("orders", [], b"\0\0\0\0\x09x")


@pytest.mark.parametrize(
    "told, why",
    [
        (None, "it has no schema"),
        ([], "it has no schema"),
        ({"schema": 5}, "it has no schema"),
        ({"schema": '"int"', "schemaType": "XML"}, "its schemaType is 'XML', must be one of AVRO, PROTOBUF, JSON"),
        ({"schema": '"int"', "references": 5}, "its references are no list"),
        ({"schema": '"int"', "references": [5]}, "a reference is 5"),
        ({"schema": '"int"', "references": [{"name": "a", "subject": "b", "version": "1"}]}, "a reference is"),
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_told(told: Any, why: str) -> None:
    with pytest.raises(SchemaRegistryError, match=f"GET /schemas/ids/1: 200: answered .*, and {why}"):
        answers.schema(calls.by_id(1), told)


@pytest.mark.parametrize("told", [None, {}, {"id": "1"}, {"id": 0}, {"id": -1}, {"id": 2**31}, {"id": True}], ids=str)
def test_an_id_that_is_none_is_told(told: Any) -> None:
    with pytest.raises(SchemaRegistryError, match=r"its id is|it has no id"):
        answers.registered(calls.by_id(1), told)


def test_calls_quote_whatever_letters_a_subject_has() -> None:
    assert calls.version_of("a/b c:ü?", 3).path == "/subjects/a%2Fb%20c%3A%C3%BC%3F/versions/3"
    assert calls.check("s", V1).path == "/compatibility/subjects/s/versions/latest?verbose=true"
    assert calls.register("s", Schema(SchemaType.JSON, "{}", (Reference("n", "t", 2),))).body == (
        b'{"schema": "{}", "schemaType": "JSON", "references": [{"name": "n", "subject": "t", "version": 2}]}'
    )


MINUTE_US = 60_000_000
LATEST = SchemaSettings(auto_register=False, use_latest_version=True)


def written_at(registry: SmallRegistry, serializer: SchemaSerializer, now_us: int) -> Any:
    serializer.time_is(now_us)
    return written(registry, serializer, {"id": 7})


def test_the_latest_version_is_asked_for_again_once_its_time_is_over() -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", V1)
    serializer = SchemaSerializer(V1, settings=LATEST._replace(latest_ttl_us=MINUTE_US))

    assert written_at(registry, serializer, 0)[:5] == b"\0\0\0\0\1"
    registered(registry, "orders-value", V2)
    assert written_at(registry, serializer, MINUTE_US - 1)[:5] == b"\0\0\0\0\1"
    assert registry.asked == []
    assert written_at(registry, serializer, MINUTE_US)[:5] == b"\0\0\0\0\2"
    assert registry.asked == ["GET /subjects/orders-value/versions/latest"]
    written_at(registry, serializer, 2 * MINUTE_US - 1)
    assert len(registry.asked) == 1
    written_at(registry, serializer, 2 * MINUTE_US)
    assert len(registry.asked) == 2


def test_without_an_end_of_its_time_what_was_the_latest_version_stays() -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", V1)
    serializer = SchemaSerializer(V1, settings=LATEST)

    written_at(registry, serializer, 0)
    registered(registry, "orders-value", V2)

    assert written_at(registry, serializer, 1 << 60)[:5] == b"\0\0\0\0\1"


def test_only_what_may_have_a_later_version_is_asked_for_again() -> None:
    registry = SmallRegistry()
    settings = SchemaSettings(latest_ttl_us=MINUTE_US)
    serializer = SchemaSerializer(V1, settings=settings)

    written(registry, serializer, {"id": 7})
    serializer.time_is(10 * MINUTE_US)

    assert serializer.serialize("orders", [], {"id": 8}) == b"\0\0\0\0\1\x10"


def test_a_latest_version_that_cannot_be_asked_for_again_refuses_the_record() -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", V1)
    serializer = SchemaSerializer(V1, settings=LATEST._replace(latest_ttl_us=MINUTE_US))
    written_at(registry, serializer, 0)

    with pytest.raises(SchemaRegistryError):
        written_at(SmallRegistry(), serializer, MINUTE_US)
    assert written_at(registry, serializer, MINUTE_US + 1)[:5] == b"\0\0\0\0\1"


TEXT_ID = record("Order", {"name": "id", "type": "string"})
RENAMED = record("Bill", ID)


@pytest.mark.parametrize("latest", [V1, V2])
def test_the_latest_version_may_be_any_that_reads_what_the_given_schema_writes(latest: Schema) -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", latest)

    assert written(registry, SchemaSerializer(V1, settings=LATEST), {"id": 7})[:5] == b"\0\0\0\0\1"
    assert registry.asked == ["GET /subjects/orders-value/versions/latest"]


@pytest.mark.parametrize(
    "latest, given, value, why",
    [
        (TEXT_ID, V1, {"id": "7"}, "TYPE_MISMATCH"),
        (RENAMED, V1, {"id": 7}, "NAME_MISMATCH"),
        (record("Order", ID, {"name": "to", "type": "string"}), V1, {"id": 7, "to": "me"}, "READER_FIELD_MISSING_DEFAULT"),
    ],
    ids=str,
)  # fmt: skip
def test_a_latest_version_that_cannot_read_what_the_given_schema_writes_is_refused_unless_it_may(
    latest: Schema, given: Schema, value: Any, why: str
) -> None:
    registry = SmallRegistry()
    registered(registry, "orders-value", latest)

    with pytest.raises(
        SerializationError, match=f"orders-value version 1, the latest, cannot read.*{why}.*latest.compatib"
    ):
        written(registry, SchemaSerializer(given, settings=LATEST), value)

    lax = SchemaSerializer(given, settings=LATEST._replace(latest_strict=False))
    assert written(registry, lax, value)[:5] == b"\0\0\0\0\1"
    without = SchemaSerializer(schema_type=SchemaType.AVRO, settings=LATEST)
    assert written(registry, without, value)[:5] == b"\0\0\0\0\1"


def test_of_more_latest_versions_than_are_remembered_the_first_is_asked_for_again() -> None:
    registry = SmallRegistry()
    topics = ("a", "b", "c")
    for topic in topics:
        registered(registry, f"{topic}-value", V1)
    serializer = SchemaSerializer(V1, settings=LATEST._replace(latest_max=2))
    for topic in topics:
        written(registry, serializer, {"id": 7}, topic)
    asked = len(registry.asked)

    for topic in ("b", "c"):
        written(registry, serializer, {"id": 7}, topic)
    assert len(registry.asked) == asked
    written(registry, serializer, {"id": 7}, "a")
    assert registry.asked[asked:] == ["GET /subjects/a-value/versions/latest"]


def test_what_is_not_the_latest_version_is_remembered_however_few_of_those_are() -> None:
    registry, serializer = SmallRegistry(), SchemaSerializer(V1, settings=SchemaSettings(latest_max=1))
    for topic in ("a", "b"):
        written(registry, serializer, {"id": 7}, topic)

    assert serializer.serialize("a", [], {"id": 8}) == serializer.serialize("b", [], {"id": 8})
