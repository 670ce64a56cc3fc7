"""Varints are those of Protocol Buffers, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import MalformedError
from producer.wire.varint import (
    UNSIGNED,
    ZIGZAG,
    ZIGZAG_NULL,
    decode_unsigned,
    decode_zigzag,
    encode_unsigned,
    encode_zigzag,
    zigzag_size,
)

INT32 = st.integers(-(1 << 31), (1 << 31) - 1)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)


@pytest.mark.parametrize(
    "value, encoded",
    [
        (0, "00"),
        (-1, "01"),
        (1, "02"),
        (63, "7e"),
        (-64, "7f"),
        (64, "8001"),
        (8191, "fe7f"),
        (8192, "808001"),
        ((1 << 31) - 1, "feffffff0f"),
        (-(1 << 31), "ffffffff0f"),
        ((1 << 63) - 1, "feffffffffffffffff01"),
        (-(1 << 63), "ffffffffffffffffff01"),
    ],
)
def test_zigzag_is_the_published_encoding(value: int, encoded: str) -> None:
    assert encode_zigzag(value).hex() == encoded


@given(INT32)
def test_zigzag_of_32_bits_comes_back(value: int) -> None:
    encoded = encode_zigzag(value)

    assert decode_zigzag(b"\xff" + encoded + b"\xff", 1) == (value, 1 + len(encoded))


@given(INT64)
def test_zigzag_of_64_bits_comes_back_and_has_the_size_foretold(value: int) -> None:
    encoded = encode_zigzag(value)

    assert decode_zigzag(encoded, 0, 64) == (value, len(encoded))
    assert zigzag_size(value) == len(encoded)


@given(st.integers(0, (1 << 32) - 1))
def test_unsigned_comes_back(value: int) -> None:
    encoded = encode_unsigned(value)

    assert decode_unsigned(encoded, 0) == (value, len(encoded))


def test_tables_hold_what_the_functions_give() -> None:
    for value in (0, 1, 63, 64, 127, 128, 4_095, 4_096, len(ZIGZAG) - 1):
        assert decode_zigzag(ZIGZAG[value], 0)[0] == value
        assert decode_unsigned(UNSIGNED[value], 0)[0] == value
    assert decode_zigzag(ZIGZAG_NULL, 0)[0] == -1
    assert len(ZIGZAG) == len(UNSIGNED)


@pytest.mark.parametrize("encoded", ["", "80", "ffffffff", "ffffffff10", "ffffffffff01", "80808080808000"])
def test_a_varint_cut_off_or_beyond_32_bits_is_malformed(encoded: str) -> None:
    with pytest.raises(MalformedError):
        decode_unsigned(bytes.fromhex(encoded), 0)


def test_a_varint_beyond_64_bits_is_malformed() -> None:
    with pytest.raises(MalformedError):
        decode_zigzag(b"\xff" * 9 + b"\x02", 0, 64)


@pytest.mark.parametrize("value", [-1, 1 << 64])
def test_an_unsigned_varint_out_of_range_is_a_bug(value: int) -> None:
    with pytest.raises(AssertionError):
        encode_unsigned(value)
