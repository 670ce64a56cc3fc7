"""`key.serializer` and `value.serializer`: by whose names serializers can be had, and what is refused."""

import re
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.errors import ConfigError
from producer.serialization import names
from producer.serialization.serializer import HeaderList, Role

KAFKA = "org.apache.kafka.common.serialization."
SERVER = {"bootstrap.servers": "127.0.0.1:9092"}


class Upper:
    def serialize(self, topic: str, headers: HeaderList, data: Any) -> bytes:
        return str(data).upper().encode()


class Broken:
    def __init__(self) -> None:
        raise ValueError("planted")

    def serialize(self, topic: str, headers: HeaderList, data: Any) -> bytes:
        raise AssertionError


def made(value: Any) -> Any:
    config = ProducerConfig.from_properties(SERVER | {"value.serializer": value})
    return names.make(config.value_serializer, Role.VALUE)


@pytest.mark.parametrize(
    "name", [f"{KAFKA}StringSerializer", "StringSerializer", " string ", f"{KAFKA}UUIDSerializer", "void", "json"]
)
def test_kafka_s_class_names_and_short_ones_name_the_same(name: str) -> None:
    word = name.strip().removeprefix(KAFKA).removesuffix("Serializer").lower()

    assert repr(made(name)) == f"<serializer {word}>"


@pytest.mark.parametrize("name", ["bytes", "ByteArraySerializer", f"{KAFKA}ByteArraySerializer", "", None])
def test_bytes_need_no_serializer(name: str | None) -> None:
    assert made(name) is None


def test_an_object_a_class_a_function_and_a_path_are_serializers() -> None:
    upper = Upper()

    assert made(upper) is upper
    assert made(Upper).serialize("orders", [], "a") == b"A"
    assert made(f"{__name__}:Upper" if __name__ != "__main__" else Upper).serialize("orders", [], "a") == b"A"
    assert made(str.encode).serialize("orders", [], "a") == b"a"


@pytest.mark.parametrize(
    "value, why",
    [
        (f"{KAFKA}StringSerialiser", "did you mean org.apache.kafka.common.serialization.StringSerializer?"),
        ("no.such:Class", "ModuleNotFoundError"),
        ("json:dumps", "which is a function, must be a class with a method serialize"),
        (5, "which has no method serialize, and is no function"),
    ],
)
def test_what_is_no_serializer_is_refused_by_name_and_value(value: Any, why: str) -> None:
    with pytest.raises(ConfigError, match=rf"value\.serializer is {re.escape(repr(value))}.*{re.escape(why)}"):
        made(value)


def test_a_class_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"value\.serializer is Broken, which cannot be made: ValueError: planted"):
        made(Broken)


def test_deserializers_have_the_same_names() -> None:
    assert names.deserializer(f"{KAFKA}LongDeserializer").deserialize("orders", [], bytes(8)) == 0
    with pytest.raises(ConfigError, match="deserializer 'nonsense' is none of bytes, string"):
        names.deserializer("nonsense")
