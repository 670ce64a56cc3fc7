"""A text becomes a schema, or the reason why it is none; what a format needs is loaded when a schema of it comes."""

import json

import pytest

from producer.errors import UsageError
from producer.schemas.parse import parse
from producer.schemas.schema import (
    TEXT_CHARACTERS_MAX,
    FormatNotInstalledError,
    InvalidSchemaError,
    Reference,
    Schema,
    SchemaType,
)
from tests.architecture.processes import run_python

AVRO, PROTOBUF, JSON = SchemaType.AVRO, SchemaType.PROTOBUF, SchemaType.JSON
LIBRARIES = ("fastavro", "google.protobuf", "jsonschema", "jsonschema_rs", "referencing")


@pytest.mark.parametrize(
    "schema_type, text, name",
    [
        (AVRO, '{"type": "record", "name": "Order", "namespace": "shop", "fields": []}', "shop.Order"),
        (AVRO, '"string"', "string"),
        (AVRO, '["null", "int"]', "union"),
        (PROTOBUF, 'syntax = "proto3"; package shop; message Order {} message Line {}', "shop.Order"),
        (PROTOBUF, 'syntax = "proto3"; enum Kind { A = 0; }', ""),
        (JSON, '{"title": "Order"}', "Order"),
        (JSON, "true", ""),
    ],
)
def test_a_schema_has_a_name(schema_type: SchemaType, text: str, name: str) -> None:
    assert parse(Schema(schema_type, text)).name == name


@pytest.mark.parametrize("schema_type", SchemaType)
@pytest.mark.parametrize("text", ["", " \n", "nonsense", "{", "[1, 2", "\x00", '{"type": "strin"}', "{{{{", "123"])
def test_what_is_no_schema_is_refused_with_a_reason(schema_type: SchemaType, text: str) -> None:
    with pytest.raises(InvalidSchemaError) as refused:
        parse(Schema(schema_type, text))

    assert str(refused.value)
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, UsageError)


@pytest.mark.parametrize("schema_type", SchemaType)
def test_a_text_that_is_too_long_is_refused_unread(schema_type: SchemaType) -> None:
    with pytest.raises(InvalidSchemaError, match=f"{TEXT_CHARACTERS_MAX + 1} characters"):
        parse(Schema(schema_type, " " * (TEXT_CHARACTERS_MAX + 1)))


@pytest.mark.parametrize(
    "schema_type, text",
    [
        (AVRO, '{"type":"array","items":' * 40_000),
        (AVRO, '{"type":"array","items":' * 200 + '"int"' + "}" * 200),
        (AVRO, '{"type":' * 200 + '"int"' + "}" * 200),
        (JSON, "[" * 200_000),
        (JSON, '{"items":' * 200 + "{}" + "}" * 200),
        (PROTOBUF, "message A {" * 50_000),
        (PROTOBUF, "message A { option (x) = " + "{ a: " * 50_000),
    ],
)
def test_a_schema_that_is_nested_too_deep_is_refused(schema_type: SchemaType, text: str) -> None:
    with pytest.raises(InvalidSchemaError, match="deeper than 100 levels"):
        parse(Schema(schema_type, text))


@pytest.mark.parametrize(
    "schema_type, text",
    [
        (AVRO, json.dumps({"type": "enum", "name": "E", "symbols": [f"s{number}" for number in range(20_000)]})),
        (AVRO, json.dumps([{"type": "fixed", "name": f"F{number}", "size": 1} for number in range(2_000)])),
        (PROTOBUF, 'syntax = "proto3"; message A { reserved ' + ",".join(map(str, range(1, 5_000))) + "; }"),
        (PROTOBUF, "/**/" * 50_000 + "message A {}"),
        (JSON, json.dumps({"allOf": [{"minLength": number} for number in range(2_000)]})),
        (
            JSON,
            json.dumps(
                {"definitions": {f"d{n}": {"$ref": f"#/definitions/d{n + 1}"} for n in range(500)} | {"d500": {}}}
            ),
        ),
    ],
)
def test_what_is_large_and_allowed_is_read(schema_type: SchemaType, text: str) -> None:
    assert parse(Schema(schema_type, text)).schema.text == text


@pytest.mark.parametrize(
    "text, said",
    [
        ("message A { optional " + "a." * 20_000 + "b x = 1; }", "has more than 100 parts"),
        ("package " + "a." * 20_000 + "b;", "has more than 100 parts"),
        ("".join(f'import "{number}";' for number in range(5_000)), "import '0': no reference has this name"),
    ],
)
def test_names_and_imports_without_end_are_refused_in_bounded_time(text: str, said: str) -> None:
    with pytest.raises(InvalidSchemaError, match=said):
        parse(Schema(PROTOBUF, text))


def fields_of(schema_type: SchemaType, count: int) -> str:
    numbers = range(1, count + 1)
    if schema_type is AVRO:
        fields = ",".join(f'{{"name":"f{number}","type":"int"}}' for number in numbers)
        return f'{{"type":"record","name":"R","fields":[{fields}]}}'
    if schema_type is PROTOBUF:
        return f'syntax = "proto3"; message R {{ {"".join(f"int32 f{number}={number};" for number in numbers)} }}'
    return f'{{"properties":{{{",".join(f"{chr(34)}f{number}{chr(34)}:{{}}" for number in numbers)}}}}}'


@pytest.mark.parametrize("schema_type", SchemaType)
def test_ten_thousand_fields_are_read_and_one_more_is_refused(schema_type: SchemaType) -> None:
    assert parse(Schema(schema_type, fields_of(schema_type, 10_000))).name in {"R", ""}
    with pytest.raises(InvalidSchemaError, match="more than 10000"):
        parse(Schema(schema_type, fields_of(schema_type, 10_001)))


@pytest.mark.parametrize(
    "schema_type, text, reference, referenced",
    [
        (
            AVRO,
            '{"type":"record","name":"Order","fields":[{"name":"by","type":"shop.Customer"}]}',
            "shop.Customer",
            '{"type":"record","name":"Customer","namespace":"shop","fields":[{"name":"id","type":"int"}]}',
        ),
        (
            PROTOBUF,
            'syntax = "proto3"; import "shop/customer.proto"; message Order { shop.Customer by = 1; }',
            "shop/customer.proto",
            'syntax = "proto3"; package shop; message Customer { int32 id = 1; }',
        ),
        (JSON, '{"properties":{"by":{"$ref":"customer.json"}}}', "customer.json", '{"title":"Customer"}'),
    ],
)
class TestReferences:
    def test_they_are_looked_up_by_name(
        self, schema_type: SchemaType, text: str, reference: str, referenced: str
    ) -> None:
        schema = Schema(schema_type, text, (Reference(reference, "customers", 1),))

        found = parse(schema, {reference: Schema(schema_type, referenced)})

        assert found.schema == schema
        assert found.name in {"Order", ""}

    def test_without_them_the_schema_is_none(
        self, schema_type: SchemaType, text: str, reference: str, referenced: str
    ) -> None:
        with pytest.raises(InvalidSchemaError, match=reference.replace(".", r"\.")):
            parse(Schema(schema_type, text))
        with pytest.raises(InvalidSchemaError, match="there is no such schema"):
            parse(Schema(schema_type, text, (Reference(reference, "customers", 1),)))

    def test_one_that_is_no_schema_is_named(
        self, schema_type: SchemaType, text: str, reference: str, referenced: str
    ) -> None:
        schema = Schema(schema_type, text, (Reference(reference, "customers", 1),))

        with pytest.raises(InvalidSchemaError, match=f"reference '{reference}': "):
            parse(schema, {reference: Schema(schema_type, "{")})

    def test_a_circle_is_refused(self, schema_type: SchemaType, text: str, reference: str, referenced: str) -> None:
        back = (Reference(reference, "customers", 1),)

        with pytest.raises(InvalidSchemaError, match=f"circle: {reference} -> {reference}"):
            parse(Schema(schema_type, text, back), {reference: Schema(schema_type, referenced, back)})

    def test_one_of_another_format_is_refused(
        self, schema_type: SchemaType, text: str, reference: str, referenced: str
    ) -> None:
        schema = Schema(schema_type, text, (Reference(reference, "customers", 1),))
        other = AVRO if schema_type is JSON else JSON

        with pytest.raises(InvalidSchemaError, match=f"of type {other}"):
            parse(schema, {reference: Schema(other, referenced)})


def test_nothing_is_loaded_before_a_schema_comes() -> None:
    printed = run_python("-c", "import sys, producer.schemas.parse; print(*sorted(sys.modules))").split()

    assert [name for name in LIBRARIES if name in printed] == []


@pytest.mark.parametrize(
    "schema_type, library", [(AVRO, "fastavro"), (PROTOBUF, "google.protobuf"), (JSON, "jsonschema_rs")]
)
def test_without_its_library_a_format_says_how_to_get_it(schema_type: SchemaType, library: str) -> None:
    lines = [
        "import sys",
        f"sys.modules[{library!r}] = None",
        "from producer.schemas.parse import parse",
        "from producer.schemas.schema import FormatNotInstalledError, Schema, SchemaType",
        f"try: parse(Schema(SchemaType.{schema_type.name}, '{{}}'))",
        "except FormatNotInstalledError as error: print(error)",
    ]

    printed = run_python("-c", "\n".join(lines))

    assert f"{schema_type} schemas need the module {library!r}" in printed
    assert "pip install 'acklab[schemas]'" in printed


def test_the_error_survives_pickling() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(FormatNotInstalledError(AVRO, "fastavro")))

    assert (error.schema_type, error.module) == (AVRO, "fastavro")
