"""The walk through both schemas at once: references, combinations, and each keyword against what is known of the writer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema.protocols import Validator
from referencing.exceptions import Unresolvable

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.compatibility.json_schema.arrays import check_arrays
from producer.schemas.compatibility.json_schema.facts import Fact, Facts, Subschema, key_of, kind_of
from producer.schemas.compatibility.json_schema.numbers import check_lengths, check_numbers
from producer.schemas.compatibility.json_schema.objects import check_objects, member
from producer.schemas.json_schema import JsonSchema
from producer.schemas.json_text import write_json
from producer.schemas.schema import short

STEPS_MAX = 40_000
"""Comparisons of subschemas, one with many at once counted as several; two schemas that need more are too complex."""
DEPTH_MAX = 100
VALUES_MAX = 200
"""Listed values that are looked at one by one; of more than these only the list is compared."""
BY_TEXT = {
    "pattern": ("string", "PATTERN", ()),
    "format": ("string", "FORMAT", ()),
    "contains": ("array", "CONTAINS", ("minContains", "maxContains")),
    "if": (None, "CONDITION", ("then", "else")),
    "unevaluatedItems": ("array", "UNEVALUATED_ITEMS", ()),
    "unevaluatedProperties": ("object", "UNEVALUATED_PROPERTIES", ()),
    "$dynamicRef": (None, "REFERENCE", ()),
    "$recursiveRef": (None, "REFERENCE", ()),
}
"""Keywords that are not looked into: kind of values that they are about, rule, and what they mean nothing without. The
writer must have them in the same words."""

Found = list[Incompatibility]


def incompatibilities(reader: JsonSchema, writer: JsonSchema) -> tuple[Incompatibility, ...]:
    """Give reasons why `reader` may refuse what `writer` accepts; none if it accepts all of it."""
    if reader.normalized == writer.normalized and write_json(reader.resources) == write_json(writer.resources):
        return ()
    try:
        return tuple(_Comparison(reader, writer, _Budget()).of(reader.document, (writer.document,), "#"))
    except _TooComplexError:
        return (Incompatibility("#", "TOO_COMPLEX", "the two cannot be compared in bounded time"),)


class _TooComplexError(Exception):
    """The budget is spent."""


class _Budget:
    """What one question may cost, whatever other questions it leads to."""

    def __init__(self) -> None:
        self._left = STEPS_MAX

    def spend(self, subschemas: int) -> None:
        """Take one step, with so many subschemas. Raises _TooComplexError."""
        self._left -= 1 + subschemas // 2
        if self._left < 0:
            raise _TooComplexError


class _Comparison:
    def __init__(self, reader: JsonSchema, writer: JsonSchema, budget: _Budget, depth: int = 0) -> None:
        self._reader = reader
        self._writer = writer
        self._budget = budget
        self._depth = depth
        self._open: set[tuple[int, tuple[int, ...]]] = set()
        """What is being compared: of two schemas that have themselves within, the rest decides."""

    def of(self, reader: Subschema, writer: tuple[Subschema, ...], path: str) -> Found:
        """Hold the reader's subschema against several of the writer's, all of which hold."""
        self._budget.spend(len(writer))
        pair = (id(reader), tuple(id(one) for one in writer))
        if pair in self._open:
            return []
        if self._depth > DEPTH_MAX:
            raise _TooComplexError
        self._open.add(pair)
        self._depth += 1
        try:
            return self._held(reader, writer, path)
        finally:
            self._depth -= 1
            self._open.discard(pair)

    def _held(self, reader: Subschema, writer: tuple[Subschema, ...], path: str) -> Found:
        flat = _flat(self._writer, writer)
        if flat is None or reader is True or reader == {}:
            return []
        facts = Facts(flat)
        if not facts.kinds:
            return []
        if isinstance(reader, bool):
            return [
                Incompatibility(path, "TYPE_CHANGED", "the reader takes nothing here, the writer may write something")
            ]
        if any(_is_same(reader, one) for one in (*writer, *flat)):
            return []
        reasons = list(self._whole(reader, facts, path))
        return self._by_cases(reader, flat, path, reasons) if reasons else []

    def _by_cases(self, reader: Fact, flat: tuple[Fact, ...], path: str, reasons: Found) -> Found:
        """What no fact proves may be true in each of the cases that the writer's alternatives make."""
        for at, one in enumerate(flat):
            for word in ("anyOf", "oneOf"):
                if not one.get(word):
                    continue
                without = {keyword: value for keyword, value in one.items() if keyword != word}
                rest = (*flat[:at], without, *flat[at + 1 :])
                for number, branch in enumerate(one[word]):
                    inner = self.of(reader, (*rest, branch), path)
                    if inner:
                        said = f"the writer's {word}/{number} ({short(branch)}) is not taken by the reader"
                        return [Incompatibility(path, "SUM_TYPE_NARROWED", said), *inner]
                return []
        return reasons

    def _whole(self, reader: Fact, writer: Facts, path: str) -> Iterator[Incompatibility]:
        """Hold each thing that the reader wants against what is known; all must be so."""
        if "$ref" in reader:
            yield from self.of(self._reader.targets.get(id(reader), False), writer.schemas, path)
            if self._reader.dialect.has_exclusive_ref:
                return
        values = self._values(writer)
        if values is not None:
            validator = self._reader.validator.evolve(schema=reader)
            refused = [value for value in values if not _fits(validator, value, otherwise=False)]
            if refused:
                rule = "ENUM_ARRAY_NARROWED" if "enum" in reader or "const" in reader else "TYPE_CHANGED"
                said = f"the writer may write {', '.join(short(one) for one in refused[:3])}, the reader refuses it"
                yield Incompatibility(path, rule, said)
            # Whether a format is heeded is the validator's own matter: listed or not, it must be the same.
            yield from _by_text({word: reader[word] for word in ("format",) if word in reader}, writer, path)
            return
        kinds = Facts((reader,)).kinds
        if not writer.kinds <= kinds:
            rule = "TYPE_NARROWED" if writer.kinds & kinds else "TYPE_CHANGED"
            yield Incompatibility(
                path, rule, f"the reader takes {_words(kinds)}, the writer writes {_words(writer.kinds)}"
            )
            return
        listed = None if writer.values is None else {key_of(value) for value in writer.values}
        for word in ("enum", "const"):
            if word in reader and not _lists_all(reader, word, listed):
                said = f"the reader takes only {short(reader[word])}, the writer writes others as well"
                yield Incompatibility(f"{path}/{word}", "ENUM_ARRAY_NARROWED", said)
        yield from check_numbers(reader, writer, path)
        yield from check_lengths(reader, writer, path)
        yield from check_objects(reader, writer, path, self.of)
        yield from check_arrays(reader, writer, path, self.of)
        yield from _by_text(reader, writer, path)
        yield from self._combined(reader, writer, path)

    def _values(self, writer: Facts) -> list[Any] | None:
        """Give all values that the writer may write, if they can be listed."""
        values = _values(writer)
        if values is None or len(values) > VALUES_MAX:
            return None
        self._budget.spend(len(values))
        validators = [self._writer.validator.evolve(schema=schema) for schema in writer.schemas]
        return [value for value in values if all(_fits(one, value, otherwise=True) for one in validators)]

    def _combined(self, reader: Fact, writer: Facts, path: str) -> Iterator[Incompatibility]:
        for number, branch in enumerate(reader.get("allOf", ())):
            yield from self.of(branch, writer.schemas, f"{path}/allOf/{number}")
        if "anyOf" in reader and not any(
            not self.of(branch, writer.schemas, f"{path}/anyOf/{number}")
            for number, branch in enumerate(reader["anyOf"])
        ):
            said = "no branch of the reader's takes all that the writer writes"
            yield Incompatibility(f"{path}/anyOf", "COMBINED_TYPE_SUBSCHEMAS_CHANGED", said)
        if "oneOf" in reader and not self._exactly_one(reader["oneOf"], writer, path):
            said = "what the writer writes is not taken by one branch of the reader's and surely by no other"
            yield Incompatibility(f"{path}/oneOf", "COMBINED_TYPE_SUBSCHEMAS_CHANGED", said)
        if "not" in reader and not self._excluded(reader["not"], writer):
            said = f"the reader refuses {short(reader['not'])}, the writer may write it"
            yield Incompatibility(f"{path}/not", "NOT_TYPE_EXTENDED", said)

    def _exactly_one(self, branches: list[Subschema], writer: Facts, path: str) -> bool:
        if any(self._is_the_one(number, branches, writer, (), path) for number in range(len(branches))):
            return True
        for schema in writer.schemas:
            cases = schema.get("oneOf", ())
            if not cases:
                continue
            rest = tuple(
                {key: value for key, value in one.items() if one is not schema or key != "oneOf"}
                for one in writer.schemas
            )
            flats = [_flat(self._writer, (*rest, case)) for case in cases]
            if all(
                flat is None
                or any(
                    self._is_the_one(number, branches, Facts(flat), (*cases[:at], *cases[at + 1 :]), path)
                    for number in range(len(branches))
                )
                for at, flat in enumerate(flats)
            ):
                return True
        return False

    def _is_the_one(
        self, number: int, branches: list[Subschema], writer: Facts, refused: tuple[Subschema, ...], path: str
    ) -> bool:
        """Whether one branch takes all, and no other any of it. `refused` are schemas that what is written does not fit."""
        if self.of(branches[number], writer.schemas, f"{path}/oneOf/{number}"):
            return False
        return all(
            at == number or any(self._lies_within(other, one) for one in refused) or self._are_apart(other, writer)
            for at, other in enumerate(branches)
        )

    def _excluded(self, refused: Subschema, writer: Facts) -> bool:
        """Whether surely nothing that is written fits what the reader refuses."""
        return any(self._lies_within(refused, one) for one in writer.given("not")) or self._are_apart(refused, writer)

    def _lies_within(self, reader: Subschema, writer: Subschema) -> bool:
        """Whether all that fits the reader's subschema fits the writer's: the question put the other way round."""
        return not _Comparison(self._writer, self._reader, self._budget, self._depth).of(writer, (reader,), "#")

    def _are_apart(self, reader: Subschema, writer: Facts) -> bool:
        """Whether surely no value fits both."""
        self._budget.spend(len(writer.schemas))
        flat = _flat(self._reader, (reader,))
        return flat is None or _apart(Facts(flat), writer, (self._reader, self._writer), DEPTH_MAX // 10)


def _flat(schema: JsonSchema, of: tuple[Subschema, ...]) -> tuple[Fact, ...] | None:
    """Take references and `allOf` apart; None where nothing fits. What cannot be looked up says nothing."""
    found: list[Fact] = []
    left = list(reversed(of))
    while left:
        one = left.pop()
        if one is False:
            return None
        if isinstance(one, bool):
            continue
        if "$ref" in one:
            left.append(schema.targets.get(id(one), True))
            if schema.dialect.has_exclusive_ref:
                continue
        left.extend(reversed(one.get("allOf", ())))
        taken = {"$ref", "allOf"} & one.keys()
        found.append({word: value for word, value in one.items() if word not in taken} if taken else one)
    return tuple(found)


def _apart(one: Facts, other: Facts, schemas: tuple[JsonSchema, JsonSchema], depth: int) -> bool:
    common = one.kinds & other.kinds
    if not common:
        return True
    mine, theirs = _values(one), _values(other)
    if mine is not None and theirs is not None:
        return not {key_of(value) for value in mine} & {key_of(value) for value in theirs}
    if common != {"object"} or depth == 0:
        return False
    for name in sorted(one.required | other.required):
        ours, others = (_flat(schema, member(facts, name)) for schema, facts in zip(schemas, (one, other), strict=True))
        if ours is None or others is None:
            return True
        if name in one.required & other.required and _apart(Facts(ours), Facts(others), schemas, depth - 1):
            return True
    return False


def _values(facts: Facts) -> list[Any] | None:
    """All values that there may be, if they can be listed."""
    if facts.values is not None:
        return [value for value in facts.values if kind_of(value) in facts.kinds]
    if facts.kinds <= {"null", "boolean"}:
        return [value for value in (None, False, True) if kind_of(value) in facts.kinds]
    return None


def _is_same(reader: object, writer: object) -> bool:
    """Whether two subschemas say the same by their text; a reference may lead to something else in each."""
    # In Python true is 1, in JSON it is not.
    return (
        reader == writer
        and "$ref" not in (text := write_json(reader, sort_keys=True))
        and text == write_json(writer, sort_keys=True)
    )


def _fits(validator: Validator, value: Any, *, otherwise: bool) -> bool:
    """Whether a value fits; `otherwise` where the library gives up: at a pattern that Python has no words for, for one."""
    try:
        return validator.is_valid(value)
    except (TypeError, ValueError, RecursionError, re.error, Unresolvable):
        return otherwise


def _lists_all(reader: Fact, word: str, written: set[str] | None) -> bool:
    values = reader["enum"] if word == "enum" else [reader["const"]]
    return written is not None and written <= {key_of(value) for value in values}


def _by_text(reader: Fact, writer: Facts, path: str) -> Iterator[Incompatibility]:
    for word, (kind, rule, others) in BY_TEXT.items():
        if word not in reader or (kind is not None and kind not in writer.kinds):
            continue
        words = (word, *others)
        ours = {each: reader.get(each) for each in words}
        if any(_is_same(ours, {each: one.get(each) for each in words}) for one in writer.schemas if word in one):
            continue
        given = next(writer.given(word), None)
        change = "ADDED" if given is None else "CHANGED"
        said = f"the reader has {word} {short(reader[word])}, the writer {'none' if given is None else short(given)}"
        yield Incompatibility(f"{path}/{word}", f"{rule}_{change}", said)


def _words(kinds: set[str]) -> str:
    named = sorted(kinds)
    if kinds >= {"integer", "fraction"}:
        named = sorted((kinds - {"integer", "fraction"}) | {"number"})
    return " or ".join(named) if len(named) < 6 else "anything"
