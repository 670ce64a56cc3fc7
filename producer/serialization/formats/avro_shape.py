"""What follows from an Avro schema for every value of it: how deep one may be, and what has no byte."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from producer.schemas.avro.types import Array, Fixed, Map, Named, Primitive, Record, Union
from producer.schemas.schema import InvalidSchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from producer.schemas.avro.avro_schema import AvroSchema
    from producer.schemas.avro.types import Definition, Type


class Shape:
    """The shape of one schema's values."""

    def __init__(self, schema: AvroSchema) -> None:
        """Raises InvalidSchemaError for a schema no value of which ever ends."""
        definitions = schema.definitions
        types = [schema.type, *(one for defined in definitions.values() for one in _fields(defined))]
        self._weights: dict[str, int] = {}
        self.levels_a_byte = 1
        """Levels that one byte may lead down, at most: records that begin with records are read without a byte."""
        chains: dict[str, int] = {}
        for name in _direct_order(definitions):
            fields = _fields(definitions[name])
            inner = [chains[one.full_name] for one in fields if isinstance(one, Named)]
            chains[name] = 1 + max(inner, default=0)
            self._weights[name] = self._weight_of(definitions[name])
        self.levels_a_byte += max(chains.values(), default=0)
        self.weight_max = max(self._weights.values(), default=0)
        """Of how many values what has no byte may consist."""
        self.has_counts = any(isinstance(one, Array | Map) for each in types for one in _within(each))
        """Whether there are arrays or maps."""
        self.has_empty_items = any(
            self.weight(one.items) for each in types for one in _within(each) if isinstance(one, Array)
        )
        """Whether there are arrays of what has no byte."""
        self.levels_max = _levels(schema.type, definitions)
        """Values within values, at most; None for no end of them."""

    def weight(self, one: Type) -> int:
        """Of how many values one of this type consists, with itself, if none of them has a byte; else 0."""
        if isinstance(one, Primitive):
            return int(one.kind == "null")
        return self._weights[one.full_name] if isinstance(one, Named) else 0

    def _weight_of(self, defined: Definition) -> int:
        if isinstance(defined, Fixed):
            return int(defined.size == 0)
        if not isinstance(defined, Record):
            return 0
        weights = [self.weight(field.type) for field in defined.fields]
        return 1 + sum(weights) if all(weights) else 0


def _fields(defined: Definition) -> Sequence[Type]:
    return [field.type for field in defined.fields] if isinstance(defined, Record) else []


def _within(one: Type) -> Iterator[Type]:
    """Give a type and those that are written within it; what has a name is not looked into."""
    left = [one]
    while left:
        one = left.pop()
        yield one
        if isinstance(one, Array):
            left.append(one.items)
        elif isinstance(one, Map):
            left.append(one.values)
        elif isinstance(one, Union):
            left += one.branches


def _direct_order(definitions: Mapping[str, Definition]) -> list[str]:
    """Order names so that a record comes behind those of its fields that are records themselves."""
    within = {
        name: [one.full_name for one in _fields(defined) if isinstance(one, Named)]
        for name, defined in definitions.items()
    }
    try:
        return list(TopologicalSorter(within).static_order())
    except CycleError as error:
        raise InvalidSchemaError(
            f"{error.args[1][0]}: a record has itself as a field, so no value of it ends"
        ) from error


def _levels(root: Type, definitions: Mapping[str, Definition]) -> int | None:
    """Count the levels of the deepest value; None where a type has itself within."""
    within = {
        name: [one.full_name for each in _fields(defined) for one in _within(each) if isinstance(one, Named)]
        for name, defined in definitions.items()
    }
    levels: dict[str, int] = {}
    try:
        for name in TopologicalSorter(within).static_order():
            levels[name] = max((1 + _levels_of(one, levels) for one in _fields(definitions[name])), default=0)
    except CycleError:
        return None
    return _levels_of(root, levels)


def _levels_of(one: Type, levels: dict[str, int]) -> int:
    if isinstance(one, Named):
        return levels[one.full_name]
    if isinstance(one, Primitive):
        return 0
    inner = one.branches if isinstance(one, Union) else [one.items if isinstance(one, Array) else one.values]
    return 1 + max((_levels_of(each, levels) for each in inner), default=0)
