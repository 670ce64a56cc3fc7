"""How a message is declared: a NamedTuple whose annotations say what each field is on the wire, and since when.

    class Coordinator(NamedTuple):
        key: String = ""
        node_id: Int32 = 0

    class FindCoordinatorResponse(NamedTuple):
        throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
        error_code: Annotated[Int16, until(3)] = 0
        coordinators: Annotated[tuple[Coordinator, ...], since(4)] = ()

The type is the wire form: `Int32` is an int that takes four bytes, `String | None` a string that may be null,
`tuple[X, ...]` an array, another NamedTuple a structure. Lengths are compact in flexible versions by themselves
(KIP-482). Fields stand in the order of the wire, each with the default that a version without the field implies.
"""

from __future__ import annotations

from typing import Annotated

# Plain classes: nine dataclasses would double what it takes to import the producer's share of `wire`.


class Fixed:
    """A value of a fixed size."""

    __match_args__ = ("code",)
    __slots__ = ("code",)

    def __init__(self, code: str) -> None:
        """`code` is its letter in a format of `struct`."""
        self.code = code


class Text:
    """A length and UTF-8."""

    __slots__ = ()


class Blob:
    """A length and bytes."""

    __slots__ = ()


Boolean = Annotated[bool, Fixed("?")]
Int8 = Annotated[int, Fixed("b")]
Int16 = Annotated[int, Fixed("h")]
Uint16 = Annotated[int, Fixed("H")]
Int32 = Annotated[int, Fixed("i")]
Int64 = Annotated[int, Fixed("q")]
Float64 = Annotated[float, Fixed("d")]
Uuid = Annotated[bytes, Fixed("16s")]
"""16 raw bytes; `ZERO_ID` stands for none."""
String = Annotated[str, Text()]
Bytes = Annotated[bytes, Blob()]
Records = Annotated[bytes, Blob()]
"""Whole record batches; on the wire the same as `Bytes`."""

ZERO_ID = bytes(16)
"""The id that stands for "none"."""

NUMBERS = "bhHiq"
"""The letters of whole numbers: an array of them is read and written in one go."""

LAST = 1 << 15
"""Above every version."""


class Versions:
    """The versions that have the field, both ends included."""

    __slots__ = ("first", "last")

    def __init__(self, first: int = 0, last: int = LAST) -> None:
        self.first = first
        self.last = last

    def __contains__(self, version: int) -> bool:
        """Whether `version` has it."""
        return self.first <= version <= self.last


class NullableSince:
    """From which version on null may be sent; before it the field's type says more than the wire can."""

    __slots__ = ("version",)

    def __init__(self, version: int) -> None:
        self.version = version


class Tag:
    """The field's number among the tagged ones: sent only where it differs from the default."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Ignorable:
    """See IGNORABLE."""

    __slots__ = ()


def since(version: int) -> Versions:
    """Give the mark of a field that came with `version`."""
    return Versions(first=version)


def until(version: int) -> Versions:
    """Give the mark of a field that `version` is the last to have."""
    return Versions(last=version)


def versions(first: int, last: int) -> Versions:
    """Give the mark of a field that came and went."""
    return Versions(first, last)


nullable_since = NullableSince
tag = Tag
IGNORABLE = Ignorable()
"""A version without the field drops the value. Without this mark, a value other than the default is refused there."""
