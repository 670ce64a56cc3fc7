"""The schemas that a schema refers to, in the order in which they can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.schemas.schema import TEXT_CHARACTERS_MAX, InvalidSchemaError, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENCES_MAX = 1_000
"""Of one schema, all levels together."""


def in_order(schema: Schema, referenced: Mapping[str, Schema]) -> list[tuple[str, Schema]]:
    """Give what `schema` refers to by name, each once, after all that it needs itself.

    Raises InvalidSchemaError for a name that nobody knows, a circle, and another format.
    """
    found: dict[str, Schema] = {}
    # Names whose own references are being looked at, from the outermost; with what is left of them.
    open_names: list[str] = []
    left = [_names(schema, "the schema")]
    size = 0
    while left:
        if not left[-1]:
            left.pop()
            if open_names:
                name = open_names.pop()
                found[name] = referenced[name]
            continue
        name = left[-1].pop(0)
        if name in found:
            continue
        if name in open_names:
            circle = " -> ".join([*open_names[open_names.index(name) :], name])
            raise InvalidSchemaError(f"references go round in a circle: {circle}")
        needed = _look_up(name, schema, referenced, open_names)
        size += len(needed.text)
        if size > TEXT_CHARACTERS_MAX or len(found) + len(open_names) >= REFERENCES_MAX:
            raise InvalidSchemaError(
                f"reference {name!r}: with it, what is referred to has more than {REFERENCES_MAX} schemas "
                f"or {TEXT_CHARACTERS_MAX} characters"
            )
        open_names.append(name)
        left.append(_names(needed, f"reference {name!r}"))
    return list(found.items())


def _look_up(name: str, schema: Schema, referenced: Mapping[str, Schema], path: list[str]) -> Schema:
    needed = referenced.get(name)
    if needed is None:
        by = f" (of reference {path[-1]!r})" if path else ""
        raise InvalidSchemaError(f"reference {name!r}{by}: there is no such schema")
    if needed.type is not schema.type:
        raise InvalidSchemaError(f"reference {name!r} is of type {needed.type}, the schema of type {schema.type}")
    return needed


def _names(schema: Schema, whose: str) -> list[str]:
    names = [reference.name for reference in schema.references]
    seen = set()
    for name in names:
        if name in seen:
            raise InvalidSchemaError(f"{whose} has two references by the name {name!r}")
        seen.add(name)
    return names
