"""Fields are found and hidden in JSON, Avro, Protobuf and JSON Schema alike; a registry is asked for what is not known."""

import json
from typing import Any

import pytest

from producer.errors import SerializationError
from producer.governance.errors import PolicyViolationError
from producer.governance.governed_producer import ask_registry
from producer.governance.governor import Governor, Ruling, Verdict
from producer.governance.paths import Path
from producer.governance.policy.file import policy_of
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import KeyWantedError
from producer.governance.protection.opener import Opener
from producer.governance.values import Format, Values
from producer.records import Record
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.formats.codec import codec
from producer.serialization.registry import calls
from producer.serialization.unknown import SchemaUnknownError
from producer.serialization.wire_format import id_prefix
from sim.registry.registry import Registry as InProcess
from sim.registry.rest.messages import Request
from tests.unit.producer.governance.keys import drawn, service

AVRO = Schema(
    SchemaType.AVRO,
    json.dumps(
        {
            "type": "record",
            "name": "Order",
            "fields": [
                {"name": "tenant", "type": "string"},
                {"name": "card", "type": ["null", "string"]},
                {"name": "amount", "type": "int"},
                {"name": "items", "type": {"type": "array", "items": "string"}},
            ],
        }
    ),
)
PROTOBUF = Schema(
    SchemaType.PROTOBUF,
    'syntax = "proto3"; message Order { string tenant = 1; string card = 2; int32 amount = 3; repeated string items = 4;'
    " Inner inner = 5; map<string, string> notes = 6; message Inner { string card = 1; } }",
)
JSON = Schema(SchemaType.JSON, '{"type":"object","properties":{"card":{"type":"string"},"amount":{"type":"integer"}}}')
ORDER = {"tenant": "acme", "card": "4111111111111111", "amount": 47, "items": ["abcd-1", "efgh-2"]}


class Registry:
    """A registry in this process, and what it was asked."""

    def __init__(self, *subjects: tuple[str, Schema]) -> None:
        self._registry = InProcess()
        self.asked: list[str] = []
        self.ids = [self.ask(calls.register(*one))["id"] for one in subjects]

    def ask(self, call: calls.Call) -> Any:
        self.asked.append(str(call))
        reply = self._registry.handle(Request(call.method, call.path, call.body or b"", "application/json"))
        assert reply.status == 200, reply
        return json.loads(reply.body)


def ruled(registry: Registry, topic: dict[str, Any], value: bytes, keys: Any = None) -> tuple[Governor, Ruling]:
    policy = policy_of({"version": 1, "topics": [{"match": "orders", **topic}]})
    governor = Governor(policy, KeyRing(drawn()))
    while True:
        try:
            return governor, governor.ruling(Record("orders", value), 0)
        except SchemaUnknownError as unknown:
            ask_registry(unknown.questions, registry)
        except KeyWantedError as wanted:
            governor.keys.hold(wanted.request, keys.answer(wanted.request), 0)


def opened(registry: Registry, record: Record, keys: Any) -> Record:
    ring = KeyRing(drawn())
    opener = Opener(ring)
    while True:
        try:
            return opener.opened(record, 0)
        except SchemaUnknownError as unknown:
            ask_registry(unknown.questions, registry)
        except KeyWantedError as wanted:
            ring.hold(wanted.request, keys.answer(wanted.request), 0)


HIDE = {
    "tenant": {"field": "tenant"},
    "protect": {"card": {"by": "encrypt"}, "amount": {"by": "generalise", "step": 10}, "items[*]": {"by": "redact"}},
}


@pytest.mark.parametrize("schema, format_", [(AVRO, Format.AVRO), (PROTOBUF, Format.PROTOBUF)], ids=str)
def test_fields_are_hidden_within_their_schema_and_come_back(schema: Schema, format_: Format) -> None:
    registry, keys = Registry(("orders-value", schema)), service("acme")
    value = codec(schema, {}).encoder(id_prefix(registry.ids[0]) + codec(schema, {}).indexes)(ORDER)

    _, ruling = ruled(registry, {**HIDE, "formats": [format_.value]}, value, keys)
    assert ruling.record is not None
    back = opened(registry, ruling.record, keys)

    assert b"4111" not in (ruling.record.value or b"")
    assert b"abcd" not in (ruling.record.value or b"")
    assert (ruling.record.value or b"")[:5] == value[:5]
    values = Values()
    values.hold(value[:5], schema)
    fields = values.opened(back).fields
    seen = {name: list(Path.of(name).found(fields)) for name in ("card", "amount", "items[*]")}
    assert seen == {"card": [ORDER["card"]], "amount": [40], "items[*]": ["***", "***"]}


def test_a_field_that_cannot_hold_an_envelope_by_its_schema_stops_the_record_and_is_not_told() -> None:
    registry, keys = Registry(("orders-value", AVRO)), service("acme")
    value = codec(AVRO, {}).encoder(id_prefix(registry.ids[0]))({**ORDER, "amount": 987_654})

    _, ruling = ruled(registry, {"tenant": {"name": "acme"}, "protect": {"amount": {"by": "encrypt"}}}, value, keys)

    assert (ruling.verdict, ruling.violations[0].path) == (Verdict.REFUSED, "amount")
    assert "987654" not in str(ruling.error)


def test_within_messages_nested_fields_and_maps_are_found_and_changed() -> None:
    made = codec(PROTOBUF, {})
    data = made.encoder(b"")({**ORDER, "inner": {"card": "x"}, "notes": {"a": "y"}})
    message = made.decode(made.indexes + data, None)

    for name in ("inner.card", "notes.a", "items[*]"):
        Path.of(name).change(message, str.upper)

    assert (message.inner.card, message.notes["a"], list(message.items)) == ("X", "Y", ["ABCD-1", "EFGH-2"])
    assert [Path.of(name).is_present(message) for name in ("inner.card", "inner.none", "notes.b", "card")] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "topic, path",
    [
        ({"subjects": ["orders-*"]}, None),
        ({"subjects": ["payments-*"]}, "subject"),
        ({"subjects": ["orders-value"], "compatibility": ["BACKWARD"]}, None),
        ({"subjects": ["orders-value"], "compatibility": ["FULL"]}, "compatibility"),
        ({"compatibility": ["BACKWARD", "FULL"]}, None),
    ],
)
def test_subjects_and_their_levels_are_asked_of_the_registry_once(topic: dict[str, Any], path: str | None) -> None:
    registry = Registry(("orders-value", JSON))
    value = id_prefix(registry.ids[0]) + b"{}"

    governor, ruling = ruled(registry, topic, value)
    asked = len(registry.asked)
    again = governor.ruling(Record("orders", value), 0)

    assert [one.path for one in ruling.violations] == ([] if path is None else [path])
    assert again.violations == ruling.violations
    assert len(registry.asked) == asked


def test_a_value_that_is_none_of_its_schema_is_refused_and_not_told() -> None:
    registry = Registry(("orders-value", JSON))

    _, ruling = ruled(registry, {"formats": ["json_schema"]}, id_prefix(registry.ids[0]) + b'{"card":4111111111111111}')

    assert isinstance(ruling.error, PolicyViolationError)
    assert "4111" not in str(ruling.error)
    assert ruling.violations[0].path == "card"


@pytest.mark.parametrize("value", [b"\0\0", b"\x01short"])
def test_what_begins_as_a_schema_s_and_is_too_short_is_bytes(value: bytes) -> None:
    assert Values().opened(Record("orders", value)).format is Format.BYTES


def test_a_header_that_names_no_schema_is_broken() -> None:
    with pytest.raises(SerializationError):
        Values().opened(Record("orders", b"{}", headers=(("__value_schema_id", b"\x09"),)))
