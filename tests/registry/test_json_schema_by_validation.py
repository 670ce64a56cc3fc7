"""What a level promises of JSON Schema is what a validator says: the one schema accepts all that the other accepts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.schemas.compatibility import incompatibilities
from producer.schemas.json_schema import JsonSchema, parse_json_schema
from producer.schemas.schema import InvalidSchemaError, Schema, SchemaType
from tests.registry.cases import Case, cases

PLAIN: list[Any] = [
    None,
    True,
    0,
    1,
    2,
    3,
    5,
    7,
    10,
    50,
    200,
    -1,
    1.5,
    9.5,
    "",
    "x",
    "xy",
    "y",
    "xxxxxx",
    "x" * 50,
    "x" * 120,
]
ARRAYS: list[Any] = [[], [1], [1, 1], ["x"], ["x", 1], ["x", "x"], [1, 2, 3, 4], [1.5], list(range(12))]
MEMBERS: list[Any] = [*PLAIN, *ARRAYS, {}, {"a": 1}, {"a": "x"}, {"a": "x", "b": 1}, {"a": "x", "b": "x"}]
MANY = {f"m{number}": 1 for number in range(12)}
SOME = {f"m{number}": 1 for number in range(6)}
VALUES: list[Any] = [
    *PLAIN,
    *ARRAYS,
    {},
    MANY,
    SOME,
    *({name: one} for name in ("a", "b", "o", "x1", "v") for one in [*MEMBERS, MANY, SOME]),
    *({"a": one, "b": other} for one in ("x", 1) for other in PLAIN),
    {"v": 1, "next": {"v": 2}},
    {"v": 1, "next": {"v": 1.5}},
]
"""Values for every keyword of the table: too short and too long, of each kind, one member or several."""

BY_TEXT = {"json_schema: format changed": "a format is a hint to validators, who need not look at it"}
"""Pairs that are refused though each of these values is accepted by both."""


def refused(reader: JsonSchema, writer: JsonSchema, values: list[Any]) -> list[Any]:
    """Give the values that `writer` accepts and `reader` does not."""
    return [
        value for value in values if writer.fast_validator.is_valid(value) and not reader.fast_validator.is_valid(value)
    ]


@pytest.mark.parametrize("case", cases("json_schema"), ids=lambda case: case.name)
def test_each_verdict_of_the_table_is_what_happens_to_values(case: Case) -> None:
    old, new = case.parsed()
    assert isinstance(old, JsonSchema)
    assert isinstance(new, JsonSchema)

    for reader, writer, is_compatible in ((new, old, case.backward), (old, new, case.forward)):
        found = refused(reader, writer, VALUES)
        assert not (found and is_compatible), found
        assert found or is_compatible or case.key in BY_TEXT


NAMES = st.sampled_from(["a", "b", "x1"])
SMALL = st.integers(0, 4)
LEAVES: list[Any] = [
    {},
    True,
    False,
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "null"},
    {"type": ["string", "null"]},
]


def lengths(kind: str, lowest: str, highest: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional={lowest: SMALL, highest: SMALL})


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": inner,
            "patternProperties": st.dictionaries(st.sampled_from(["^x", "a"]), inner, max_size=1),
            "propertyNames": st.sampled_from([{"maxLength": 1}, {"pattern": "^x"}, True]),
            "minProperties": SMALL,
            "maxProperties": SMALL,
            "dependencies": st.dictionaries(
                NAMES, st.one_of(st.lists(NAMES, max_size=1, unique=True), inner), max_size=1
            ),
        },
    )


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "items": st.one_of(inner, st.lists(inner, min_size=1, max_size=2)),
            "additionalItems": inner,
            "uniqueItems": st.booleans(),
            "minItems": SMALL,
            "maxItems": SMALL,
            "contains": inner,
        },
    )


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3)
    several = [st.fixed_dictionaries({word: branches}) for word in ("allOf", "anyOf", "oneOf")]
    refused = st.fixed_dictionaries({"not": inner})
    condition = st.fixed_dictionaries({"if": inner, "then": inner}, optional={"else": inner})
    return st.one_of(*several, refused, condition)


BASES = st.one_of(
    st.sampled_from(LEAVES),
    st.just({"$ref": "#/definitions/t"}),
    st.lists(st.sampled_from([None, True, 1, "x", {"a": 1}]), min_size=1, max_size=3, unique_by=repr).map(lambda one: {"enum": one}),
    st.sampled_from([None, 1, "x"]).map(lambda one: {"const": one}),
    lengths("string", "minLength", "maxLength"),
    st.fixed_dictionaries(
        {}, optional={"minimum": SMALL, "exclusiveMaximum": SMALL, "maximum": SMALL, "exclusiveMinimum": SMALL, "multipleOf": st.integers(1, 4)}
    ),
    st.sampled_from(["^x", "^y"]).map(lambda one: {"pattern": one}),
)  # fmt: skip
SCHEMAS = st.recursive(BASES, lambda inner: st.one_of(objects(inner), arrays(inner), combined(inner)), max_leaves=6)


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """Change a schema at one place: another subschema, a keyword more or less."""
    if not isinstance(value, dict) or not value or draw(st.integers(0, 3)) == 0:
        return draw(SCHEMAS)
    word = draw(st.sampled_from(sorted(value)))
    if draw(st.integers(0, 3)) == 0:
        return {key: one for key, one in value.items() if key != word}
    inner = value[word]
    if isinstance(inner, dict):
        return value | {word: draw(changed(inner))}
    if isinstance(inner, int) and not isinstance(inner, bool):
        return value | {word: max(1, inner + draw(st.sampled_from([-1, 1])))}
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        at = draw(st.integers(0, len(inner) - 1))
        return value | {word: [*inner[:at], draw(changed(inner[at])), *inner[at + 1 :]]}
    other = draw(SCHEMAS)
    return value | (other if isinstance(other, dict) else {})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    one = draw(SCHEMAS)
    return one, draw(st.one_of(st.just(one), changed(one), SCHEMAS))


def json_schema(value: Any, definition: Any) -> JsonSchema | None:
    """Give the schema; None if it is none: a reference in a circle."""
    document = value | {"definitions": {"t": definition}} if isinstance(value, dict) else value
    try:
        return parse_json_schema(Schema(SchemaType.JSON, json.dumps(document)), {})
    except InvalidSchemaError:
        return None


VALUES_DRAWN = st.lists(
    st.recursive(
        st.sampled_from(PLAIN),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "x1", "c"]), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=20,
)


@given(pairs(), st.sampled_from(LEAVES), st.sampled_from(LEAVES), VALUES_DRAWN)
def test_where_nothing_is_said_against_it_a_drawn_evolution_refuses_no_value_that_was_accepted(
    pair: tuple[Any, Any], one: Any, other: Any, drawn: list[Any]
) -> None:
    first, second = json_schema(pair[0], one), json_schema(pair[1], other)
    if first is None or second is None:
        return

    for reader, writer in ((first, second), (second, first)):
        if not incompatibilities(reader, writer):
            assert refused(reader, writer, [*VALUES, *drawn]) == []


@given(SCHEMAS, st.sampled_from(LEAVES))
def test_a_schema_may_follow_itself_however_it_is_laid_out(value: Any, definition: Any) -> None:
    one, other = json_schema(value, definition), json_schema(json.loads(json.dumps(value, sort_keys=True)), definition)

    if one is not None and other is not None:
        assert incompatibilities(one, other) == ()
