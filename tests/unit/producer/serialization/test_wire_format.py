"""Confluent's wire format: the bytes before a payload and in a header, and what is none of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError
from producer.serialization.serializer import Role
from producer.serialization.wire_format import guid_header, id_prefix, index_bytes, read_indexes, unframe

GUID = "89791762-2336-186f-9674-299b90a802e2"


@pytest.mark.parametrize(
    "indexes, data",
    [((0,), "00"), ((1,), "02 02"), ((0, 0), "04 00 00"), ((2, 1), "04 04 02"), ((64,), "02 80 01")],
    ids=str,
)
def test_the_way_to_a_message_is_a_count_and_indexes_in_zigzag(indexes: tuple[int, ...], data: str) -> None:
    assert index_bytes(indexes) == bytes.fromhex(data)
    assert read_indexes(bytes.fromhex(data) + b"rest") == (indexes, b"rest")


@given(st.lists(st.integers(0, 2**30), min_size=1, max_size=100).map(tuple), st.binary())
def test_every_way_comes_back(indexes: tuple[int, ...], rest: bytes) -> None:
    assert read_indexes(index_bytes(indexes) + rest) == (indexes, rest)


def test_an_id_stands_before_the_payload_and_a_guid_in_the_header() -> None:
    assert id_prefix(258) == b"\0\0\0\1\2"
    assert unframe(Role.VALUE, [], id_prefix(258) + b"payload") == (id_prefix(258), b"payload", None)

    headers: list[tuple[str, bytes | None]] = [("__value_schema_id", guid_header(GUID) + b"\0"), ("other", None)]
    assert guid_header(GUID) == b"\1" + bytes.fromhex(GUID.replace("-", ""))
    assert unframe(Role.VALUE, headers, b"payload") == (guid_header(GUID), b"payload", b"\0")


def test_the_header_is_believed_before_the_payload_and_only_that_of_the_role() -> None:
    headers: list[tuple[str, bytes | None]] = [("__key_schema_id", guid_header(GUID))]

    assert unframe(Role.KEY, headers, id_prefix(7)).key == GUID
    assert unframe(Role.VALUE, headers, id_prefix(7)).key == 7


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "it is empty, must begin with 0 or 1"),
        (b"{}", "it begins with byte 123, must begin with 0 or 1: it was not written with a schema"),
        (b"\0\0\0\1", "it has 4 bytes, too few for a schema's id"),
        (b"\1" + bytes(15), "it has 16 bytes, too few"),
    ],
)
def test_bytes_without_a_schema_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(SerializationError, match=why):
        unframe(Role.VALUE, [], data)


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "the count of the message's indexes: a varint is cut off"),
        (b"\x04\x00", "one of the message's indexes: a varint is cut off"),
        (b"\x01", "the count of the message's indexes is -1"),
        (b"\x02\x03", "one of the message's indexes is -2"),
        (b"\xfe\xff\xff\xff\x0f", "2147483647 indexes to the message, must be at most 100"),
    ],
)
def test_a_way_that_is_none_is_refused_in_bounded_time(data: bytes, why: str) -> None:
    with pytest.raises(SerializationError, match=why):
        read_indexes(data)
