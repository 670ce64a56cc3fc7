"""Whether the latest version of a subject will do for values that came with a schema of their own (`latest.compatibility.strict`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import SerializationError
from producer.schemas.compatibility import incompatibilities
from producer.serialization.formats.codec import parsed_of
from producer.serialization.references import referenced_by

if TYPE_CHECKING:
    from producer.schemas.schema import Schema
    from producer.serialization.registry.answers import Registered
    from producer.serialization.unknown import Questions


def check_reads(subject: str, latest: Schema, place: Registered, schema: Schema) -> Questions:
    """Raise SerializationError where the latest version cannot read what is written by the schema that values came with."""
    if latest.text == schema.text or latest.type is not schema.type:
        return
    reader = parsed_of(latest, (yield from referenced_by(latest)))
    found = incompatibilities(reader, parsed_of(schema, (yield from referenced_by(schema))))
    if found:
        raise SerializationError(
            f"{subject} version {place.version}, the latest, cannot read what is written by the schema that was given: {found[0]}; "
            "latest.compatibility.strict=false lets that pass"
        )
