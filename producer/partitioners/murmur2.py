"""Kafka's hash of a key (`org.apache.kafka.common.utils.Utils.murmur2`)."""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

_M = 0x5BD1E995
_MASK = 0xFFFFFFFF
_SEED = 0x9747B28C


@lru_cache(64)
def _words(count: int) -> Struct:
    return Struct(f"<{count}I")


def murmur2(data: bytes) -> int:
    """Hash as Kafka does: 32 bits, signed."""
    size = len(data)
    h = _SEED ^ size
    count = size >> 2
    for word in _words(count).unpack_from(data):
        k = word * _M & _MASK
        h = h * _M & _MASK ^ (k ^ k >> 24) * _M & _MASK
    tail = size & 3
    if tail:
        h = (h ^ int.from_bytes(data[size - tail :], "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    h ^= h >> 15
    return h - (1 << 32) if h & 0x80000000 else h


def to_positive(number: int) -> int:
    """Clear the sign bit, as Utils.toPositive does; not the absolute value."""
    return number & 0x7FFFFFFF
