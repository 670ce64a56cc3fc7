"""What compiled source calls: caches of what repeats, the rare long lengths, and the errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct, calcsize, error, unpack_from
from typing import Any, NoReturn

from producer.errors import MalformedError, UsageError
from producer.wire.varint import encode_unsigned

_CACHED_MAX = 4_096
"""Topics, hosts, groups and replica lists repeat in every message. A full cache starts anew."""
_CACHED_BYTES_MAX = 128
_CACHED_ELEMENTS_MAX = 16
_STRING_BYTES_MAX = 0x7FFF
"""Kafka's limit for a string, in either layout."""

UNREADABLE = (error, IndexError, MalformedError)
"""What reading too few bytes, or nonsense, raises inside compiled source."""
UNWRITABLE = (error, ValueError, TypeError, AttributeError)
"""What a value that is not of the declared type raises inside compiled source."""


def encode_tags(fields: Sequence[tuple[int, bytes]]) -> bytes:
    """Write the tagged fields that end a flexible structure: (tag, content), tags ascending (KIP-482)."""
    parts = [encode_unsigned(len(fields))]
    for tag, content in fields:
        parts += (encode_unsigned(tag), encode_unsigned(len(content)), content)
    return b"".join(parts)


_INT16 = Struct(">h")
_INT32 = Struct(">i")
_THREE_BYTES = Struct("BBB")


# -- writing -----------------------------------------------------------------------------------------------------------


class Lengths(dict[int, bytes]):
    """`lengths[n]`: the compact length of n elements or bytes; -1 is null."""

    def __missing__(self, count: int) -> bytes:
        size = count + 1
        if 1 << 14 <= size < 1 << 21:
            # A batch of records nearly always has such a length: written without a loop.
            length = _THREE_BYTES.pack(size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14)
        else:
            length = encode_unsigned(size)
        if len(self) >= _CACHED_MAX:
            self.clear()
        self[count] = length
        return length


class Strings(dict[Any, bytes]):
    """`strings[text]`: length and UTF-8."""

    def __init__(self, *, is_compact: bool, null: bytes | None = None) -> None:
        """Know null as well where `null` says how it is written."""
        self._is_compact = is_compact
        self._null = null

    def __missing__(self, text: str | None) -> bytes:
        if text is None:
            if self._null is None:
                raise TypeError("null where a string must be")
            self[None] = self._null
            return self._null
        content = text.encode()
        if len(content) > _STRING_BYTES_MAX:
            raise ValueError(f"a string of {len(content)} bytes, {_STRING_BYTES_MAX} are allowed")
        length = encode_unsigned(len(content) + 1) if self._is_compact else _INT16.pack(len(content))
        whole = length + content
        if len(whole) <= _CACHED_BYTES_MAX:
            if len(self) >= _CACHED_MAX:
                self.clear()
            self[text] = whole
        return whole


class Arrays(dict[Any, bytes]):
    """`arrays[numbers]`: length and numbers of a fixed size."""

    def __init__(self, code: str, *, is_compact: bool) -> None:
        """`code` is the letter of `struct` for one number."""
        self._code = code
        self._is_compact = is_compact

    def __missing__(self, numbers: tuple[Any, ...]) -> bytes:
        length = encode_unsigned(len(numbers) + 1) if self._is_compact else _INT32.pack(len(numbers))
        whole = length + Struct(f">{len(numbers)}{self._code}").pack(*numbers)
        if len(numbers) <= _CACHED_ELEMENTS_MAX:
            if len(self) >= _CACHED_MAX:
                self.clear()
            self[numbers] = whole
        return whole


LENGTHS = Lengths()

STRINGS = {
    "string": Strings(is_compact=False),
    "string_or_null": Strings(is_compact=False, null=b"\xff\xff"),
    "compact_string": Strings(is_compact=True),
    "compact_string_or_null": Strings(is_compact=True, null=b"\x00"),
}
ARRAYS: dict[str, Arrays] = {}
"""By the name that compiled source calls them."""


def refuse(message: str, field: str, value: Any) -> NoReturn:
    """Raise UsageError: the version has no field for what the value says."""
    raise UsageError(f"{message} has no way to say {field}={value!r}")


def unwritable(message: str, cause: Exception) -> UsageError:
    """Give the error for a value that is not of the declared type, or out of its range."""
    return UsageError(f"{message} cannot carry the value: {cause}")


# -- reading -----------------------------------------------------------------------------------------------------------


class Texts(dict[bytes, str]):
    """`texts[content]`: the string of these bytes. As in Kafka, what is no UTF-8 becomes U+FFFD and no error."""

    def __missing__(self, content: bytes) -> str:
        text = content.decode(errors="replace")
        if len(content) <= _CACHED_BYTES_MAX:
            if len(self) >= _CACHED_MAX:
                self.clear()
            self[content] = text
        return text


TEXTS = Texts()


class Unpackers(list[Callable[[bytes, int], tuple[Any, ...]]]):
    """`unpackers[n]`: reads n numbers at a position; the first `len(unpackers)` counts are ready."""

    def __init__(self, code: str) -> None:
        """`code` is the letter of `struct` for one number."""
        self.code = code
        super().__init__(Struct(f">{count}{code}").unpack_from for count in range(_CACHED_ELEMENTS_MAX + 1))


UNPACKERS: dict[str, Unpackers] = {}
"""By the name that compiled source calls them."""


def unsigned(data: bytes, at: int, first: int) -> tuple[int, int]:
    """Finish a varint whose `first` byte stands before `at`; give its value and where it ends.

    The value is an int of 32 bits as Java has them: what has more bits loses them, half of the rest are negative.
    """
    value = first & 0x7F
    shift = 7
    while first > 0x7F:
        if shift > 28:
            raise MalformedError(f"the varint before byte {at} has more than five bytes")
        first = data[at]
        at += 1
        value |= (first & 0x7F) << shift
        shift += 7
    value &= 0xFFFFFFFF
    return (value - (1 << 32) if value >> 31 else value), at


def compact_length(data: bytes, at: int, first: int) -> tuple[int, int]:
    """Finish the compact length of an array or of bytes: one more than the length, 0 for null, and where it ends."""
    value, at = unsigned(data, at, first)
    if value - 1 > len(data) - at:
        # Each element takes a byte at least, so this also bounds what a lying length can cost.
        raise MalformedError(f"a length of {value - 1} before byte {at} of {len(data)}")
    return max(value, 0), at


def compact_length_not_null(data: bytes, at: int, first: int) -> tuple[int, int]:
    """The same where null is not allowed."""
    value, at = compact_length(data, at, first)
    if not value:
        raise null_at(at)
    return value, at


def compact_string_length(data: bytes, at: int, first: int) -> tuple[int, int]:
    """Finish the compact length of a string."""
    value, at = compact_length(data, at, first)
    if value > _STRING_BYTES_MAX + 1:
        raise MalformedError(f"a string of {value - 1} bytes before byte {at}, {_STRING_BYTES_MAX} are allowed")
    return value, at


def compact_string_length_not_null(data: bytes, at: int, first: int) -> tuple[int, int]:
    """The same where null is not allowed."""
    value, at = compact_string_length(data, at, first)
    if not value:
        raise null_at(at)
    return value, at


def impossible(data: bytes, at: int, length: int) -> MalformedError:
    """Give the error for a length of four bytes that is null where it must not, or lies."""
    if length < 0:
        return null_at(at)
    return MalformedError(f"a length of {length} before byte {at} of {len(data)}")


def null_at(at: int) -> MalformedError:
    """Give the error for null where it must not stand."""
    return MalformedError(f"null before byte {at}, where null is not allowed")


def array(data: bytes, at: int, count: int, code: str) -> tuple[tuple[Any, ...], int]:
    """Read `count` numbers of a fixed size; give them and where they end."""
    if count < 0:
        raise null_at(at)
    size = calcsize(f">{code}") * count
    if size > len(data) - at:
        raise MalformedError(f"a length of {count} before byte {at} of {len(data)}")
    return unpack_from(f">{count}{code}", data, at), at + size


def array_or_null(data: bytes, at: int, count: int, code: str) -> tuple[tuple[Any, ...] | None, int]:
    """The same where null is allowed."""
    return (None, at) if count < 0 else array(data, at, count, code)


def compact_array(data: bytes, at: int, first: int, code: str) -> tuple[tuple[Any, ...], int]:
    """The same behind the first byte of a compact length."""
    value, at = compact_length_not_null(data, at, first)
    return array(data, at, value - 1, code)


def compact_array_or_null(data: bytes, at: int, first: int, code: str) -> tuple[tuple[Any, ...] | None, int]:
    """The same where null is allowed."""
    value, at = compact_length(data, at, first)
    return array_or_null(data, at, value - 1, code)


def tagged(data: bytes, at: int) -> tuple[int, int, int]:
    """Read what stands before a tagged field: its tag, its size, and where it begins."""
    first = data[at]
    tag, at = (first, at + 1) if first < 0x80 else unsigned(data, at + 1, first)
    first = data[at]
    size, at = (first, at + 1) if first < 0x80 else unsigned(data, at + 1, first)
    return tag, size, at


def skip(data: bytes, at: int, tag: int, size: int, known: tuple[int, ...] = ()) -> int:
    """Give where an unknown tagged field ends. A tag that only other versions know is refused, as Kafka does."""
    if tag in known:
        raise MalformedError(f"tag {tag} before byte {at} does not belong into this version")
    if not 0 <= size <= len(data) - at:
        raise MalformedError(f"a tagged field of {size} bytes at byte {at} of {len(data)}")
    return at + size


def skip_all(data: bytes, at: int, first: int, known: tuple[int, ...] = ()) -> int:
    """Skip all the tagged fields of a structure that knows none in this version; give where they end."""
    count, at = (first, at) if first < 0x80 else unsigned(data, at, first)
    for _ in range(count):
        tag, size, at = tagged(data, at)
        at = skip(data, at, tag, size, known)
    return at


def malformed(message: str, data: bytes, at: int, cause: Exception) -> MalformedError:
    """Give the error for bytes that do not hold the message."""
    return MalformedError(f"{message} in {len(data)} bytes, at byte {at}: {cause}")


def cut_off(message: str, data: bytes, at: int) -> MalformedError:
    """Give the error for bytes that end before the message does."""
    return MalformedError(f"{message} in {len(data)} bytes is cut off: its lengths lead to byte {at}")
