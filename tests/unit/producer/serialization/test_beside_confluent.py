"""confluent-kafka's serializers and ours beside one registry: each reads what the other wrote, in both wire formats, and byte for byte."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import pytest
from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from producer.drivers.thread_registry import SchemaRegistry
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.schema_settings import SchemaSettings
from producer.serialization.serializer import HeaderList, Role
from producer.serialization.subjects import by_record, by_topic_and_record
from tests.unit.producer.serialization.confluent_serializers import (
    AVRO,
    FORMATS,
    PLACES,
    context,
    our_serializer,
    plain,
    their_deserializer,
    their_serializer,
    values,
)
from tests.unit.producer.serialization.small_registry import SmallRegistry, served


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


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_they_read_what_we_wrote(both: Both, format_name: str, place: str) -> None:
    serializer = our_serializer(format_name, is_id_in_header=place == "header")
    for value in values(format_name):
        headers: HeaderList = []
        data = both.ours.serialize(serializer, "orders", value, headers)
        assert data is not None

        read = their_deserializer(both.theirs, format_name, value)(data, context(headers))

        assert plain(read) == plain(value)
        assert bool(headers) == (place == "header")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_we_read_what_they_wrote(both: Both, format_name: str, place: str) -> None:
    deserializer = SchemaDeserializer()
    for value in values(format_name):
        headers: HeaderList = []
        conf = {"schema_id_serializer": PLACES[place]}
        data = their_serializer(both.theirs, format_name, value, **conf)(value, context(headers))

        read = both.ours.deserialize(deserializer, "orders", data, headers)

        assert plain(read) == plain(value)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_the_bytes_are_the_same_where_the_schema_is(both: Both, format_name: str, place: str) -> None:
    ours = our_serializer(format_name, is_id_in_header=place == "header", auto_register=False, use_latest_version=True)
    for value in values(format_name):
        conf: dict[str, Any] = {"schema_id_serializer": PLACES[place]}
        headers: tuple[HeaderList, HeaderList] = ([], [])
        theirs = their_serializer(both.theirs, format_name, value, **conf)(value, context(headers[0]))

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

    their_serializer(both.theirs, "AVRO", value, subject_name_strategy=theirs)(value, context([]))
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
