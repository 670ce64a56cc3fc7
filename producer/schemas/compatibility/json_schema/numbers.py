"""Bounds, steps and lengths: the reader's must be as wide as the writer's."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.compatibility.json_schema.facts import Fact, Facts


class Bound(NamedTuple):
    """The lowest or highest number, and whether it is left out itself."""

    number: Fraction
    is_exclusive: bool


LENGTHS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
RULES = {
    "minimum": "MINIMUM",
    "maximum": "MAXIMUM",
    "minLength": "MIN_LENGTH",
    "maxLength": "MAX_LENGTH",
    "minItems": "MIN_ITEMS",
    "maxItems": "MAX_ITEMS",
    "minProperties": "MIN_PROPERTIES",
    "maxProperties": "MAX_PROPERTIES",
}


def check_numbers(reader: Fact, writer: Facts, path: str) -> Iterator[Incompatibility]:
    """Hold bounds and `multipleOf` against each other, if there may be numbers at all."""
    if not writer.kinds & {"integer", "fraction"}:
        return
    for keyword, sign in (("minimum", 1), ("maximum", -1)):
        ours = _bound([reader], keyword, sign)
        if ours is not None:
            theirs = _bound(list(writer.schemas), keyword, sign)
            yield from _compare(keyword, sign, ours, theirs, path)
    yield from _check_steps(reader, writer, path)


def check_lengths(reader: Fact, writer: Facts, path: str) -> Iterator[Incompatibility]:
    """Hold lengths of strings, arrays and objects against each other."""
    for kind, (lowest, highest) in LENGTHS.items():
        if kind not in writer.kinds:
            continue
        if reader.get(lowest):
            known = writer.largest(lowest)
            if kind == "object" and len(writer.required) > (known or 0):
                known = Fraction(len(writer.required))
            theirs = None if not known else Bound(known, False)
            yield from _compare(lowest, 1, Bound(Fraction(str(reader[lowest])), False), theirs, path)
        if highest in reader:
            known = writer.smallest(highest)
            theirs = None if known is None else Bound(known, False)
            yield from _compare(highest, -1, Bound(Fraction(str(reader[highest])), False), theirs, path)


def _bound(schemas: list[Fact], keyword: str, sign: int) -> Bound | None:
    """Give the tightest bound that the schemas set; `sign` is 1 for the lowest number, -1 for the highest."""
    exclusive = f"exclusive{keyword.capitalize()}"
    found = []
    for schema in schemas:
        # In draft 4 the exclusive one is a boolean beside the other.
        if keyword in schema:
            found.append(Bound(Fraction(str(schema[keyword])), schema.get(exclusive) is True))
        if exclusive in schema and not isinstance(schema[exclusive], bool):
            found.append(Bound(Fraction(str(schema[exclusive])), True))
    return max(found, key=lambda one: (sign * one.number, one.is_exclusive), default=None)


def _compare(keyword: str, sign: int, ours: Bound, theirs: Bound | None, path: str) -> Iterator[Incompatibility]:
    if theirs is None:
        said = f"the reader has {keyword} {_word(ours)}, the writer none"
        yield Incompatibility(f"{path}/{keyword}", f"{RULES[keyword]}_ADDED", said)
    elif (sign * ours.number, ours.is_exclusive) > (sign * theirs.number, theirs.is_exclusive):
        rule = f"{RULES[keyword]}_{'INCREASED' if sign > 0 else 'DECREASED'}"
        said = f"the reader has {keyword} {_word(ours)}, the writer {_word(theirs)}"
        yield Incompatibility(f"{path}/{keyword}", rule, said)


def _check_steps(reader: Fact, writer: Facts, path: str) -> Iterator[Incompatibility]:
    if "multipleOf" not in reader:
        return
    ours = Fraction(str(reader["multipleOf"]))
    steps = [Fraction(str(one)) for one in writer.given("multipleOf")]
    if "fraction" not in writer.kinds:
        steps.append(Fraction(1))
    if any(step % ours == 0 for step in steps):
        return
    given = list(writer.given("multipleOf"))
    said = f"the reader takes multiples of {reader['multipleOf']}, the writer writes {f'those of {given[0]}' if given else 'any'}"
    expands = any(ours % Fraction(str(one)) == 0 for one in given)
    rule = "MULTIPLE_OF_ADDED" if not given else "MULTIPLE_OF_EXPANDED" if expands else "MULTIPLE_OF_CHANGED"
    yield Incompatibility(f"{path}/multipleOf", rule, said)


def _word(bound: Bound) -> str:
    return f"{float(bound.number):g}{' (itself left out)' if bound.is_exclusive else ''}"
