"""Avro's bytes and values that would take all memory, all time or the whole stack: refused, by what they are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError
from producer.schemas.schema import InvalidSchemaError, Schema, SchemaType
from producer.serialization.formats.avro_bounds import DEPTH_MAX, EMPTY_MAX
from producer.serialization.formats.codec import Codec, codec
from producer.wire.varint import encode_zigzag

NOTHING: dict[str, Any] = {"type": "record", "name": "Nothing", "fields": [{"name": "a", "type": "null"}]}
NODE: dict[str, Any] = {
    "type": "record", "name": "Node", "fields": [
        {"name": "id", "type": "int"}, {"name": "next", "type": ["null", "Node"], "default": None}],
}  # fmt: skip
TREE: dict[str, Any] = {
    "type": "record", "name": "Tree", "fields": [{"name": "inner", "type": {"type": "array", "items": "Tree"}}],
}  # fmt: skip
OF_MAPS: dict[str, Any] = {
    "type": "record", "name": "Maps", "fields": [{"name": "inner", "type": {"type": "map", "values": "Maps"}}],
}  # fmt: skip
MANY = encode_zigzag(2**40)


def of(schema: Any) -> Codec:
    return codec(Schema(SchemaType.AVRO, json.dumps(schema)), {})


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


@pytest.mark.parametrize(
    "schema, data",
    [
        (array("null"), MANY + b"\0"),
        (array("null"), encode_zigzag(-(2**40)) + b"\0\0"),
        (array("null"), (encode_zigzag(EMPTY_MAX // 2) + b"") * 3 + b"\0"),
        (array(NOTHING), MANY + b"\0"),
        (array({"type": "record", "name": "Empty", "fields": []}), MANY + b"\0"),
        (array({"type": "fixed", "name": "None", "size": 0}), MANY + b"\0"),
        (array({**NOTHING, "fields": [{"name": "a", "type": NOTHING}], "name": "Outer"}), MANY + b"\0"),
        ({"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", array("null")]}]}, b"\2" + MANY + b"\0"),
        ({"type": "map", "values": array("null")}, b"\2\2a" + MANY + b"\0\0"),
    ],
    ids=str,
)  # fmt: skip
def test_items_without_a_byte_are_counted_before_they_are_made(schema: Any, data: bytes) -> None:
    with pytest.raises(SerializationError, match=f"values without a byte, must be at most {EMPTY_MAX}"):
        of(schema).decode(data, None)


def test_as_many_as_are_allowed_are_read_and_written() -> None:
    nulls = of(array("null"))

    assert nulls.decode(nulls.encoder(b"")([None] * EMPTY_MAX), None) == [None] * EMPTY_MAX


def doubled(times: int) -> Any:
    """A record without a byte that consists of 2 ** times others, one within another."""
    schema: Any = NOTHING
    for number in range(times):
        inner = [{"name": "a", "type": schema}, {"name": "b", "type": "Nothing" if number == 0 else f"R{number - 1}"}]
        schema = {"type": "record", "name": f"R{number}", "fields": inner}
    return schema


def test_nothing_at_all_may_stand_for_too_much() -> None:
    with pytest.raises(SerializationError, match="values without a byte"):
        of(doubled(60)).decode(b"", None)
    assert of(doubled(2)).decode(b"", None) == {
        "a": {"a": {"a": None}, "b": {"a": None}},
        "b": {"a": {"a": None}, "b": {"a": None}},
    }


@pytest.mark.parametrize(
    "schema, level, end", [(NODE, b"\2\2", b"\2\0"), (TREE, b"\2", b""), (OF_MAPS, b"\2\2k", b"")], ids=["list", "tree", "map"]
)  # fmt: skip
@pytest.mark.parametrize("levels", [DEPTH_MAX, 10_000, 500_000])
def test_values_within_values_are_counted_before_the_stack_ends(
    schema: Any, level: bytes, end: bytes, levels: int
) -> None:
    with pytest.raises(SerializationError, match=f"values within values, deeper than {DEPTH_MAX} levels"):
        of(schema).decode(level * levels + end, None)


def test_what_is_not_too_deep_comes_back() -> None:
    value: dict[str, Any] = {"id": 0, "next": None}
    for number in range(300):
        value = {"id": number, "next": value}
    nodes = of(NODE)

    assert nodes.decode(nodes.encoder(b"")(value), None) == value


def test_a_value_that_has_itself_within_is_refused() -> None:
    value: dict[str, Any] = {"id": 1}
    value["next"] = value
    many: dict[str, Any] = {"inner": []}
    many["inner"] += [many, many]

    for schema, one in ((NODE, value), (TREE, many)):
        with pytest.raises(SerializationError, match="values within values, deeper than"):
            of(schema).encoder(b"")(one)


def test_a_record_that_never_ends_is_no_schema_to_write_by() -> None:
    inner = {"type": "record", "name": "B", "fields": [{"name": "a", "type": "A"}]}

    for fields in ([{"name": "a", "type": "A"}], [{"name": "b", "type": inner}]):
        with pytest.raises(InvalidSchemaError, match="has itself as a field, so no value of it ends"):
            of({"type": "record", "name": "A", "fields": fields})


@pytest.mark.parametrize("kind", ["bytes", "string"])
@pytest.mark.parametrize("size", [2**40, 2**62, -1, -(2**63)])
def test_a_length_that_the_bytes_do_not_have_is_refused(kind: str, size: int) -> None:
    with pytest.raises(SerializationError, match=f"are no {kind}"):
        of(kind).decode(encode_zigzag(size) + b"abc", None)


@pytest.mark.parametrize("count", [2**40, -(2**40), -(2**63), 2**63 - 1])
@pytest.mark.parametrize("schema", [array("int"), {"type": "map", "values": "null"}, array(array("int"))], ids=str)
def test_a_count_that_the_bytes_do_not_have_is_refused(schema: Any, count: int) -> None:
    with pytest.raises(SerializationError, match="bytes are no"):
        of(schema).decode(encode_zigzag(count) + b"\2\2\2", None)


ASKED = [NODE, TREE, OF_MAPS, array("null"), array(NOTHING), [array("null"), "int", "string", NODE]]


@given(st.sampled_from(ASKED), st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(schema: Any, data: bytes) -> None:
    made = of(schema)
    try:
        value = made.decode(data, None)
    except SerializationError:
        return
    assert made.decode(made.encoder(b"")(value), None) == value
