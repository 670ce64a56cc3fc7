"""XXH3 with 64 bits, with no seed: by which Kafka tells whether a group's topics are still what they were.

As xxHash's `XXH3_64bits`: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
"""

from __future__ import annotations

from struct import Struct

_MASK = (1 << 64) - 1
_LOW = (1 << 32) - 1
_PRIME32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
_PRIME64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
_AVALANCHE = 0x165667919E3779F9
_RRMXMX = 0x9FB21C651E98DF25
_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
_LONG = Struct("<Q")
_INT = Struct("<I")
_STRIPE, _BLOCK, _LANES = 64, 1024, 8


def xxh3_64(data: bytes) -> int:
    """Give the hash, as a number without a sign."""
    size = len(data)
    if size <= 16:
        return _upto_16(data)
    if size <= 128:
        return _upto_128(data)
    return _upto_240(data) if size <= 240 else _long(data)


def _upto_16(data: bytes) -> int:
    size = len(data)
    if size > 8:
        low = _read(data, 0) ^ _secret(24) ^ _secret(32)
        high = _read(data, size - 8) ^ _secret(40) ^ _secret(48)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche(size + swapped + high + _folded(low, high))
    if size >= 4:
        both = _INT.unpack_from(data, size - 4)[0] + (_INT.unpack_from(data)[0] << 32)
        return _rrmxmx(both ^ _secret(8) ^ _secret(16), size)
    if size:
        combined = data[0] << 16 | data[size >> 1] << 24 | data[-1] | size << 8
        return _xxh64_avalanche(combined ^ _INT.unpack_from(_SECRET, 0)[0] ^ _INT.unpack_from(_SECRET, 4)[0])
    return _xxh64_avalanche(_secret(56) ^ _secret(64))


def _upto_128(data: bytes) -> int:
    size = len(data)
    total = size * _PRIME64[0]
    # Pairs from both ends towards the middle.
    for pair in range((size - 1) // 32, -1, -1):
        total += _mixed(data, 16 * pair, 32 * pair) + _mixed(data, size - 16 * (pair + 1), 32 * pair + 16)
    return _avalanche(total)


def _upto_240(data: bytes) -> int:
    size = len(data)
    first = sum(_mixed(data, 16 * number, 16 * number) for number in range(8))
    total = _avalanche(size * _PRIME64[0] + first)
    total += sum(_mixed(data, 16 * number, 16 * (number - 8) + 3) for number in range(8, size // 16))
    return _avalanche(total + _mixed(data, size - 16, 136 - 17))


def _long(data: bytes) -> int:
    size = len(data)
    lanes = [_PRIME32[2], *_PRIME64[:4], _PRIME32[1], _PRIME64[4], _PRIME32[0]]
    for at in range(0, size - 1, _STRIPE):
        if at + _STRIPE > size - 1:
            break
        in_block = at % _BLOCK
        _accumulate(lanes, data, at, in_block // _STRIPE * 8)
        if in_block + _STRIPE == _BLOCK:
            _scramble(lanes)
    _accumulate(lanes, data, size - _STRIPE, len(_SECRET) - _STRIPE - 7)
    total = size * _PRIME64[0]
    for number in range(_LANES // 2):
        first, second = lanes[2 * number], lanes[2 * number + 1]
        total += _folded(first ^ _secret(11 + 16 * number), second ^ _secret(19 + 16 * number))
    return _avalanche(total)


def _accumulate(lanes: list[int], data: bytes, at: int, secret_at: int) -> None:
    for lane in range(_LANES):
        word = _read(data, at + 8 * lane)
        key = word ^ _secret(secret_at + 8 * lane)
        lanes[lane ^ 1] = (lanes[lane ^ 1] + word) & _MASK
        lanes[lane] = (lanes[lane] + (key & _LOW) * (key >> 32)) & _MASK


def _scramble(lanes: list[int]) -> None:
    for lane in range(_LANES):
        word = lanes[lane] ^ lanes[lane] >> 47 ^ _secret(len(_SECRET) - _STRIPE + 8 * lane)
        lanes[lane] = word * _PRIME32[0] & _MASK


def _read(data: bytes, at: int) -> int:
    word: int = _LONG.unpack_from(data, at)[0]
    return word


def _secret(at: int) -> int:
    return _read(_SECRET, at)


def _folded(one: int, other: int) -> int:
    product = one * other
    return (product & _MASK) ^ (product >> 64)


def _mixed(data: bytes, at: int, secret_at: int) -> int:
    return _folded(_read(data, at) ^ _secret(secret_at), _read(data, at + 8) ^ _secret(secret_at + 8))


def _avalanche(total: int) -> int:
    total &= _MASK
    total ^= total >> 37
    total = total * _AVALANCHE & _MASK
    return total ^ total >> 32


def _rrmxmx(word: int, size: int) -> int:
    word ^= _rotated(word, 49) ^ _rotated(word, 24)
    word = word * _RRMXMX & _MASK
    word ^= (word >> 35) + size
    word = word * _RRMXMX & _MASK
    return word ^ word >> 28


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & _MASK


def _xxh64_avalanche(word: int) -> int:
    word ^= word >> 33
    word = word * _PRIME64[1] & _MASK
    word ^= word >> 29
    word = word * _PRIME64[2] & _MASK
    return word ^ word >> 32
