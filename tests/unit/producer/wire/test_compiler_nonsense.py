"""What no message can be is malformed, at each byte and without cost; what Kafka forgives is forgiven."""

from typing import Any, NamedTuple

import pytest

from producer.errors import MalformedError
from producer.wire.schema import (
    Bytes,
    Int32,
    String,
)
from tests.unit.producer.wire.declared import FULL, LAYOUTS, Everything, Names, codec


@LAYOUTS
def test_a_message_that_is_cut_off_is_malformed_at_each_byte(is_flexible: bool) -> None:
    encode, decode = codec(Everything, is_flexible=is_flexible)
    whole = encode(FULL)

    for size in range(len(whole)):
        with pytest.raises(MalformedError, match="EVERYTHING request version 2") as error:
            decode(whole[:size])
        assert f" {size}" in str(error.value)


@LAYOUTS
def test_bytes_behind_the_last_field_are_not_looked_at(is_flexible: bool) -> None:
    encode, decode = codec(Everything, is_flexible=is_flexible)

    assert decode(encode(FULL) + b"\x01\x02\x03") == FULL


class Numbers(NamedTuple):
    numbers: tuple[Int32, ...] = ()


class NumbersOrNull(NamedTuple):
    numbers: tuple[Int32, ...] | None = ()


class Blob(NamedTuple):
    content: Bytes = b""


class Name(NamedTuple):
    name: String = ""


class NameOrNull(NamedTuple):
    name: String | None = ""


@pytest.mark.parametrize("message", [Names, Numbers, NumbersOrNull])
@pytest.mark.parametrize("claimed", [0x7FFFFFFF, 0x10000000])
def test_a_lying_length_costs_nothing(message: type[Any], claimed: int) -> None:
    legacy, compact = codec(message, is_flexible=False)[1], codec(message, is_flexible=True)[1]

    with pytest.raises(MalformedError, match=str(claimed)):
        legacy(claimed.to_bytes(4, "big"))
    with pytest.raises(MalformedError, match=str(0x0FFFFFFE)):
        compact(b"\xff\xff\xff\x7f")


def test_bytes_that_are_said_to_be_longer_than_all_there_is_are_malformed() -> None:
    with pytest.raises(MalformedError, match="cut off: its lengths lead to byte 2147483651"):
        codec(Blob, is_flexible=False)[1](b"\x7f\xff\xff\xff")
    with pytest.raises(MalformedError, match="a length of 268435454"):
        codec(Blob, is_flexible=True)[1](b"\xff\xff\xff\x7f")


@pytest.mark.parametrize("message", [Names, Numbers, Blob, Name])
@LAYOUTS
def test_null_where_it_is_not_allowed_is_malformed(message: type[Any], is_flexible: bool) -> None:
    _, decode = codec(message, is_flexible=is_flexible)

    with pytest.raises(MalformedError, match="null before byte"):
        decode(b"\x00" if is_flexible else b"\xff" * 4)


@pytest.mark.parametrize("message", [NumbersOrNull, NameOrNull])
def test_any_negative_length_is_null_where_null_is_allowed_as_in_kafka(message: type[Any]) -> None:
    assert codec(message, is_flexible=False)[1](b"\xff\xfe\xff\xfe") == message(None)
    # A varint is an int of 32 bits in Java.
    assert codec(message, is_flexible=True)[1](b"\xff\xff\xff\xff\x0f\x00") == message(None)


def test_a_varint_that_does_not_end_is_malformed() -> None:
    _, decode = codec(Name, is_flexible=True)

    with pytest.raises(MalformedError, match="more than five bytes"):
        decode(b"\xff" * 8)


def test_a_string_longer_than_kafka_allows_is_malformed() -> None:
    _, decode = codec(Name, is_flexible=True)

    with pytest.raises(MalformedError, match="a string of 40000 bytes"):
        decode(bytes.fromhex("c1b802") + b"s" * 40_000)


@LAYOUTS
def test_what_is_no_utf_8_is_read_as_kafka_reads_it(is_flexible: bool) -> None:
    _, decode = codec(Name, is_flexible=is_flexible)

    assert decode((b"\x03" if is_flexible else b"\x00\x02") + b"a\xff" + b"\x00") == Name("a\ufffd")
