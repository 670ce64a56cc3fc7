"""The schemas that a schema refers to, asked of the registry one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.schemas.references import REFERENCES_MAX
from producer.schemas.schema import InvalidSchemaError
from producer.serialization.registry import answers, calls

if TYPE_CHECKING:
    from collections.abc import Generator

    from producer.schemas.schema import Schema
    from producer.serialization.registry.calls import Call


def referenced_by(schema: Schema) -> Generator[Call, Any, dict[str, Schema]]:
    """Ask for all that a schema refers to, and they in turn. Gives them by the names of their references.

    Raises InvalidSchemaError for more than REFERENCES_MAX; a circle is found by whoever reads them.
    """
    found: dict[str, Schema] = {}
    left = list(reversed(schema.references))
    while left:
        reference = left.pop()
        if reference.name in found:
            continue
        if len(found) == REFERENCES_MAX:
            raise InvalidSchemaError(f"reference {reference.name!r}: with it there are more than {REFERENCES_MAX}")
        call = calls.version_of(reference.subject, reference.version)
        found[reference.name] = answers.schema(call, (yield call))
        left += reversed(found[reference.name].references)
    return found
