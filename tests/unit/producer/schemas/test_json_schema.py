"""A JSON Schema is read by its draft; each `$ref` leads somewhere, and none in a circle."""

import json

import pytest

from producer.schemas.json_schema import DIALECTS, JsonSchema, parse_json_schema
from producer.schemas.schema import InvalidSchemaError, Reference, Schema, SchemaType


def json_schema(value: object, **referenced: object) -> JsonSchema:
    names = {f"{name}.json": Schema(SchemaType.JSON, json.dumps(one)) for name, one in referenced.items()}
    references = tuple(Reference(name, name, 1) for name in names)
    return parse_json_schema(Schema(SchemaType.JSON, json.dumps(value), references), names)


@pytest.mark.parametrize(
    "value, said",
    [
        (1, "1 is no JSON Schema"),
        ("string", "is no JSON Schema"),
        ([], "is no JSON Schema"),
        ({"type": "strin"}, r"#/type: .*strin"),
        ({"properties": {"a": {"minLength": -1}}}, "#/properties/a/minLength"),
        ({"properties": [1]}, "properties"),
        ({"pattern": "("}, "#/pattern"),
        ({"items": 3}, "3"),
        ({"$schema": "http://json-schema.org/draft-99/schema#"}, "draft-99"),
        ({"$schema": 3}, r"\$schema is 3"),
        ({"$ref": "#/definitions/none"}, r"\$ref '#/definitions/none': there is no such schema"),
        ({"properties": {"a": {"$ref": "elsewhere.json"}}}, r"\$ref 'elsewhere.json'"),
        ({"$ref": "#"}, "comes back to itself"),
        ({"allOf": [{"$ref": "#"}]}, "comes back to itself"),
        (
            {"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}},
            "comes back to itself",
        ),
    ],
)
def test_what_is_none_is_refused_with_its_place(value: object, said: str) -> None:
    with pytest.raises(InvalidSchemaError, match=said):
        json_schema(value)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("end", ["", "#"])
def test_each_draft_has_its_own_rules(dialect: str, end: str) -> None:
    is_draft_4 = "draft-04" in dialect
    value = {"$schema": dialect + end, "minimum": 3, "exclusiveMinimum": True if is_draft_4 else 3}

    found = json_schema(value)

    assert not found.validator.is_valid(3)
    assert not found.fast_validator.is_valid(3)
    assert found.validator.is_valid(4)
    assert found.fast_validator.is_valid(4)
    with pytest.raises(InvalidSchemaError, match="exclusiveMinimum"):
        json_schema(value | {"exclusiveMinimum": 3 if is_draft_4 else True})


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        {},
        {"properties": {"next": {"$ref": "#"}}},
        {
            "items": {"$ref": "#/definitions/a"},
            "definitions": {"a": {"properties": {"b": {"$ref": "#/definitions/a"}}}},
        },
        {"enum": [{"$ref": "#/nowhere"}]},
        {"const": {"$ref": "#/nowhere"}},
        {"pattern": r"^\p{L}+$"},
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "prefixItems": [{"$ref": "#/$defs/a"}],
            "$defs": {"a": {}},
        },
        {"$id": "http://shop/order.json", "properties": {"a": {"$ref": "#b"}}, "definitions": {"b": {"$id": "#b"}}},
        {"nobody-knows": {"$ref": 3}},
    ],
)
def test_what_is_one_is_read(value: object) -> None:
    assert json.loads(json_schema(value).canonical) == value


@pytest.mark.parametrize("base", [{}, {"$id": "http://shop/order.json"}])
def test_a_reference_is_found_by_its_name_whatever_the_schemas_own(base: dict[str, str]) -> None:
    found = json_schema(base | {"properties": {"by": {"$ref": "customer.json"}}}, customer={"type": "string"})

    assert found.validator.is_valid({"by": "me"})
    assert not found.validator.is_valid({"by": 3})
    assert found.fast_validator.is_valid({"by": "me"})
    assert not found.fast_validator.is_valid({"by": 3})


def test_the_order_of_members_makes_a_difference_until_it_is_normalized() -> None:
    one, other = json_schema({"a": 1, "b": {"d": 2, "c": 3}}), json_schema({"b": {"c": 3, "d": 2}, "a": 1})

    assert one.canonical == '{"a":1,"b":{"d":2,"c":3}}'
    assert one.canonical != other.canonical
    assert one.normalized == other.normalized == '{"a":1,"b":{"c":3,"d":2}}'
