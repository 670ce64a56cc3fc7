"""What bytes may make of themselves, asked before fastavro reads them, as it knows no bound: how deep, and how much out of nothing.

An array of nulls has no byte an item, so a few bytes say a billion of them. Each value within another takes from the stack of the
process, which is killed where that ends. Whether a schema has either is asked once; of one that has, the bytes are gone through
before. What is written is held to the same depth. And a count of -2**63, which has no absolute value in 64 bits, fastavro takes for none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import MalformedError, SerializationError
from producer.schemas.avro.types import Array, Fixed, Map, Primitive, Record, Union
from producer.serialization.formats.avro_shape import Shape
from producer.wire.varint import decode_zigzag

if TYPE_CHECKING:
    from producer.schemas.avro.avro_schema import AvroSchema
    from producer.schemas.avro.types import Type

DEPTH_MAX = 1_000
"""Values within values; what is deeper is refused."""
EMPTY_MAX = 100_000
"""Values without a byte of their own, in the bytes of one: nulls, and what consists of them. More are refused."""
VALUES_MAX = 1_000_000
"""Values in one whose schema has no end of levels: a few objects, each twice within the next, say a billion. More are not written."""
LONGEST = b"\xff" * 9
"""Where a count of -2**63 stands, these stand."""
SCALARS = frozenset({bool, int, float, str, bytes})
"""Classes of values that have nothing within."""
SIZES = {"boolean": 1, "float": 4, "double": 8}
"""Bytes of a primitive. An int and a long have as many as they need, bytes and a string say how many."""


class _Entry(NamedTuple):
    """One entry of a map: its key, then its value."""

    value: Type


class Bounds:
    """The question about the values of one schema."""

    def __init__(self, schema: AvroSchema) -> None:
        """Raises InvalidSchemaError for a schema no value of which ever ends."""
        self._type = schema.type
        self._definitions = schema.definitions
        self._shape = Shape(schema)
        self.is_deep = self._shape.levels_max is None or self._shape.levels_max > DEPTH_MAX
        """Whether a value may be too deep."""
        self._is_empty = self._shape.has_empty_items or self._shape.weight_max > EMPTY_MAX
        self.is_needed = self.is_deep or self._is_empty
        """Whether all bytes have to be asked."""
        self.has_counts = self._shape.has_counts
        """Whether those have to be that have LONGEST within."""

    def check_value(self, value: Any) -> None:
        """Raise SerializationError for a value that is too deep, as one is that has itself within, or too large."""
        left, seen = [(value, 0)], 0
        while left:
            seen += 1
            if seen > VALUES_MAX:
                raise SerializationError(f"it has more than {VALUES_MAX} values within", value=value)
            one, depth = left.pop()
            if depth > DEPTH_MAX:
                raise SerializationError(f"it has values within values, deeper than {DEPTH_MAX} levels", value=value)
            if one is None or one.__class__ in SCALARS:
                continue
            # Whatever fastavro goes into, not lists and dicts alone.
            if isinstance(one, Mapping):
                left += [(inner, depth + 1) for inner in one.values()]
            elif isinstance(one, Collection) and not isinstance(one, str | bytes | bytearray | memoryview):
                left += [(inner, depth + 1) for inner in one]

    def check_bytes(self, data: bytes, start: int) -> None:
        """Raise MalformedError for bytes that would become too much, and for bytes that end early."""
        if self._is_empty or LONGEST in data or (self.is_deep and len(data) * self._shape.levels_a_byte > DEPTH_MAX):
            self._go_through(data, start)

    def _go_through(self, data: bytes, at: int) -> None:
        empty = 0
        left: list[tuple[Type | _Entry, int, int]] = [(self._type, 0, 1)]
        """What is to come, the next one last: its type, its depth, how often."""
        while left:
            one, depth, times = left.pop()
            weight = 0 if isinstance(one, _Entry) else self._shape.weight(one)
            if weight:
                empty += weight * times
                if empty > EMPTY_MAX:
                    raise MalformedError(f"{empty} values without a byte, must be at most {EMPTY_MAX}")
                continue
            if depth > DEPTH_MAX:
                raise MalformedError(f"values within values, deeper than {DEPTH_MAX} levels")
            if times > 1:
                left.append((one, depth, times - 1))
            if isinstance(one, Array | Map):
                count, at = decode_zigzag(data, at, 64)
                if count < 0:
                    # Its size follows, for those who would pass it over.
                    count = -count
                    _, at = decode_zigzag(data, at, 64)
                if count:
                    left.append((one, depth, 1))
                    left.append((one.items if isinstance(one, Array) else _Entry(one.values), depth + 1, count))
            elif isinstance(one, _Entry):
                at = _after(data, at, "string")
                left.append((one.value, depth, 1))
            elif isinstance(one, Union):
                index, at = decode_zigzag(data, at, 64)
                if not 0 <= index < len(one.branches):
                    raise MalformedError(f"branch {index} of a union, which has {len(one.branches)}")
                left.append((one.branches[index], depth + 1, 1))
            elif isinstance(one, Primitive):
                at = _after(data, at, one.kind)
            else:
                defined = self._definitions[one.full_name]
                if isinstance(defined, Record):
                    left += [(field.type, depth + 1, 1) for field in reversed(defined.fields)]
                elif isinstance(defined, Fixed):
                    at += defined.size
                else:
                    _, at = decode_zigzag(data, at, 64)
            if at > len(data):
                raise MalformedError("they end early")


def _after(data: bytes, at: int, kind: str) -> int:
    """Give where the bytes of a primitive end."""
    if kind in SIZES:
        return at + SIZES[kind]
    number, at = decode_zigzag(data, at, 64)
    if kind in {"int", "long"}:
        return at
    if number < 0:
        raise MalformedError(f"{kind} of {number} bytes")
    return at + number
