"""Variable-length integers: unsigned for lengths and tags, zigzag for the fields of a record (Protocol Buffers')."""

from __future__ import annotations

from producer.errors import MalformedError

_TABLE_ENTRIES = 8_192
"""Every zigzag varint of one or two bytes that is not negative: lengths and offset deltas are nearly always here."""

_INT32_BITS = 32
_INT64_BITS = 64


def _encode(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


UNSIGNED: list[bytes] = [_encode(value) for value in range(_TABLE_ENTRIES)]
"""`UNSIGNED[n]` is the unsigned varint of n."""
ZIGZAG: list[bytes] = UNSIGNED[::2] + [_encode(value << 1) for value in range(_TABLE_ENTRIES // 2, _TABLE_ENTRIES)]
"""`ZIGZAG[n]` is the zigzag varint of n >= 0. Never index it with a negative number."""
ZIGZAG_NULL = b"\x01"
"""The zigzag varint of -1: the length of null."""


def encode_unsigned(value: int) -> bytes:
    """Encode 0 .. 2^64 - 1; the caller has checked the range."""
    if 0 <= value < _TABLE_ENTRIES:
        return UNSIGNED[value]
    assert 0 <= value < 1 << _INT64_BITS, f"an unsigned varint of {value}"
    return _encode(value)


def encode_zigzag(value: int) -> bytes:
    """Encode a signed integer of 32 or 64 bits: the encodings agree where both exist."""
    if 0 <= value < _TABLE_ENTRIES:
        return ZIGZAG[value]
    assert -(1 << 63) <= value < 1 << 63, f"a zigzag varint of {value}"
    return _encode(value << 1 if value >= 0 else (-value << 1) - 1)


def zigzag_size(value: int) -> int:
    """How many bytes `encode_zigzag` takes for the value."""
    if value < 0:
        value = -value - 1
    # One bit more for the sign; seven bits a byte.
    return value.bit_length() // 7 + 1


def decode_unsigned(data: bytes, position: int, bits: int = _INT32_BITS) -> tuple[int, int]:
    """Decode one at `position`; give the value and the position after it.

    Raises MalformedError where the bytes end early or the value does not fit into `bits`.
    """
    value = 0
    shift = 0
    size = len(data)
    while position < size:
        byte = data[position]
        position += 1
        if byte < 0x80:
            value |= byte << shift
            if value >> bits:
                break
            return value, position
        value |= (byte & 0x7F) << shift
        shift += 7
        if shift >= bits:
            break
    else:
        msg = f"a varint is cut off at byte {position}"
        raise MalformedError(msg)
    msg = f"the varint that ends before byte {position} has more than {bits} bits"
    raise MalformedError(msg)


def decode_zigzag(data: bytes, position: int, bits: int = _INT32_BITS) -> tuple[int, int]:
    """Decode one at `position`; give the value and the position after it. Raises as `decode_unsigned`."""
    value, position = decode_unsigned(data, position, bits)
    return (value >> 1) ^ -(value & 1), position
