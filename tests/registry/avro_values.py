"""Values of an Avro schema that leave nothing out: each branch of each union, each symbol of each enum, in one of them."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from producer.schemas.avro.avro_schema import AvroSchema
from producer.schemas.avro.types import Array, Definitions, Enum, Fixed, Map, Primitive, Record, Type, Union

PRIMITIVES: dict[str, list[Any]] = {
    "null": [None],
    "boolean": [True],
    "int": [7, 2**20],
    "long": [7, 2**40],
    "float": [1.5],
    "double": [1.5],
    "bytes": [b"abc"],
    "string": ["00000000-0000-0000-0000-00000000000a"],
}
DEPTH_MAX = 4


def values(schema: AvroSchema) -> list[Any]:
    """Give them; a branch is named, as fastavro wants it where a value fits two."""
    return list(_of(schema.type, schema.definitions, DEPTH_MAX))


def _of(one: Type, definitions: Definitions, depth: int) -> Iterator[Any]:
    if isinstance(one, Primitive):
        yield from PRIMITIVES[one.kind]
    elif isinstance(one, Array):
        yield []
        yield from ([item] for item in _of(one.items, definitions, depth))
    elif isinstance(one, Map):
        yield from ({"k": item} for item in _of(one.values, definitions, depth))
    elif isinstance(one, Union):
        for branch in one.branches:
            if depth > 0 or branch == Primitive("null"):
                yield from _of(branch, definitions, depth - 1)
    else:
        defined = definitions[one.full_name]
        if isinstance(defined, Enum):
            yield from defined.symbols
        elif isinstance(defined, Fixed):
            yield b"x" * defined.size
        else:
            yield from _records(defined, definitions, depth)


def _records(record: Record, definitions: Definitions, depth: int) -> Iterator[dict[str, Any]]:
    columns = [list(_of(field.type, definitions, depth)) for field in record.fields]
    if not all(columns):
        return
    for row in zip_longest(*columns) if columns else [()]:
        chosen = [columns[at][-1] if value is None and len(columns[at]) < 2 else value for at, value in enumerate(row)]
        yield {
            field.name: _filled(value, column)
            for field, value, column in zip(record.fields, chosen, columns, strict=True)
        }


def _filled(value: Any, column: list[Any]) -> Any:
    return value if value is not None or None in column else column[0]
