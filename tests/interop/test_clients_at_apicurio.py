"""The producer's serializers and confluent-kafka's at Apicurio Registry: the same ids and bytes as at ours, and the same error codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

import producer
from producer.drivers.thread_registry import SchemaRegistry
from producer.serialization.registry import calls
from producer.serialization.registry.settings import RegistrySettings, places
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.serializer import HeaderList
from tests.interop.apicurio_registry import apicurio
from tests.registry.apart import AskingApart
from tests.registry.error_codes import CASES, Case, Step
from tests.registry.known_differences import APICURIO_ON_ERRORS
from tests.unit.producer.serialization.confluent_serializers import (
    FORMATS,
    PLACES,
    our_serializer,
    plain,
    their_deserializer,
    their_serializer,
    values,
)

READ_BY_THEM = ["AVRO", "JSON"]
"""confluent-kafka asks for a Protobuf schema as a descriptor (`format=serialized`); Apicurio gives the text all the same."""


class Clients(NamedTuple):
    """Clients of one registry: each knows only what it has asked itself."""

    ours: SchemaRegistry
    writing: SchemaRegistryClient
    reading: SchemaRegistryClient


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Apicurio with the level that Confluent's has if nobody chose one."""
    with apicurio(tmp_path_factory.mktemp("apicurio") / "log") as at:
        assert AskingApart(at).ask("PUT", "/config", {"compatibility": "BACKWARD"}).status == 200
        yield at


@pytest.fixture
def clients(registry: str) -> Iterator[Clients]:
    with (
        SchemaRegistry(RegistrySettings(places([registry]), retries_max=0)) as ours,
        SchemaRegistryClient({"url": registry}) as writing,
        SchemaRegistryClient({"url": registry}) as reading,
    ):
        yield Clients(ours, writing, reading)


@pytest.fixture
def topic() -> str:
    return f"orders-{uuid4().hex}"


def context(topic: str, headers: HeaderList) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE, cast("Any", headers))


@pytest.mark.parametrize("format_name", FORMATS)
def test_who_reads_has_what_was_written_whoever_wrote(clients: Clients, topic: str, format_name: str) -> None:
    for value in values(format_name):
        mine = clients.ours.serialize(our_serializer(format_name), topic, value)
        theirs = their_serializer(clients.writing, format_name, value)(value, context(topic, []))

        assert mine is not None
        for data in (mine, theirs):
            assert plain(clients.ours.deserialize(SchemaDeserializer(), topic, data)) == plain(value)
            if format_name in READ_BY_THEM:
                deserializer = their_deserializer(clients.reading, format_name, value)
                assert plain(deserializer(data, context(topic, []))) == plain(value)


@pytest.mark.parametrize("format_name", READ_BY_THEM)
def test_their_schema_and_ours_are_one_version(clients: Clients, topic: str, format_name: str) -> None:
    for value in values(format_name):
        mine = clients.ours.serialize(our_serializer(format_name), topic, value)
        theirs = their_serializer(clients.writing, format_name, value)(value, context(topic, []))

        assert mine is not None
        assert mine[:5] == theirs[:5]
        assert format_name != "AVRO" or mine == theirs
    assert clients.ours.ask(calls.versions(f"{topic}-value")) == [1]


def test_a_protobuf_schema_of_theirs_is_a_version_of_its_own(clients: Clients, topic: str) -> None:
    # They send a descriptor in base64, we the text of a file, and Apicurio keeps either as it came.
    value = values("PROTOBUF")[0]
    mine = clients.ours.serialize(our_serializer("PROTOBUF"), topic, value)
    theirs = their_serializer(clients.writing, "PROTOBUF", value)(value, context(topic, []))

    assert mine is not None
    assert (mine[:5] != theirs[:5], mine[5:]) == (True, theirs[5:])
    assert clients.ours.ask(calls.versions(f"{topic}-value")) == [1, 2]


@pytest.mark.parametrize("format_name", FORMATS)
def test_without_guids_no_header_names_a_schema(clients: Clients, topic: str, format_name: str) -> None:
    value = values(format_name)[0]

    with pytest.raises(producer.SerializationError, match="no GUID for schema"):
        clients.ours.serialize(our_serializer(format_name, is_id_in_header=True), topic, value, [])
    serializer = their_serializer(clients.writing, format_name, value, schema_id_serializer=PLACES["header"])
    with pytest.raises(SerializationError, match="GUID is not set"):
        serializer(value, context(topic, []))


def answered(registry: str, steps: tuple[Step, ...], request: Step) -> tuple[int, int]:
    """Ask after some steps; gives status and error code."""
    asking = AskingApart(registry)
    for step in steps:
        assert asking.ask(*step).status == 200, step
    said = asking.ask(*request)
    return said.status, said.code


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.key)
def test_a_request_is_refused_and_done_as_by_our_registry(registry: str, one: Case) -> None:
    ours = (one.status, one.code), (200, 0)
    known = APICURIO_ON_ERRORS.get(one.key)

    theirs = answered(registry, one.refused_after, one.request), answered(registry, one.done_after, one.request)

    assert theirs == (ours if known is None else known[:2])
    assert theirs != ours or known is None, "no difference, and it is listed as one"


def test_no_difference_is_listed_of_a_request_that_is_none() -> None:
    assert APICURIO_ON_ERRORS.keys() <= {one.key for one in CASES}
    assert len({one.key for one in CASES}) == len(CASES)
