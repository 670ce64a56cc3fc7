"""One record by its Avro schema, as a producer with a cached schema writes and a consumer reads it; fastavro alone for comparison.

µs a record are the processor seconds a million. Beside fastavro's bytes ours have the id before them, a value that does not fit is
found, and fastavro's own silent conversions are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.case import Case, Measured, Skip, stopwatch

RECORDS = 200_000
WARM_UP = 1_000

FLAT: dict[str, Any] = {
    "type": "record", "name": "Order", "fields": [
        {"name": "id", "type": "long"}, {"name": "who", "type": "string"}, {"name": "total", "type": "double"},
        {"name": "count", "type": "int"}, {"name": "paid", "type": "boolean"},
    ],
}  # fmt: skip
NESTED: dict[str, Any] = {
    "type": "record", "name": "Basket", "fields": [
        {"name": "id", "type": "long"}, {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
            {"name": "what", "type": "string"}, {"name": "pieces", "type": "int"}, {"name": "price", "type": "double"}]}}},
    ],
}  # fmt: skip
ORDER = {"id": 77, "who": "somebody", "total": 12.5, "count": 3, "paid": True}
BASKET = {"id": 77, "note": None, "lines": [{"what": "pen", "pieces": 3, "price": 1.5}] * 5}
FLAT_ORDER, NESTED_BASKET = (FLAT, ORDER), (NESTED, BASKET)


def measured(call: Callable[[], object]) -> Measured:
    for _ in range(WARM_UP):
        call()
    with stopwatch() as watch:
        for _ in range(RECORDS):
            call()
    return watch.measured(RECORDS)


def ours(schema: Any, value: Any, *, reads: bool) -> Measured:
    try:
        import fastavro  # noqa: F401 - whether it is there
    except ImportError as error:
        raise Skip("pip install 'acklab[schemas]'") from error
    from producer.schemas.schema import Schema, SchemaType
    from producer.serialization.schema_deserializer import SchemaDeserializer
    from producer.serialization.schema_serializer import SchemaSerializer
    from tests.unit.producer.serialization.small_registry import SmallRegistry

    registry = SmallRegistry()
    serializer = SchemaSerializer(Schema(SchemaType.AVRO, json.dumps(schema)))
    deserializer = SchemaDeserializer()
    data = registry.known(lambda: serializer.serialize("orders", [], value))
    assert registry.known(lambda: deserializer.deserialize("orders", [], data)) == value
    if reads:
        return measured(lambda: deserializer.deserialize("orders", [], data))
    return measured(lambda: serializer.serialize("orders", [], value))


def alone(schema: Any, value: Any, *, reads: bool) -> Measured:
    try:
        import fastavro
    except ImportError as error:
        raise Skip("pip install 'acklab[schemas]'") from error

    parsed: Any = fastavro.parse_schema(schema)

    def write() -> bytes:
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, parsed, value)
        return buffer.getvalue()

    data = write()
    return measured(lambda: fastavro.schemaless_reader(io.BytesIO(data), parsed, None)) if reads else measured(write)


CASES = (
    Case("flat record, write, fastavro", "records", partial(alone, *FLAT_ORDER, reads=False), reference=True),
    Case("flat record, write", "records", partial(ours, *FLAT_ORDER, reads=False)),
    Case("flat record, read, fastavro", "records", partial(alone, *FLAT_ORDER, reads=True)),
    Case("flat record, read", "records", partial(ours, *FLAT_ORDER, reads=True)),
    Case("five lines, write, fastavro", "records", partial(alone, *NESTED_BASKET, reads=False)),
    Case("five lines, write", "records", partial(ours, *NESTED_BASKET, reads=False)),
    Case("five lines, read, fastavro", "records", partial(alone, *NESTED_BASKET, reads=True)),
    Case("five lines, read", "records", partial(ours, *NESTED_BASKET, reads=True)),
)
