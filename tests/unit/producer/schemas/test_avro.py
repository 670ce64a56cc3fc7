"""An Avro schema is read by the rules of the specification, and its text is one for all layouts."""

import io
import json

import fastavro
import pytest
from avro.schema import parse as parsed_by_apache

from producer.schemas.avro.avro_schema import AvroSchema, parse_avro
from producer.schemas.schema import InvalidSchemaError, Reference, Schema, SchemaType


def avro(value: object) -> AvroSchema:
    return parse_avro(Schema(SchemaType.AVRO, json.dumps(value)), {})


def record(*fields: object, **others: object) -> dict[str, object]:
    return {"type": "record", "name": "Order", "namespace": "shop", "fields": list(fields)} | others


def field(of: object, **others: object) -> dict[str, object]:
    return {"name": "f", "type": of} | others


ENUM = {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}
FIXED = {"type": "fixed", "name": "Hash", "size": 2}


@pytest.mark.parametrize(
    "value, said",
    [
        (1, "the schema: 1 is no type"),
        (None, "None is no type"),
        ({}, "no 'type' in"),
        ("strin", "'strin' is no type, nor the name of one"),
        ({"type": "record", "fields": []}, "a record without a name"),
        ({"type": "record", "name": "R"}, "no 'fields'"),
        ({"type": "record", "name": "a b", "fields": []}, "'a b' is no name"),
        ({"type": "record", "name": 3, "fields": []}, "3 is no name"),
        ({"type": "record", "name": "R", "namespace": "a-b", "fields": []}, "'a-b.R' is no name"),
        ({"type": "record", "name": "R", "namespace": 3, "fields": []}, "the namespace 3 is no text"),
        ({"type": "record", "name": "int", "fields": []}, "'int' is the name of a primitive type"),
        (record(3), "field 0 is 3, no object"),
        (record({"type": "int"}), "field 0: None is no name"),
        (record({"name": "f"}), r"shop.Order.f: no 'type'"),
        (record(field("int"), field("int")), "shop.Order: two fields by the name 'f'"),
        (record(field("int", order="up")), "order is 'up'"),
        (record(field("int", aliases="g")), "'g' is no list"),
        (record(field("int", aliases=["1"])), "an alias: '1' is no name"),
        (record(field("int", default="1")), r"shop.Order.f: the default '1' is no int"),
        (record(field("int", default=None)), "the default None is no int"),
        (record(field("int", default=1.5)), "the default 1.5 is no int"),
        (record(field("int", default=2**31)), "is no int"),
        (record(field("int", default=True)), "the default True is no int"),
        (record(field("boolean", default=0)), "is no boolean"),
        (record(field("float", default="1")), "is no float"),
        (record(field("bytes", default="\u0100")), "is no bytes"),
        (record(field(["null", "int"], default="x")), "is of no branch of the union"),
        (record(field({"type": "array", "items": "int"}, default=[1, "x"])), r"shop.Order.f\[1\]: the default 'x'"),
        (record(field({"type": "map", "values": "int"}, default={"k": "x"})), "the default 'x' is no int"),
        (record(field(ENUM, default="GREEN")), "the default 'GREEN' is no symbol of shop.Colour"),
        (record(field(FIXED, default="abc")), "is not 2 bytes, as shop.Hash has"),
        (
            record(field({"type": "record", "name": "I", "fields": [{"name": "a", "type": "int"}]}, default={})),
            "the default has no 'a', as shop.I has",
        ),
        (ENUM | {"symbols": ["A", "A"]}, "Colour: the symbol 'A' twice"),
        (ENUM | {"symbols": ["A-B"]}, "a symbol: 'A-B' is no name"),
        (ENUM | {"default": "GREEN"}, "the default 'GREEN' is none of its symbols"),
        (FIXED | {"size": -1}, "the size -1 is no number of bytes"),
        (FIXED | {"size": "2"}, "the size '2' is no number of bytes"),
        ({"type": "fixed", "name": "F"}, "no 'size'"),
        ({"type": "array"}, "no 'items'"),
        (["int", "int"], "the union has 'int' twice"),
        (["int", ["null"]], "a union directly within a union"),
        ([{"type": "array", "items": "int"}, {"type": "array", "items": "long"}], "the union has 'array' twice"),
        ([ENUM, ENUM], "'Colour' is defined twice"),
        (record(field("Later"), {"name": "g", "type": ENUM | {"name": "Later"}}), "'shop.Later' is no type"),
    ],
)
def test_what_the_specification_forbids_is_refused_with_its_place(value: object, said: str) -> None:
    with pytest.raises(InvalidSchemaError, match=said):
        avro(value)


@pytest.mark.parametrize(
    "value",
    [
        record(field("int", default=-(2**31))),
        record(field("float", default=1)),
        record(field("bytes", default="\xff\x00")),
        record(field(["null", "int"], default=None)),
        record(field(["null", "int"], default=3)),
        record(field(ENUM, default="RED")),
        record(field(FIXED, default="ab")),
        record(field({"type": "map", "values": ENUM}, default={"k": "BLUE"})),
        record(field(["null", "Order"], default=None)),
        record(field({"type": "int", "logicalType": "date"})),
        {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        {"type": "string", "logicalType": "nobody-knows"},
        {"type": {"type": "string"}},
        {"type": "error", "name": "Failed", "fields": []},
        [],
        ["null", ENUM, FIXED, {"type": "map", "values": "Colour"}],
    ],
)
def test_what_it_allows_is_read(value: object) -> None:
    assert json.loads(avro(value).canonical) is not None


def test_defaults_of_many_branches_are_looked_at_in_bounded_time() -> None:
    branches = [{"type": "record", "name": f"R{number}", "fields": [field(["R0", "R1", "int"])]} for number in range(2)]
    branches[0]["fields"] = [field(["R0", "int"])]
    value: object = "neither"
    for _ in range(90):
        value = {"f": value}

    with pytest.raises(InvalidSchemaError, match="of no branch"):
        avro(record({"name": "g", "type": branches}, {"name": "h", "type": ["R0", "R1"], "default": value}))


class TestCanonical:
    @pytest.mark.parametrize(
        "one, other",
        [
            ("string", {"type": "string"}),
            ({"type": "array", "items": "int"}, {"items": {"type": "int"}, "type": "array"}),
            (
                {"type": "record", "name": "shop.Order", "fields": []},
                {"fields": [], "namespace": "shop", "name": "Order", "type": "record"},
            ),
            (record(field("int", order="ascending", aliases=[])), record({"type": {"type": "int"}, "name": "f"})),
            (
                record(field(ENUM), {"name": "g", "type": "Colour"}),
                record(field(ENUM | {"namespace": "shop"}), {"name": "g", "type": "shop.Colour"}),
            ),
        ],
    )
    def test_layout_and_ways_to_write_a_name_make_no_difference(self, one: object, other: object) -> None:
        assert avro(one).canonical == avro(other).canonical
        assert avro(one).normalized == avro(other).normalized

    @pytest.mark.parametrize(
        "one, other",
        [
            (record(), record(doc="What somebody wants")),
            (record(), record(aliases=["Wish"])),
            (record(field("int")), record(field("int", default=0))),
            (record(field("int")), record(field("int", order="ignore"))),
            (record(field("int")), record(field("int", sensitivity="low"))),
            (record(field("int")), record(field({"type": "int", "logicalType": "date"}))),
            (record(), record(namespace="other")),
            (ENUM, ENUM | {"default": "RED"}),
        ],
    )
    def test_all_else_does(self, one: object, other: object) -> None:
        assert avro(one).canonical != avro(other).canonical
        assert avro(one).normalized != avro(other).normalized

    def test_the_order_of_properties_makes_one_until_it_is_normalized(self) -> None:
        one, other = avro(record(a=1, b=2)), avro(record(b=2, a=1))

        assert one.canonical != other.canonical
        assert one.normalized == other.normalized

    @pytest.mark.parametrize(
        "value",
        [
            record(
                field(ENUM | {"namespace": "other"}, doc="A colour", default="RED", aliases=["colour"]),
                {"name": "g", "type": ["null", "other.Colour", "Order"], "default": None, "level": {"b": 1, "a": [2]}},
                aliases=["Wish", "old.Order"],
            ),
            FIXED | {"aliases": ["Sum"], "unit": "byte"},
        ],
    )
    def test_it_is_a_schema_that_says_the_same(self, value: object) -> None:
        found = avro(value)
        again = avro(json.loads(found.canonical))

        assert again.canonical == found.canonical
        assert (again.type, again.definitions) == (found.type, found.definitions)
        # Apache Avro's own library reads both as one.
        assert parsed_by_apache(found.canonical) == parsed_by_apache(json.dumps(value))
        assert parsed_by_apache(found.normalized) == parsed_by_apache(json.dumps(value))


CUSTOMER = {
    "type": "record",
    "name": "Customer",
    "namespace": "shop",
    "fields": [
        {"name": "address", "type": {"type": "record", "name": "Address", "fields": [{"name": "zip", "type": "int"}]}},
        {"name": "other", "type": ["null", "Customer"]},
    ],
}


def test_what_is_elsewhere_stands_in_the_text_by_its_name_and_in_bytes_in_full() -> None:
    # Address is used before the record within which it is defined.
    value = record({"name": "to", "type": "Address"}, {"name": "by", "type": "Customer"})
    schema = Schema(SchemaType.AVRO, json.dumps(value), (Reference("shop.Customer", "customers", 1),))
    found = parse_avro(schema, {"shop.Customer": Schema(SchemaType.AVRO, json.dumps(CUSTOMER))})

    order = {"to": {"zip": 1}, "by": {"address": {"zip": 2}, "other": None}}
    written = io.BytesIO()
    fastavro.schemaless_writer(written, found.parsed, order)
    written.seek(0)

    assert json.loads(found.canonical) == value
    assert fastavro.schemaless_reader(written, found.parsed, None) == order
