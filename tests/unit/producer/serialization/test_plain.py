"""Kafka's plain serializers: the bytes of each kind, both ways, and what each has no bytes for."""

import math
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.serialization import (
    DoubleDeserializer,
    DoubleSerializer,
    IntegerDeserializer,
    IntegerSerializer,
    StringDeserializer,
    StringSerializer,
)
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError
from producer.serialization.plain import PLAIN

KNOWN: list[tuple[str, Any, bytes]] = [
    ("bytes", b"\x00v", b"\x00v"),
    ("string", "grün", b"gr\xc3\xbcn"),
    ("short", -2, b"\xff\xfe"),
    ("integer", 258, b"\x00\x00\x01\x02"),
    ("long", -(2**63), b"\x80" + bytes(7)),
    ("float", 1.5, b"\x3f\xc0\x00\x00"),
    ("double", -2.0, b"\xc0" + bytes(7)),
    ("boolean", True, b"\x01"),
    ("uuid", UUID(int=1), b"00000000-0000-0000-0000-000000000001"),
    ("json", {"a": [1, "ü", None]}, '{"a":[1,"ü",null]}'.encode()),
]

MISFITS: list[tuple[str, Any, str]] = [
    ("bytes", "v", "'v' is a str, must be bytes"),
    ("string", b"v", "b'v' is a bytes, must be a str"),
    ("string", "\udc80", "must be text that can be written as UTF-8"),
    ("short", 2**15, "32768 is a int, must be an int of -32768..32767"),
    ("integer", 2**31, "must be an int of"),
    ("integer", True, "True is a bool, must be an int"),
    ("long", 1.0, "1.0 is a float, must be an int"),
    ("float", 1e39, "must be a float that 4 bytes have room for"),
    ("double", 10**400, "must be a float that 8 bytes have room for"),
    ("double", "1", "must be a float"),
    ("boolean", 1, "must be a bool"),
    ("uuid", "x", "must be a uuid.UUID"),
    ("void", 1, "must be None"),
    ("json", {1, 2}, "cannot be written as JSON"),
    ("json", math.nan, "cannot be written as JSON"),
]

POISON: list[tuple[str, bytes, str]] = [
    ("string", b"a\xff", "no UTF-8: invalid start byte at byte 1"),
    ("integer", b"\x00", "must be 4 bytes"),
    ("short", b"", "must be 2 bytes"),
    ("long", bytes(9), "must be 8 bytes"),
    ("float", bytes(3), "must be 4 bytes"),
    ("double", bytes(4), "must be 8 bytes"),
    ("boolean", b"\x02", "must be one byte, 0 or 1"),
    ("uuid", b"not one", "no UUID's text"),
    ("void", b"", "must be null"),
    ("json", b'{"a":', "no JSON"),
    ("json", b"[" * 100_000, "no JSON"),
]


@pytest.mark.parametrize("name, value, data", KNOWN, ids=[row[0] for row in KNOWN])
def test_a_value_has_kafka_s_bytes_and_comes_back(name: str, value: Any, data: bytes) -> None:
    assert PLAIN[name].serialize("orders", [], value) == data
    assert PLAIN[name].deserialize("orders", [], data) == value


@pytest.mark.parametrize("name", PLAIN)
def test_a_null_is_a_null(name: str) -> None:
    assert PLAIN[name].serialize("orders", [], None) is None
    assert PLAIN[name].deserialize("orders", [], None) is None


@pytest.mark.parametrize("name, value, why", MISFITS, ids=[f"{row[0]} {row[1]!r:.9}" for row in MISFITS])
def test_what_is_not_of_the_kind_is_refused_by_name_and_value(name: str, value: Any, why: str) -> None:
    with pytest.raises(SerializationError, match=why) as refused:
        PLAIN[name].serialize("orders", [], value)

    assert refused.value.value is value


@pytest.mark.parametrize("name, data, why", POISON, ids=[f"{row[0]} {row[1]!r:.9}" for row in POISON])
def test_bytes_that_are_none_of_the_kind_are_refused(name: str, data: bytes, why: str) -> None:
    with pytest.raises(SerializationError, match=why):
        PLAIN[name].deserialize("orders", [], data)


@given(st.integers(-(2**31), 2**31 - 1), st.floats(allow_nan=False), st.text(st.characters(codec="utf-8")))
def test_confluent_s_client_writes_and_reads_the_same_bytes(number: int, real: float, text: str) -> None:
    pairs = [
        ("integer", number, IntegerSerializer(), IntegerDeserializer()),
        ("double", real, DoubleSerializer(), DoubleDeserializer()),
        ("string", text, StringSerializer("utf_8"), StringDeserializer("utf_8")),
    ]
    for name, value, theirs, reading in pairs:
        data = PLAIN[name].serialize("orders", [], value)

        assert data == theirs(value)
        assert reading(data) == value
        assert PLAIN[name].deserialize("orders", [], theirs(value)) == value
