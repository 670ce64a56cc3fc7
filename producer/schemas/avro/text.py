"""An Avro schema as text that is one for all layouts: attributes in the order of Avro's own library, names resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.schemas.avro.names import defined_name, namespace_of, resolved
from producer.schemas.avro.reader import RECORDS
from producer.schemas.avro.types import PRIMITIVES, simple_name

if TYPE_CHECKING:
    from collections.abc import Mapping

RESERVED = frozenset(
    {"type", "name", "namespace", "doc", "fields", "symbols", "size", "items", "values", "aliases"},
)
"""Attributes of types that the specification gives a meaning; all else is a property."""
RESERVED_IN_ENUMS = RESERVED | {"default"}
RESERVED_IN_FIELDS = frozenset({"type", "name", "doc", "default", "order", "aliases"})

JsonType = str | list[Any] | dict[str, Any]
"""A type as it stands in JSON."""


class Writer:
    """Writes one schema, which must have been read without an error.

    `elsewhere` has the definitions of what is referred to, by full name, with the namespace around each: one is written
    out where it is first used. Without them its name stands there alone.
    """

    def __init__(
        self, elsewhere: Mapping[str, tuple[object, str]] | None = None, *, sort_properties: bool = False
    ) -> None:
        self._elsewhere = {} if elsewhere is None else elsewhere
        self._sort_properties = sort_properties
        self._written: set[str] = set()

    def type(self, value: object, namespace: str = "") -> JsonType:
        """Write a type as it stands in JSON, for a place within a namespace."""
        return self._type(value, namespace, namespace)

    def _type(self, value: object, namespace: str, around: str) -> JsonType:
        """`namespace` is where the value's own names are looked for, `around` where it is written."""
        if isinstance(value, str):
            return self._by_name(value, namespace, around)
        if isinstance(value, list):
            return [self._type(one, namespace, around) for one in value]
        assert isinstance(value, dict), f"{value!r} was read as a type"
        word = value["type"]
        if not isinstance(word, str):
            return self._type(word, namespace, around)
        if word in RECORDS or word in {"enum", "fixed"}:
            return self._defined(value, word, namespace, around)
        if word in {"array", "map"}:
            inner = "items" if word == "array" else "values"
            return {"type": word, inner: self._type(value[inner], namespace, around)} | self._properties(value)
        properties = self._properties(value)
        if properties and word in PRIMITIVES:
            return {"type": word} | properties
        return self._by_name(word, namespace, around)

    def _by_name(self, name: str, namespace: str, around: str) -> JsonType:
        if name in PRIMITIVES:
            return name
        full_name = resolved(name, namespace)
        if full_name in self._elsewhere and full_name not in self._written:
            value, its_namespace = self._elsewhere[full_name]
            return self._type(value, its_namespace, around)
        return _relative(full_name, around)

    def _defined(self, value: dict[str, object], word: str, namespace: str, around: str) -> JsonType:
        full_name = defined_name(value, namespace, "")
        if full_name in self._written:
            # It is part of a definition from elsewhere, and was needed before that was.
            return _relative(full_name, around)
        self._written.add(full_name)
        inner = namespace_of(full_name)
        written: dict[str, object] = {"type": word, "name": simple_name(full_name)}
        if inner != around:
            written["namespace"] = inner
        if "doc" in value:
            written["doc"] = value["doc"]
        if word in RECORDS:
            fields = value["fields"]
            assert isinstance(fields, list), f"{fields!r} was read as fields"
            written["fields"] = [self._field(one, inner) for one in fields]
        elif word == "enum":
            written["symbols"] = value["symbols"]
            if value.get("default") is not None:
                written["default"] = value["default"]
        else:
            written["size"] = value["size"]
        written |= self._properties(value, RESERVED_IN_ENUMS if word == "enum" else RESERVED)
        aliases = value.get("aliases")
        if isinstance(aliases, list) and aliases:
            written["aliases"] = [_relative(resolved(str(one), inner), inner) for one in aliases]
        return written

    def _field(self, value: dict[str, object], namespace: str) -> dict[str, object]:
        written: dict[str, object] = {"name": value["name"], "type": self.type(value["type"], namespace)}
        for word in ("doc", "default"):
            if word in value:
                written[word] = value[word]
        if value.get("order", "ascending") != "ascending":
            written["order"] = value["order"]
        if value.get("aliases"):
            written["aliases"] = value["aliases"]
        return written | self._properties(value, RESERVED_IN_FIELDS)

    def _properties(self, value: dict[str, object], reserved: frozenset[str] = RESERVED) -> dict[str, object]:
        words = [word for word in value if word not in reserved]
        return {word: value[word] for word in (sorted(words) if self._sort_properties else words)}


def _relative(full_name: str, namespace: str) -> str:
    """Give the shortest name that stands for a full one within a namespace."""
    short = simple_name(full_name)
    return short if namespace_of(full_name) == namespace and short not in PRIMITIVES else full_name
