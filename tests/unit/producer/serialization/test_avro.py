"""Avro at work: values come back, logical types too, and what does not fit is named by field and value."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError
from producer.schemas.schema import Reference, Schema, SchemaType
from producer.serialization.formats.codec import Codec, codec

ORDER: dict[str, Any] = {
    "type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "int"},
        {"name": "at", "type": "long"},
        {"name": "who", "type": "string"},
        {"name": "count", "type": "int", "default": 1},
        {"name": "note", "type": ["null", "string", "int"], "default": None},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
            {"name": "what", "type": "string"}, {"name": "price", "type": "double"}, {"name": "pieces", "type": "long"}]}}},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "PAID"]}},
        {"name": "mac", "type": {"type": "fixed", "name": "Mac", "size": 2}},
        {"name": "next", "type": ["null", "Order"], "default": None},
    ],
}  # fmt: skip
GOOD: dict[str, Any] = {
    "id": 7, "at": 1, "who": "me", "count": 2, "note": None, "lines": [{"what": "pen", "price": 1.5, "pieces": 3}],
    "tags": {"a": 1}, "state": "PAID", "mac": b"ab", "next": None,
}  # fmt: skip


def of(schema: Any, **referenced: Any) -> Codec:
    references = tuple(Reference(name, name, 1) for name in referenced)
    return codec(
        Schema(SchemaType.AVRO, json.dumps(schema), references),
        {name: Schema(SchemaType.AVRO, json.dumps(one)) for name, one in referenced.items()},
    )


def test_a_record_comes_back_with_its_prefix_before_it() -> None:
    order = of(ORDER)

    written = order.encoder(b"prefix")(GOOD)

    assert written.startswith(b"prefix")
    assert order.decode(written[6:], None) == GOOD
    assert order.name == "shop.Order"


def test_the_bytes_are_fastavro_s() -> None:
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(ORDER), GOOD)

    assert of(ORDER).encoder(b"")(GOOD) == buffer.getvalue()


def test_what_is_left_out_has_its_default() -> None:
    order = of(ORDER)
    short = {name: GOOD[name] for name in GOOD if name not in {"count", "note", "next"}}

    assert order.decode(order.encoder(b"")(short), None) == short | {"count": 1, "note": None, "next": None}


@pytest.mark.parametrize(
    "patch, field, why",
    [
        ({"id": 2**31}, "id", "must be an int of -2147483648..2147483647"),
        ({"id": 1.5}, "id", "must be an int of"),
        ({"id": True}, "id", "must be an int of"),
        ({"id": "7"}, "id", "must be an int of"),
        ({"at": -(2**63) - 1}, "at", "must be an int of -9223372036854775808"),
        ({"who": b"me"}, "who", "must be a str"),
        ({"count": None}, "count", "must be an int"),
        ({"note": 1.5}, "note", "must be None or a str or an int"),
        ({"lines": [GOOD["lines"][0], {"what": "pen", "price": "x", "pieces": 1}]}, "lines[1].price", "must be a float"),
        ({"lines": [{"what": "pen", "price": 1.0, "pieces": 0.5}]}, "lines[0].pieces", "must be an int"),
        ({"lines": [{"what": "pen", "price": 1.0}]}, "lines[0].pieces", "must be given: it has no default"),
        ({"lines": {}}, "lines", "must be a list"),
        ({"tags": {"a": 2**40}}, "tags['a']", "must be an int"),
        ({"tags": [1]}, "tags", "must be a dict"),
        ({"state": "LOST"}, "state", "must be one of OPEN, PAID"),
        ({"mac": b"abc"}, "mac", "must be 2 bytes"),
        ({"countt": 3}, "countt", "must not be there: record shop.Order has no such field"),
        ({"next": GOOD | {"id": 2**40}}, "next", "must be None or"),
    ],
    ids=str,
)  # fmt: skip
def test_what_does_not_fit_is_named_by_field_and_value(patch: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(SerializationError) as refused:
        of(ORDER).encoder(b"")(GOOD | patch)

    assert refused.value.field == field
    assert f"field {field} is " in str(refused.value)
    assert why in str(refused.value)


def nested(levels: int, innermost: Any) -> Any:
    for _ in range(levels):
        innermost = {"type": "array", "items": innermost}
    return innermost


@pytest.mark.parametrize("levels", [1, 7, 8, 9, 40])
@pytest.mark.parametrize("of_records", [False, True])
def test_however_deep_it_lies_it_is_found(levels: int, *, of_records: bool) -> None:
    point = {"type": "record", "name": "Point", "fields": [{"name": "x", "type": "int", "default": 0}]}
    made = of(nested(levels, point if of_records else "int"))
    good: Any = {"x": 3} if of_records else 3
    bad: Any = {"x": 1.5} if of_records else 1.5
    for _ in range(levels):
        good, bad = [good], [bad]

    assert made.decode(made.encoder(b"")(good), None) == good
    with pytest.raises(SerializationError, match=r"is 1\.5, must be an int"):
        made.encoder(b"")(bad)


def test_in_a_record_that_is_mentioned_once_more_it_is_found_as_in_the_first() -> None:
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "int"}]}
    point = {"type": "record", "name": "Point", "fields": [{"name": "inner", "type": inner}]}
    first = {"name": "first", "type": point}
    made = of({"type": "record", "name": "Line", "fields": [first, {"name": "second", "type": "Point"}]})
    good = {"inner": {"x": 1}}

    for odd in ({"inner": {"x": True}}, {"inner": {"x": 1, "y": 2}}, {"inner": {"x": 1}, "y": 2}):
        for field, value in (("first", {"first": odd, "second": good}), ("second", {"first": good, "second": odd})):
            with pytest.raises(SerializationError, match=rf"field {field}\."):
                made.encoder(b"")(value)
    assert made.decode(made.encoder(b"")({"first": good, "second": good}), None) == {"first": good, "second": good}


def test_a_typing_error_beside_a_default_is_no_default() -> None:
    misspelt = {name: GOOD[name] for name in GOOD if name != "count"} | {"cuont": 5}

    with pytest.raises(SerializationError, match="field cuont is 5, must not be there"):
        of(ORDER).encoder(b"")(misspelt)


@pytest.mark.parametrize("value", [None, 5, [], "x"])
def test_what_is_no_record_at_all_is_refused(value: Any) -> None:
    with pytest.raises(SerializationError, match=r"must be a dict, as of record shop\.Order"):
        of(ORDER).encoder(b"")(value)


@pytest.mark.parametrize(
    "schema, value",
    [
        ({"type": "int", "logicalType": "date"}, date(2026, 2, 28)),
        ({"type": "int", "logicalType": "time-millis"}, time(12, 30, 1, 500_000)),
        ({"type": "long", "logicalType": "time-micros"}, time(12, 30, 1, 7)),
        ({"type": "long", "logicalType": "timestamp-millis"}, datetime(2026, 2, 28, 1, 2, 3, 4_000, tzinfo=UTC)),
        ({"type": "long", "logicalType": "timestamp-micros"}, datetime(2026, 2, 28, 1, 2, 3, 4, tzinfo=UTC)),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, Decimal("-12.34")),
        ({"type": "string", "logicalType": "uuid"}, UUID(int=9)),
    ],
    ids=lambda one: one["logicalType"] if isinstance(one, dict) else "",
)
def test_logical_types_are_python_s_own(schema: Any, value: Any) -> None:
    record = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "f", "type": schema}, {"name": "g", "type": ["null", schema]}],
    }
    made = of(record)

    assert made.decode(made.encoder(b"")({"f": value, "g": value}), None) == {"f": value, "g": value}


def test_what_has_more_digits_than_its_decimal_is_refused() -> None:
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}

    with pytest.raises(SerializationError):
        of(schema).encoder(b"")(Decimal("12345.67"))


def test_a_schema_that_refers_to_another_is_one_with_it() -> None:
    made = of(
        {"type": "record", "name": "A", "fields": [{"name": "b", "type": "shop.B"}]},
        **{"shop.B": {"type": "record", "name": "B", "namespace": "shop", "fields": [{"name": "n", "type": "int"}]}},
    )

    assert made.decode(made.encoder(b"")({"b": {"n": 3}}), None) == {"b": {"n": 3}}
    with pytest.raises(SerializationError, match=r"field b\.n is 0\.5"):
        made.encoder(b"")({"b": {"n": 0.5}})


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(data: bytes) -> None:
    order = of(ORDER)
    try:
        value = order.decode(data, None)
    except SerializationError:
        return
    assert order.decode(order.encoder(b"")(value), None) == value


NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.booleans(), st.text(max_size=3), st.none()
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), NUMBERS))
def test_what_is_taken_comes_back_as_it_was(value: dict[str, Any]) -> None:
    schema = {
        "type": "record", "name": "R", "fields": [
            {"name": "a", "type": "int"}, {"name": "b", "type": "long", "default": 5},
            {"name": "c", "type": ["null", "int", "string"], "default": None}, {"name": "d", "type": "string", "default": "d"},
        ],
    }  # fmt: skip
    made = of(schema)
    try:
        written = made.encoder(b"")(value)
    except SerializationError:
        return

    back = made.decode(written, None)

    assert back == {"b": 5, "c": None, "d": "d"} | value
    assert [type(back[name]) for name in value] == [type(value[name]) for name in value]
