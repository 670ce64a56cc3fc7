"""The producer's serializers, and its client of a registry, at this registry on TCP: alone, beside confluent-kafka's, and refused."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.serialization import SerializationError

from producer.drivers.loop_registry import AsyncSchemaRegistry
from producer.drivers.thread_registry import SchemaRegistry
from producer.errors import SchemaRegistryError
from producer.schemas.schema import Reference, Schema, SchemaType
from producer.serialization.registry import calls
from producer.serialization.registry.calls import Call
from producer.serialization.registry.settings import RegistrySettings, places
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.schema_settings import SchemaSettings
from producer.serialization.serializer import HeaderList, Role
from producer.serialization.wire_format import guid_header, id_prefix
from sim.registry.registry import Registry
from sim.registry.tcp import Listening
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, record
from tests.unit.producer.serialization.confluent_serializers import (
    FORMATS,
    PLACES,
    context,
    our_serializer,
    plain,
    their_deserializer,
    their_serializer,
    values,
)

WAIT_S = 60
NOBODY = "0000abcd-0000-0000-0000-000000000000"
AVRO, AVRO_WITH_DEFAULT, AVRO_WITHOUT = (
    Schema(SchemaType.AVRO, text) for text in (ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT)
)


@contextmanager
def listening() -> Iterator[str]:
    """A registry of its own that listens while the block lasts; gives its URL."""
    loop = asyncio.new_event_loop()
    here = Listening(Registry())
    loop.run_until_complete(here.open("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{here.port}"
    finally:
        asyncio.run_coroutine_threadsafe(here.close(), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()


class Clients(NamedTuple):
    """Clients of one registry: each knows only what it has asked itself."""

    ours: SchemaRegistry
    writing: SchemaRegistryClient
    """confluent-kafka's, of who registers."""
    reading: SchemaRegistryClient
    """confluent-kafka's, of who reads."""


@pytest.fixture
def url() -> Iterator[str]:
    with listening() as url:
        yield url


@pytest.fixture
def ours(url: str) -> Iterator[SchemaRegistry]:
    with SchemaRegistry(RegistrySettings(places([url]), retries_max=0)) as ours:
        yield ours


@pytest.fixture
def clients(url: str, ours: SchemaRegistry) -> Iterator[Clients]:
    with SchemaRegistryClient({"url": url}) as writing, SchemaRegistryClient({"url": url}) as reading:
        yield Clients(ours, writing, reading)


def refused(ours: SchemaRegistry, call: Call) -> tuple[int, int]:
    """Ask for what is refused; gives HTTP's status and the registry's code."""
    with pytest.raises(SchemaRegistryError) as error:
        ours.ask(call)
    assert str(call) in str(error.value)
    return error.value.status, error.value.error_code


# -- values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_we_and_they_read_what_we_wrote(clients: Clients, format_name: str, place: str) -> None:
    serializer = our_serializer(format_name, is_id_in_header=place == "header")
    for value in values(format_name):
        headers: HeaderList = []
        data = clients.ours.serialize(serializer, "orders", value, headers)
        assert data is not None

        # A deserializer of its own each time, so that it asks.
        read = clients.ours.deserialize(SchemaDeserializer(), "orders", data, headers)
        theirs = their_deserializer(clients.reading, format_name, value)(data, context(headers))

        assert plain(read) == plain(theirs) == plain(value)
        assert [name for name, _ in headers] == (["__value_schema_id"] if place == "header" else [])
    assert len(clients.ours.ask(calls.versions("orders-value"))) == 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_we_and_they_read_what_they_wrote(clients: Clients, format_name: str, place: str) -> None:
    for value in values(format_name):
        headers: HeaderList = []
        conf = {"schema_id_serializer": PLACES[place]}
        data = their_serializer(clients.writing, format_name, value, **conf)(value, context(headers))

        read = clients.ours.deserialize(SchemaDeserializer(), "orders", data, headers)
        theirs = their_deserializer(clients.reading, format_name, value)(data, context(headers))

        assert plain(read) == plain(theirs) == plain(value)


@pytest.mark.parametrize("format_name", FORMATS)
def test_their_schema_and_ours_are_one_version(clients: Clients, format_name: str) -> None:
    value = values(format_name)[0]

    theirs = their_serializer(clients.writing, format_name, value)(value, context([]))
    mine = clients.ours.serialize(our_serializer(format_name), "orders", value)

    assert mine is not None
    assert mine[:5] == theirs[:5] == id_prefix(1)
    assert clients.ours.ask(calls.versions("orders-value")) == [1]


@pytest.mark.parametrize("place", PLACES)
def test_a_client_of_theirs_that_registered_a_protobuf_schema_does_not_read_by_it(clients: Clients, place: str) -> None:
    # The answer to a registration has the schema as text, as Confluent's since 8.0. This client remembers it by id and by GUID,
    # not by format, and takes it for the descriptor that its deserializer would have asked for.
    value = values("PROTOBUF")[0]
    headers: HeaderList = []
    data = their_serializer(clients.writing, "PROTOBUF", value, schema_id_serializer=PLACES[place])(
        value, context(headers)
    )

    with pytest.raises(SerializationError, match="FileDescriptorProto"):
        their_deserializer(clients.writing, "PROTOBUF", value)(data, context(headers))
    assert their_deserializer(clients.reading, "PROTOBUF", value)(data, context(headers)) == value


@pytest.mark.parametrize("is_id_in_header", [False, True])
def test_a_value_by_a_schema_that_needs_another_is_read_again(ours: SchemaRegistry, is_id_in_header: bool) -> None:
    ours.ask(calls.register("order", AVRO))
    shipment = Schema(SchemaType.AVRO, record("Shipment", order="Order"), (Reference("Order", "order", 1),))
    serializer = SchemaSerializer(shipment, settings=SchemaSettings(is_id_in_header=is_id_in_header))
    headers: HeaderList = []

    data = ours.serialize(serializer, "shipments", {"order": {"id": 7}}, headers)

    assert ours.deserialize(SchemaDeserializer(), "shipments", data, headers) == {"order": {"id": 7}}


def test_keys_have_a_subject_and_a_header_of_their_own(ours: SchemaRegistry) -> None:
    serializer = SchemaSerializer(AVRO, settings=SchemaSettings(is_id_in_header=True), role=Role.KEY)
    headers: HeaderList = []

    data = ours.serialize(serializer, "orders", {"id": 7}, headers)

    assert [name for name, _ in headers] == ["__key_schema_id"]
    assert ours.ask(calls.subjects()) == ["orders-key"]
    assert ours.deserialize(SchemaDeserializer(role=Role.KEY), "orders", data, headers) == {"id": 7}


def test_the_latest_version_is_written_by_without_a_schema_of_ones_own(ours: SchemaRegistry) -> None:
    for schema in (AVRO, AVRO_WITH_DEFAULT):
        ours.ask(calls.register("orders-value", schema))
    settings = SchemaSettings(auto_register=False, use_latest_version=True)
    serializer = SchemaSerializer(schema_type=SchemaType.AVRO, settings=settings)

    data = ours.serialize(serializer, "orders", {"id": 7, "note": "ü"})

    assert data is not None
    assert data[:5] == id_prefix(2)
    assert ours.deserialize(SchemaDeserializer(), "orders", data) == {"id": 7, "note": "ü"}


def test_the_latest_version_with_some_metadata_is_confluent_s_too(clients: Clients) -> None:
    ours = clients.ours
    for schema, major in ((AVRO, "1"), (AVRO_WITH_DEFAULT, "2")):
        body = {"schema": schema.text, "metadata": {"properties": {"major": major, "team": "shop"}}}
        ours.ask(Call("POST", "/subjects/orders-value/versions", json.dumps(body).encode()))
    wanted = {"team": "shop", "major": "1"}
    settings = SchemaSettings(auto_register=False, latest_with=tuple(wanted.items()))

    data = ours.serialize(SchemaSerializer(AVRO_WITH_DEFAULT, settings=settings), "orders", {"id": 7})

    theirs = clients.reading.get_latest_with_metadata("orders-value", wanted)
    assert (theirs.version, data) == (1, id_prefix(theirs.schema_id or 0) + b"\x0e")
    assert refused(ours, calls.latest_with("orders-value", [("team", "shop"), ("major", "3")])) == (404, 40403)


def test_tasks_at_once_each_read_what_they_wrote(url: str) -> None:
    async def write() -> list[Any]:
        registry = AsyncSchemaRegistry(RegistrySettings(places([url])))
        serializer, deserializer = SchemaSerializer(AVRO), SchemaDeserializer()

        async def there_and_back(number: int) -> Any:
            data = await registry.known(lambda: serializer.serialize("orders", [], {"id": number}))
            return await registry.known(lambda: deserializer.deserialize("orders", [], data))

        try:
            return await asyncio.gather(*[there_and_back(number) for number in range(5)])
        finally:
            await registry.close()

    assert asyncio.run(write()) == [{"id": number} for number in range(5)]


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_an_incompatible_schema_is_refused_by_409_and_writes_nothing(ours: SchemaRegistry) -> None:
    assert ours.serialize(SchemaSerializer(AVRO), "orders", {"id": 7}) is not None
    headers: HeaderList = [("mine", b"1")]

    with pytest.raises(SchemaRegistryError, match="note") as error:
        ours.serialize(SchemaSerializer(AVRO_WITHOUT), "orders", {"id": 7, "note": ""}, headers)

    assert (error.value.status, error.value.error_code) == (409, 409)
    assert not error.value.is_retriable
    assert headers == [("mine", b"1")]
    assert ours.ask(calls.versions("orders-value")) == [1]


def test_a_subject_that_nobody_registered_is_40401(ours: SchemaRegistry) -> None:
    settings = SchemaSettings(auto_register=False, use_latest_version=True)
    with pytest.raises(SchemaRegistryError, match="orders-value") as error:
        ours.serialize(SchemaSerializer(AVRO, settings=settings), "orders", {"id": 7})

    assert (error.value.status, error.value.error_code) == (404, 40401)
    assert refused(ours, calls.versions("s/ü ?")) == (404, 40401)
    assert refused(ours, calls.lookup("s", AVRO)) == (404, 40401)


def test_a_schema_that_a_subject_has_not_is_40403(ours: SchemaRegistry) -> None:
    ours.ask(calls.register("orders-value", AVRO))
    with pytest.raises(SchemaRegistryError) as error:
        ours.serialize(
            SchemaSerializer(AVRO_WITH_DEFAULT, settings=SchemaSettings(auto_register=False)),
            "orders",
            {"id": 7, "note": ""},
        )

    assert (error.value.status, error.value.error_code) == (404, 40403)


@pytest.mark.parametrize(
    "data, headers",
    [(id_prefix(99) + b"\x0e", []), (b"\x0e", [("__value_schema_id", guid_header(NOBODY))])],
    ids=list(PLACES),
)
def test_a_value_by_a_schema_that_is_not_there_is_40403(ours: SchemaRegistry, data: bytes, headers: HeaderList) -> None:
    with pytest.raises(SchemaRegistryError) as error:
        ours.deserialize(SchemaDeserializer(), "orders", data, headers)

    assert (error.value.status, error.value.error_code) == (404, 40403)


def test_what_else_is_asked_is_answered_or_refused_as_confluent_s(ours: SchemaRegistry) -> None:
    subject = "s/ü ?&%2F-value"
    told = ours.ask(calls.register(subject, AVRO))
    assert told["id"] == ours.ask(calls.register(subject, AVRO, normalize=True))["id"] == 1
    assert ours.ask(calls.lookup(subject, AVRO))["version"] == 1
    assert ours.ask(calls.by_id(1))["schema"] == ours.ask(calls.by_guid(told["guid"]))["schema"]
    assert ours.ask(calls.uses_of(1)) == [{"subject": subject, "version": 1}]

    assert ours.ask(calls.check(subject, AVRO_WITH_DEFAULT))["is_compatible"]
    assert "note" in str(ours.ask(calls.check(subject, AVRO_WITHOUT))["messages"])
    assert refused(ours, calls.level(subject)) == (404, 40408)
    ours.ask(calls.set_level("NONE", subject))
    assert ours.ask(calls.level(subject))["compatibilityLevel"] == "NONE"
    assert ours.ask(calls.level())["compatibilityLevel"] == "BACKWARD"
    assert refused(ours, calls.set_level("SIDEWARD")) == (422, 42203)
    assert ours.ask(calls.register(subject, AVRO_WITHOUT))["version"] == 2

    ours.ask(calls.set_mode("READONLY", subject))
    assert ours.ask(calls.mode(subject)) == {"mode": "READONLY"}
    assert refused(ours, calls.register(subject, AVRO_WITH_DEFAULT)) == (422, 42205)
    ours.ask(calls.set_mode("READWRITE", subject))

    assert refused(ours, calls.version_of(subject, 3)) == (404, 40402)
    assert refused(ours, calls.delete_version(subject, 1, permanent=True)) == (404, 40407)
    assert ours.ask(calls.delete_version(subject, 1)) == 1
    assert ours.ask(calls.delete_version(subject, 1, permanent=True)) == 1
    assert ours.ask(calls.delete_subject(subject)) == [2]
    assert ours.ask(calls.subjects()) == []
