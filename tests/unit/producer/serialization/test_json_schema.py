"""JSON under a JSON Schema: what fits comes back, what does not is named by field, value and rule."""

import json
from typing import Any

import pytest

from producer.errors import SerializationError
from producer.schemas.schema import Reference, Schema, SchemaType
from producer.serialization.formats.codec import Codec, codec

ORDER: dict[str, Any] = {
    "title": "Order",
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"price": {"type": "number", "minimum": 0}}},
        },
    },
    "required": ["id"],
    "additionalProperties": False,
}
DRAFTS = (
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)


def of(schema: Any, **referenced: Any) -> Codec:
    references = tuple(Reference(name, name, 1) for name in referenced)
    return codec(
        Schema(SchemaType.JSON, json.dumps(schema), references),
        {name: Schema(SchemaType.JSON, json.dumps(one)) for name, one in referenced.items()},
    )


def test_a_value_is_compact_json_behind_its_prefix() -> None:
    order = of(ORDER)

    written = order.encoder(b"prefix")({"id": 7, "lines": [{"price": 1.5, "name": "Füller"}]})

    assert written == 'prefix{"id":7,"lines":[{"price":1.5,"name":"Füller"}]}'.encode()
    assert order.decode(written[6:], None) == {"id": 7, "lines": [{"price": 1.5, "name": "Füller"}]}
    assert order.name == "Order"


@pytest.mark.parametrize(
    "value, field, why",
    [
        ({"id": "7"}, "id", "must fit type: 'integer'"),
        ({"id": 7, "lines": [{}, {"price": -1}]}, "lines[1].price", "must fit minimum: 0"),
        ({}, "", "must fit required: ['id']"),
        ({"id": 7, "idd": 8}, "", "must fit additionalProperties: False"),
        (5, "", "it is 5, must fit type: 'object'"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named_both_ways(value: Any, field: str, why: str) -> None:
    for do in (lambda: of(ORDER).encoder(b"")(value), lambda: of(ORDER).decode(json.dumps(value).encode(), None)):
        with pytest.raises(SerializationError) as refused:
            do()
        assert refused.value.field == field
        assert why in str(refused.value)


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_draft_is_held_to_its_own_rules(draft: str) -> None:
    schema = {"$schema": draft, "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    assert of(schema).encoder(b"")({"a": 1}) == b'{"a":1}'
    with pytest.raises(SerializationError, match="field a is 'x'"):
        of(schema).encoder(b"")({"a": "x"})


@pytest.mark.parametrize(
    "value", [{1, 2}, float("nan"), {"id": object()}, b"bytes"], ids=["set", "nan", "object", "bytes"]
)
def test_what_json_has_no_words_for_is_refused(value: Any) -> None:
    with pytest.raises(SerializationError, match="it cannot be written as JSON"):
        of({}).encoder(b"")(value)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(SerializationError, match="no JSON"):
        of({}).decode(data, None)


def test_a_schema_that_refers_to_another_is_one_with_it() -> None:
    made = of(
        {"type": "object", "properties": {"who": {"$ref": "customer.json"}}},
        **{"customer.json": {"type": "object", "properties": {"name": {"type": "string"}}}},
    )

    assert made.encoder(b"")({"who": {"name": "me"}}) == b'{"who":{"name":"me"}}'
    with pytest.raises(SerializationError, match=r"field who\.name is 5"):
        made.encoder(b"")({"who": {"name": 5}})


DEEP = {"type": "array", "items": {"$ref": "#"}}


@pytest.mark.parametrize("levels", [300, 900, 100_000])
def test_what_does_not_fit_is_refused_however_deep_it_is(levels: int) -> None:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    data = b"[" * levels + b'"x"' + b"]" * levels

    for do in (lambda: of(DEEP).encoder(b"")(value), lambda: of(DEEP).decode(data, None)):
        with pytest.raises(SerializationError):
            do()


def test_half_a_character_is_refused_both_ways() -> None:
    for do in (lambda: of({}).encoder(b"")("\ud800"), lambda: of({}).decode(b'"\\ud800"', None)):
        with pytest.raises(SerializationError):
            do()


def test_of_a_million_reasons_one_is_told_at_once() -> None:
    numbers = of({"type": "array", "items": {"type": "integer"}})

    with pytest.raises(SerializationError, match=r"field \[\d+\] is 'x', must fit type: 'integer'"):
        numbers.encoder(b"")(["x"] * 1_000_000)


@pytest.mark.parametrize("draft", DRAFTS[1:4])
@pytest.mark.parametrize("items", [True, False])
@pytest.mark.parametrize("beside", ["additionalItems", "unevaluatedItems"])
def test_items_that_are_true_or_false_have_the_only_say(draft: str, items: bool, beside: str) -> None:
    made = of({"$schema": draft, "items": items, beside: False, "minItems": 1})

    with pytest.raises(SerializationError, match="must fit minItems: 1"):
        made.encoder(b"")([])
    if items:
        assert made.encoder(b"")([1]) == b"[1]"
    else:
        with pytest.raises(SerializationError, match="must fit"):
            made.encoder(b"")([1])


def test_where_python_has_no_words_for_a_rule_the_value_is_refused_all_the_same() -> None:
    letters = of({"type": "string", "pattern": "^\\p{L}+$"})

    assert letters.encoder(b"")("ä") == '"ä"'.encode()
    with pytest.raises(SerializationError, match="'1' does not fit its schema"):
        letters.encoder(b"")("1")
