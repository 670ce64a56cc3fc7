"""Avro's bytes and values that would take all memory, all time or the whole stack: refused, by what they are."""

import json
from collections import UserDict, deque
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError
from producer.schemas.schema import InvalidSchemaError, Schema, SchemaType
from producer.serialization.formats.avro_bounds import DEPTH_MAX, EMPTY_MAX, VALUES_MAX
from producer.serialization.formats.avro_fit import misfit
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


def of_parsed(schema: Any) -> Any:
    return fastavro.parse_schema(schema)


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

    odd: dict[str, Any] = {"inner": deque()}
    odd["inner"].append(odd)

    for schema, one in ((NODE, value), (TREE, many), (TREE, odd)):
        with pytest.raises(SerializationError, match="values within values, deeper than"):
            of(schema).encoder(b"")(one)


def test_a_value_of_few_objects_may_stand_for_too_many() -> None:
    tree: dict[str, Any] = {"inner": []}
    for _ in range(60):
        tree = {"inner": [tree, tree]}

    with pytest.raises(SerializationError, match=f"it has more than {VALUES_MAX} values within"):
        of(TREE).encoder(b"")(tree)


@pytest.mark.parametrize("kind", [dict, UserDict])
def test_what_goes_round_in_two_circles_is_refused_in_bounded_time(kind: Any) -> None:
    either = ["null", "Either", {"type": "record", "name": "Other", "fields": [
        {"name": "a", "type": "Either"}, {"name": "b", "type": ["null", "Either", "Other"]}]}]  # fmt: skip
    schema = {"type": "record", "name": "Either", "fields": [
        {"name": "a", "type": either}, {"name": "b", "type": [*either[:2], "Other"]}]}  # fmt: skip
    value = kind()
    value["a"] = value["b"] = value

    with pytest.raises(SerializationError):
        of(schema).encoder(b"")(value)


def test_a_misfit_beside_two_circles_is_named() -> None:
    value: dict[str, Any] = {"inner": []}
    value["inner"] += [value, value, {"outer": []}]

    found = misfit(value, of_parsed(TREE))

    assert found is not None
    assert found.field == "inner[2].outer"
    value["inner"].pop()
    assert misfit(value, of_parsed(TREE)) is None


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


STATE = {"type": "enum", "name": "State", "symbols": ["OPEN", "PAID"]}
NULLABLE = ["null", "int"]


def fields(*types: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": f"f{at}", "type": one} for at, one in enumerate(types)]}


WITHIN: list[tuple[Any, bytes, bytes]] = [
    (None, b"", b""),
    ("array", b"\2", b"\0"),
    ("map", b"\2\2k", b"\0"),
    ("record", b"\6", b"\2"),
    ("union", b"\2\2", b"\0"),
]
"""Around a value: what of, the bytes before it and behind it."""


def within(what: str | None, inner: Any) -> Any:
    return {
        None: inner,
        "array": array(inner),
        "map": {"type": "map", "values": inner},
        "record": fields("int", inner, "int"),
        "union": ["null", array(inner)],
    }[what]


@pytest.mark.parametrize("what, before, behind", WITHIN, ids=str)
@pytest.mark.parametrize("inner, good, least, past", [(STATE, 1, -1, 2), (NULLABLE, 0, -1, 2), (NULLABLE, 0, -2, 9)])
def test_no_branch_and_no_symbol_stands_before_the_first_or_behind_the_last(
    what: str | None, before: bytes, behind: bytes, inner: Any, good: int, least: int, past: int
) -> None:
    made = of(within(what, inner))

    made.decode(before + encode_zigzag(good) + behind, None)
    for number in (least, past, -(2**40)):
        for read in (made, made.read_as(of(within(what, inner))), made.read_as(of(within(what, [*NULLABLE, STATE])))):
            with pytest.raises(SerializationError, match=f"there is no branch or symbol {number}"):
                read.decode(before + encode_zigzag(number) + behind, None)


@pytest.mark.parametrize(
    "skipped, good, bad",
    [
        ("string", b"\2x", encode_zigzag(-1) + b"xyz"),
        ("bytes", b"\2x", encode_zigzag(9) + b"x"),
        (STATE, b"\2", encode_zigzag(-1)),
        (NULLABLE, b"\0", encode_zigzag(-2)),
        ({"type": "fixed", "name": "Mac", "size": 4}, b"abcd", b"abc"),
        (array("int"), b"\2\2\0", encode_zigzag(-(2**63)) + b"\0\0"),
    ],
    ids=str,
)
def test_what_a_reader_passes_over_is_held_to_its_schema_as_well(skipped: Any, good: bytes, bad: bytes) -> None:
    reads = of(fields("int", skipped)).read_as(of(fields("int")))

    assert reads.decode(b"\2" + good, None) == {"f0": 1}
    with pytest.raises(SerializationError, match="are no R that can be read as the reader's R"):
        reads.decode(b"\2" + bad, None)


@pytest.mark.parametrize("schema, empty", [(array("int"), []), ({"type": "map", "values": STATE}, {})], ids=str)
def test_a_count_without_an_absolute_value_is_none(schema: Any, empty: Any) -> None:
    whole, long = of(fields(schema, "long")), encode_zigzag(-(2**63))

    assert whole.decode(b"\0" + long, None) == {"f0": empty, "f1": -(2**63)}
    with pytest.raises(SerializationError, match="are no R"):
        whole.decode(long + b"\0\0\0", None)


ASKED = [NODE, TREE, OF_MAPS, array("null"), array(NOTHING), [array("null"), "int", "string", NODE]]


@given(st.sampled_from(ASKED), st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(schema: Any, data: bytes) -> None:
    made = of(schema)
    try:
        value = made.decode(data, None)
    except SerializationError:
        return
    assert made.decode(made.encoder(b"")(value), None) == value
