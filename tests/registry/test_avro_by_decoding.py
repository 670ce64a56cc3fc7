"""What a level promises of Avro is what fastavro does: it reads with the one schema what was written with the other."""

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.schemas.avro.avro_schema import AvroSchema, parse_avro
from producer.schemas.compatibility import incompatibilities
from producer.schemas.schema import Schema, SchemaType
from tests.registry.avro_values import values
from tests.registry.cases import Case, cases


def read_by(reader: AvroSchema, writer: AvroSchema, value: Any) -> Any:
    """Write a value with one schema, and read it with the other. Raises whatever fastavro does."""
    written = io.BytesIO()
    fastavro.schemaless_writer(written, writer.parsed, value)
    return fastavro.schemaless_reader(io.BytesIO(written.getvalue()), writer.parsed, reader.parsed)


def unreadable(reader: AvroSchema, writer: AvroSchema) -> list[tuple[Any, Exception]]:
    """Give the values of `writer` that `reader` cannot read."""
    found: list[tuple[Any, Exception]] = []
    for value in values(writer):
        try:
            read_by(reader, writer, value)
        except Exception as error:  # noqa: BLE001 - each is a value that could not be read
            found.append((value, error))
    return found


@pytest.mark.parametrize("case", cases("avro"), ids=lambda case: case.name)
def test_each_verdict_of_the_table_is_what_happens_to_values(case: Case) -> None:
    old, new = case.parsed()
    assert isinstance(old, AvroSchema)
    assert isinstance(new, AvroSchema)

    assert (unreadable(new, old) == []) == case.backward
    assert (unreadable(old, new) == []) == case.forward


PLAIN = st.sampled_from(["null", "boolean", "int", "long", "float", "double", "string"])
NAMES = st.sampled_from(["a", "b", "c", "d"])
SYMBOLS = st.lists(st.sampled_from(["W", "X", "Y", "Z"]), min_size=1, unique=True)
DEFAULTS: dict[str, Any] = {
    "null": None,
    "boolean": False,
    "int": 0,
    "long": 0,
    "float": 0.5,
    "double": 0.5,
    "string": "",
    "array": [],
    "map": {},
}


@st.composite
def types(draw: st.DrawFn, depth: int = 2) -> Any:
    kinds = ["plain", "plain", "union", "enum", "fixed", *(["array", "map", "record"] if depth else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "plain":
        return draw(PLAIN)
    if kind == "union":
        return draw(st.lists(PLAIN, min_size=1, max_size=3, unique=True))
    if kind == "array":
        return {"type": "array", "items": draw(types(depth - 1))}
    if kind == "map":
        return {"type": "map", "values": draw(types(depth - 1))}
    if kind == "enum":
        symbols = draw(SYMBOLS)
        return {"type": "enum", "symbols": symbols} | ({"default": symbols[0]} if draw(st.booleans()) else {})
    if kind == "fixed":
        return {"type": "fixed", "size": draw(st.integers(1, 2))}
    return draw(records(depth - 1))


@st.composite
def records(draw: st.DrawFn, depth: int = 2) -> Any:
    fields = []
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        of = draw(types(depth))
        field: dict[str, Any] = {"name": name, "type": of}
        kind = of if isinstance(of, str) else "union" if isinstance(of, list) else of["type"]
        if draw(st.booleans()) and (kind in DEFAULTS or kind == "union"):
            field["default"] = DEFAULTS[of[0] if kind == "union" else kind]
        fields.append(field)
    return {"type": "record", "fields": fields}


def named(of: Any, path: str = "R") -> Any:
    """Give each record, enum and fixed a name by its place, so that the same places can be compared."""
    if isinstance(of, list):
        return [named(one, path) for one in of]
    if not isinstance(of, dict):
        return of
    if of["type"] == "record":
        fields = [one | {"type": named(one["type"], f"{path}_{one['name']}")} for one in of["fields"]]
        return of | {"name": path, "fields": fields}
    if of["type"] in {"enum", "fixed"}:
        return of | {"name": f"{path}_{of['type']}"}
    inner = "items" if of["type"] == "array" else "values"
    return of | {inner: named(of[inner], path)}


def evolved(draw: st.DrawFn, of: Any) -> Any:
    """Change a record in up to three places: fields come, go, take defaults, and change their types."""
    record = json.loads(json.dumps(of))
    for _ in range(draw(st.integers(0, 3))):
        fields = record["fields"]
        change = draw(st.sampled_from(["add", "remove", "retype", "default", "nest"]))
        if change == "add":
            known = {one["name"] for one in fields}
            fields += [one for one in draw(records(1))["fields"] if one["name"] not in known]
        elif fields:
            field = draw(st.sampled_from(fields))
            if change == "remove":
                fields.remove(field)
            elif change == "retype":
                field["type"] = draw(types(1))
                field.pop("default", None)
            elif change == "default":
                field.pop("default", None)
            elif isinstance(field["type"], dict) and field["type"]["type"] == "record":
                field["type"] = evolved(draw, field["type"])
                field.pop("default", None)
    return record


@st.composite
def pairs(draw: st.DrawFn) -> tuple[AvroSchema, AvroSchema]:
    one = draw(records())
    return avro(named(one)), avro(named(evolved(draw, one)))


def avro(value: Any) -> AvroSchema:
    return parse_avro(Schema(SchemaType.AVRO, json.dumps(value)), {})


@given(pairs())
def test_a_drawn_evolution_can_be_read_exactly_where_nothing_is_said_against_it(
    pair: tuple[AvroSchema, AvroSchema],
) -> None:
    for reader, writer in (pair, pair[::-1]):
        reasons, failed = incompatibilities(reader, writer), unreadable(reader, writer)

        assert bool(reasons) == bool(failed), (reasons, failed)
