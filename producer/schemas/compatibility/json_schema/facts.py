"""What is known of a value that a writer's schema has accepted: several schemas, all of which it fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from producer.schemas.json_text import write_json

KINDS = ("null", "boolean", "object", "array", "string", "integer", "fraction")
"""Kinds of values that no two have in common; `number` is the last but one and the last."""

Subschema = Mapping[str, Any] | bool
Fact = Mapping[str, Any]


def kinds_of(schema: Fact) -> set[str]:
    """Give the kinds that the keyword `type` leaves."""
    given = schema.get("type", list(KINDS))
    words = [given] if isinstance(given, str) else given
    found = {word for word in words if word != "number"}
    return found | {"integer", "fraction"} if "number" in words else found


def kind_of(value: object) -> str:
    """Give the kind of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == int(value) else "fraction"
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "string"


def key_of(value: object) -> str:
    """Give a text that two values share only if JSON Schema takes them for equal: 1.0 is 1, and true is not."""
    return write_json(_whole(value), sort_keys=True)


def _whole(value: object) -> object:
    if isinstance(value, float) and value == int(value):
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {name: _whole(one) for name, one in value.items()} if isinstance(value, dict) else value


class Facts:
    """Schemas that all hold for one value. None of them is a boolean, a reference or a combination of others."""

    def __init__(self, schemas: tuple[Fact, ...]) -> None:
        self.schemas = schemas
        kinds = set(KINDS)
        for schema in schemas:
            kinds &= kinds_of(schema)
        self.values = self._values()
        if self.values is not None:
            kinds &= {kind_of(value) for value in self.values}
        self.kinds = kinds
        """What the value can be; empty if there is no such value."""

    def _values(self) -> list[Any] | None:
        """All values that there are, where `enum` or `const` lists them; fewer may fit."""
        for schema in self.schemas:
            if "const" in schema:
                return [schema["const"]]
        lists = [schema["enum"] for schema in self.schemas if "enum" in schema]
        return min(lists, key=len) if lists else None

    def given(self, keyword: str) -> Iterator[Any]:
        """Give what each schema says with a keyword."""
        return (schema[keyword] for schema in self.schemas if keyword in schema)

    def largest(self, keyword: str) -> Fraction | None:
        """Give the largest number that a keyword has; None if there is none."""
        return max((Fraction(str(one)) for one in self.given(keyword)), default=None)

    def smallest(self, keyword: str) -> Fraction | None:
        """Give the smallest number that a keyword has; None if there is none."""
        return min((Fraction(str(one)) for one in self.given(keyword)), default=None)

    @property
    def required(self) -> set[str]:
        """Names of members that an object has for certain."""
        return {name for names in self.given("required") if isinstance(names, list) for name in names}
