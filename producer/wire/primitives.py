"""Kafka's primitive types, in the legacy and in the flexible layout (KIP-482), for all the APIs to build on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import Any

from producer.errors import MalformedError
from producer.wire.varint import UNSIGNED, decode_unsigned, encode_unsigned

INT8 = Struct(">b")
INT16 = Struct(">h")
INT32 = Struct(">i")
INT64 = Struct(">q")

ZERO_ID = bytes(16)
"""The topic id that stands for "none"; ids are 16 raw bytes here."""

_STRINGS_CACHED_MAX = 1_024
"""Topic, host and client names repeat in every message."""

NO_TAGS = b"\x00"
"""The tagged-field section that ends a flexible structure without any."""


@lru_cache(_STRINGS_CACHED_MAX)
def _legacy_string(text: str) -> bytes:
    encoded = text.encode()
    return INT16.pack(len(encoded)) + encoded


def _legacy_nullable_string(text: str | None) -> bytes:
    return b"\xff\xff" if text is None else _legacy_string(text)


@lru_cache(_STRINGS_CACHED_MAX)
def _compact_string(text: str) -> bytes:
    encoded = text.encode()
    return encode_unsigned(len(encoded) + 1) + encoded


def _compact_nullable_string(text: str | None) -> bytes:
    return b"\x00" if text is None else _compact_string(text)


def _compact_length(count: int) -> bytes:
    return UNSIGNED[count + 1] if count < 8_000 else encode_unsigned(count + 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a version writes what has no fixed size."""

    string: Callable[[str], bytes]
    nullable_string: Callable[[str | None], bytes]
    length: Callable[[int], bytes]
    """The length of an array or of bytes; -1 is null."""
    end: bytes
    """What ends a structure without tagged fields."""


LEGACY = Layout(_legacy_string, _legacy_nullable_string, INT32.pack, b"")
FLEXIBLE = Layout(_compact_string, _compact_nullable_string, _compact_length, NO_TAGS)


def encode_tags(fields: Sequence[tuple[int, bytes]]) -> bytes:
    """Write the tagged fields that end a flexible structure: (tag, content), tags ascending (KIP-482)."""
    parts = [encode_unsigned(len(fields))]
    for tag, content in fields:
        parts += (encode_unsigned(tag), encode_unsigned(len(content)), content)
    return b"".join(parts)


def encode_int32_array(layout: Layout, numbers: Sequence[int]) -> bytes:
    """Write an array of int32."""
    return layout.length(len(numbers)) + Struct(f">{len(numbers)}i").pack(*numbers)


class LegacyReader:
    """A position in bytes, and the types that can be read there. Too few bytes: MalformedError or struct.error.

    Only `producer.wire.body` calls it bare; it turns each of these into MalformedError.
    """

    __slots__ = ("data", "position")

    def __init__(self, data: bytes, position: int = 0) -> None:
        """Start to read `data` at `position`."""
        self.data = data
        self.position = position

    def unpack(self, layout: Struct) -> tuple[Any, ...]:
        """Read several fixed-size fields at once."""
        position = self.position
        self.position = position + layout.size
        return layout.unpack_from(self.data, position)

    def int8(self) -> int:
        """Read one signed byte."""
        value: int = INT8.unpack_from(self.data, self.position)[0]
        self.position += 1
        return value

    def int16(self) -> int:
        """Read two bytes."""
        value: int = INT16.unpack_from(self.data, self.position)[0]
        self.position += 2
        return value

    def int32(self) -> int:
        """Read four bytes."""
        value: int = INT32.unpack_from(self.data, self.position)[0]
        self.position += 4
        return value

    def int64(self) -> int:
        """Read eight bytes."""
        value: int = INT64.unpack_from(self.data, self.position)[0]
        self.position += 8
        return value

    def boolean(self) -> bool:
        """Read one byte; anything but zero is true, as in Kafka's reader."""
        return self.int8() != 0

    def topic_id(self) -> bytes:
        """Read 16 raw bytes."""
        return self.take(16)

    def take(self, size: int) -> bytes:
        """Read `size` raw bytes."""
        start = self.position
        end = start + size
        if size < 0 or end > len(self.data):
            msg = f"{size} bytes wanted at byte {start} of {len(self.data)}"
            raise MalformedError(msg)
        self.position = end
        return self.data[start:end]

    def nullable_length(self) -> int:
        """Read the length of an array or of bytes; -1 is null."""
        length = self.int32()
        if length < -1 or length > len(self.data) - self.position:
            # Each element takes a byte at least, so this also bounds what a lying length can cost.
            msg = f"a length of {length} before byte {self.position} of {len(self.data)}"
            raise MalformedError(msg)
        return length

    def _nullable_string_length(self) -> int:
        return self.int16()

    def length(self) -> int:
        """Read the length of an array that must not be null."""
        length = self.nullable_length()
        if length < 0:
            msg = f"null before byte {self.position}, where null is not allowed"
            raise MalformedError(msg)
        return length

    def string(self) -> str:
        """Read a string that must not be null."""
        return self.take(self._nullable_string_length()).decode()

    def nullable_string(self) -> str | None:
        """Read a string or null."""
        length = self._nullable_string_length()
        return None if length == -1 else self.take(length).decode()

    def nullable_bytes(self) -> bytes | None:
        """Read bytes or null."""
        length = self.nullable_length()
        return None if length < 0 else self.take(length)

    def int32_array(self) -> tuple[int, ...]:
        """Read an array of int32; null counts as empty."""
        count = max(self.nullable_length(), 0)
        return self.unpack(Struct(f">{count}i"))

    def tags(self) -> Sequence[tuple[int, LegacyReader]]:
        """Read the tagged fields that end a structure: none in this layout."""
        return ()


class FlexibleReader(LegacyReader):
    """The same in the flexible layout: compact lengths, tagged fields."""

    __slots__ = ()

    def unsigned(self) -> int:
        """Read an unsigned varint of 32 bits."""
        byte = self.data[self.position]
        if byte < 0x80:
            self.position += 1
            return byte
        value, self.position = decode_unsigned(self.data, self.position)
        return value

    def nullable_length(self) -> int:
        """Read the length of an array or of bytes; -1 is null."""
        length = self.unsigned() - 1
        if length > len(self.data) - self.position:
            msg = f"a length of {length} before byte {self.position} of {len(self.data)}"
            raise MalformedError(msg)
        return length

    def _nullable_string_length(self) -> int:
        return self.nullable_length()

    def tags(self) -> Sequence[tuple[int, LegacyReader]]:
        """Read the tagged fields that end a structure; the caller skips those it does not know (KIP-482)."""
        if self.data[self.position] == 0:
            self.position += 1
            return ()
        count = self.unsigned()
        if count > len(self.data) - self.position:
            msg = f"{count} tagged fields before byte {self.position} of {len(self.data)}"
            raise MalformedError(msg)
        fields = []
        for _ in range(count):
            tag = self.unsigned()
            fields.append((tag, FlexibleReader(self.take(self.unsigned()))))
        return fields
