"""What the formats say of schemas: how one is read, with what it refers to, and whether another may follow it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from producer.schemas.parse import parse
from producer.schemas.schema import InvalidSchemaError, ParsedSchema, Schema
from sim.registry.core.descriptors import as_text
from sim.registry.core.errors import invalid_schema
from sim.registry.core.subjects import qualified

if TYPE_CHECKING:
    from sim.registry.core.state import State

LATEST = -1
REFERENCES_MAX = 1_000
"""How many schemas one may need, those that they need included."""
PARSED_MAX = 1_000
"""How many schemas are kept as they were read: a check asks for the same old ones again and again."""


class Read(NamedTuple):
    """A schema that is one."""

    parsed: ParsedSchema
    schema: Schema
    """As it is kept: its text in the canonical form."""


def read(state: State, schema: Schema, subject: str, *, normalizes: bool = False) -> Read:
    """Read a schema that is meant for a subject. Raises RegistryError 42201; FormatNotInstalledError."""
    try:
        schema = as_text(schema)
        parsed = _parsed(schema, tuple(_referenced(state, schema, subject).items()))
        text = parsed.normalized if normalizes else parsed.canonical
    except InvalidSchemaError as error:
        raise invalid_schema(str(error)) from error
    references = tuple(sorted(set(schema.references))) if normalizes else schema.references
    return Read(parsed, schema._replace(text=text, references=references))


@lru_cache(maxsize=PARSED_MAX)
def _parsed(schema: Schema, referenced: tuple[tuple[str, Schema], ...]) -> ParsedSchema:
    return parse(schema, dict(referenced))


def _referenced(state: State, schema: Schema, subject: str) -> dict[str, Schema]:
    """Give everything that a schema needs by name; versions that were deleted softly are there for it."""
    found: dict[str, Schema] = {}
    left = [(schema, subject)]
    while left:
        needing, whose = left.pop()
        for name, told_subject, version in needing.references:
            if name in found:
                continue
            place = qualified(told_subject, whose)
            versions = state.versions(place)
            entry = (versions[-1] if versions else None) if version == LATEST else state.version(place, version)
            if entry is None:
                raise InvalidSchemaError(
                    f"reference {name!r}: there is no version {version} of subject {told_subject!r}"
                )
            if len(found) >= REFERENCES_MAX:
                raise InvalidSchemaError(f"reference {name!r}: more than {REFERENCES_MAX} schemas are needed")
            found[name] = entry.schema
            left.append((entry.schema, place))
    return found
