"""What each of the seven levels asks: who of the two reads, and of how many versions."""

import json

import pytest

from producer.schemas.compatibility import CompatibilityLevel, check
from producer.schemas.parse import parse
from producer.schemas.schema import ParsedSchema, Schema, SchemaType

L = CompatibilityLevel


def record(*names: str, with_default: bool = False) -> ParsedSchema:
    fields = [{"name": name, "type": "int"} | ({"default": 0} if with_default else {}) for name in names]
    return parse(Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": "R", "fields": fields})))


PLAIN, MORE = record("a"), record("a", "b")
"""The second cannot read the first; the first reads the second."""
NO_RECORD = parse(Schema(SchemaType.AVRO, '"int"'))


@pytest.mark.parametrize(
    "level, may_grow, may_shrink",
    [
        (L.NONE, True, True),
        (L.BACKWARD, False, True),
        (L.BACKWARD_TRANSITIVE, False, True),
        (L.FORWARD, True, False),
        (L.FORWARD_TRANSITIVE, True, False),
        (L.FULL, False, False),
        (L.FULL_TRANSITIVE, False, False),
    ],
)
def test_who_must_read_whom(level: CompatibilityLevel, may_grow: bool, may_shrink: bool) -> None:
    assert (check(level, MORE, [PLAIN]) == ()) == may_grow
    assert (check(level, PLAIN, [MORE]) == ()) == may_shrink


@pytest.mark.parametrize("level", L)
def test_only_transitive_levels_ask_all_versions(level: CompatibilityLevel) -> None:
    # The first is readable by nobody, the last by all.
    found = check(level, PLAIN, [NO_RECORD, PLAIN])

    assert bool(found) == level.is_transitive
    assert {one.version for one in found} == ({0} if level.is_transitive else set())


@pytest.mark.parametrize("level", L)
def test_whatever_may_follow_nothing_may_be_the_first(level: CompatibilityLevel) -> None:
    assert check(level, PLAIN, []) == ()


@pytest.mark.parametrize("level", L)
def test_another_format_follows_at_no_level_but_none(level: CompatibilityLevel) -> None:
    other = parse(Schema(SchemaType.JSON, '{"type": "integer"}'))

    assert {one.rule for one in check(level, other, [NO_RECORD])} == (
        set() if level is L.NONE else {"SCHEMA_TYPE_CHANGED"}
    )


def test_a_breach_says_who_reads_which_field_and_by_which_rule() -> None:
    (breach,) = check(L.BACKWARD, MORE, [PLAIN])

    assert (breach.version, breach.new_reads, breach.path) == (0, True, "R.b")
    assert breach.rule == "READER_FIELD_MISSING_DEFAULT_VALUE"
    assert str(breach) == (
        "the new schema cannot read the old: R.b: the reader wants it, the writer does not write it, and it has no default "
        "(READER_FIELD_MISSING_DEFAULT_VALUE)"
    )


def test_full_tells_what_is_wrong_both_ways() -> None:
    found = check(L.FULL, record("b"), [PLAIN])

    assert [(one.new_reads, one.path) for one in found] == [(True, "R.b"), (False, "R.a")]


class TestLargeAndRecursive:
    def test_ten_thousand_fields_are_compared(self) -> None:
        names = [f"f{number}" for number in range(10_000)]

        assert check(L.FULL, record(*names), [record(*names)]) == ()

    @pytest.mark.parametrize("schema_type", SchemaType)
    def test_types_that_have_themselves_within_are_compared(self, schema_type: SchemaType) -> None:
        old, new = (parse(Schema(schema_type, text)) for text in RECURSIVE[schema_type])

        assert check(L.BACKWARD, new, [old]) == ()
        assert check(L.FORWARD, new, [old]) != ()

    def test_a_pattern_that_python_has_no_words_for_is_compared(self) -> None:
        word = {"type": "string", "pattern": r"^\p{L}+$"}
        old, new = (
            parse(Schema(SchemaType.JSON, json.dumps(one))) for one in (word | {"enum": ["a"]}, word | {"maxLength": 3})
        )

        assert check(L.BACKWARD, new, [old]) != ()
        assert check(L.BACKWARD, new, [new]) == ()

    def test_alternatives_within_alternatives_are_compared_in_bounded_time(self) -> None:
        value: object = {"type": "string"}
        other: object = {"type": "string", "maxLength": 3}
        for _ in range(40):
            value = {"anyOf": [value, {"properties": {"a": value}}, {"items": value}]} if value else value
            other = {"anyOf": [other, {"properties": {"a": other}}, {"items": other}]}
            if len(json.dumps(other)) > 10_000:
                break
        old, new = (parse(Schema(SchemaType.JSON, json.dumps(one))) for one in (value, other))

        assert check(L.BACKWARD, new, [old]) != ()

    @pytest.mark.parametrize(
        "old, new",
        [
            (
                {"allOf": [{"minLength": n} for n in range(1_000)]},
                {"allOf": [{"minLength": n + 1} for n in range(1_000)]},
            ),
            ({"anyOf": [{"minLength": n} for n in range(1_000)]}, {"anyOf": [{"maxLength": n} for n in range(1_000)]}),
            (
                {"oneOf": [{"required": [f"a{n}"]} for n in range(1_000)]},
                {"oneOf": [{"required": [f"b{n}"]} for n in range(1_000)]},
            ),
            ({"not": {"not": {"enum": list(range(1_000))}}}, {"not": {"not": {"enum": list(range(1, 1_001))}}}),
        ],
    )
    def test_thousands_of_alternatives_are_refused_in_bounded_time(self, old: object, new: object) -> None:
        one, other = (parse(Schema(SchemaType.JSON, json.dumps(value))) for value in (old, new))

        assert check(L.FULL, one, [other]) != ()


RECURSIVE = {
    SchemaType.AVRO: (
        '{"type":"record","name":"R","fields":[{"name":"v","type":"int"},{"name":"r","type":["null","R"]}]}',
        '{"type":"record","name":"R","fields":[{"name":"v","type":"long"},{"name":"r","type":["null","R"]}]}',
    ),
    SchemaType.PROTOBUF: (
        'syntax = "proto3"; message R { int32 v = 1; R r = 2; }',
        'syntax = "proto3"; message R { int32 v = 1; R r = 2; message More {} }',
    ),
    SchemaType.JSON: (
        '{"properties":{"v":{"type":"integer"},"r":{"$ref":"#"}}}',
        '{"properties":{"v":{"type":"number"},"r":{"$ref":"#"}}}',
    ),
}
