"""The fields that a schema names, for a lineage: of Avro and JSON Schema, from their text; those of records within as `customer.email`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from producer.governance.lineage.dataset import Field

DEEPEST = 32
"""A schema that goes deeper, or refers to itself, is followed no further."""


def avro_fields(text: str) -> tuple[Field, ...]:
    """Give the fields of an Avro record. Raises ValueError for text that is no JSON."""
    return tuple(_of_avro(json.loads(text), "", DEEPEST))


def json_fields(text: str) -> tuple[Field, ...]:
    """Give the properties of a JSON Schema's object. Raises ValueError for text that is no JSON."""
    return tuple(_of_json(json.loads(text), "", DEEPEST))


def _of_avro(schema: Any, before: str, deeper: int) -> Iterator[Field]:
    if not isinstance(schema, dict) or schema.get("type") != "record" or deeper == 0:
        return
    for one in schema.get("fields", ()):
        name, kind = before + str(one["name"]), one.get("type")
        yield Field(name, _avro_word(kind))
        within = [kind] if not isinstance(kind, list) else kind
        for inner in within:
            yield from _of_avro(inner, f"{name}.", deeper - 1)


def _avro_word(kind: Any) -> str:
    if isinstance(kind, list):
        return "|".join(map(_avro_word, kind))
    if isinstance(kind, dict):
        return str(kind.get("logicalType") or kind.get("name") or kind.get("type"))
    return str(kind)


def _of_json(schema: Any, before: str, deeper: int) -> Iterator[Field]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or deeper == 0:
        return
    for word, one in properties.items():
        name = before + word
        kind = one.get("type", "") if isinstance(one, dict) else ""
        yield Field(name, "|".join(kind) if isinstance(kind, list) else str(kind))
        yield from _of_json(one, f"{name}.", deeper - 1)
