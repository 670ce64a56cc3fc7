"""What a path's names stand for, and a version as it is told: in the format that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.schemas.schema import SchemaType
from sim.registry.core import lookups
from sim.registry.core.descriptors import SERIALIZED, as_descriptor
from sim.registry.core.formats import read
from sim.registry.core.subjects import Subject, context_of

if TYPE_CHECKING:
    from sim.registry.core.entries import Entry
    from sim.registry.core.state import State
    from sim.registry.rest.messages import Asked


def subject_named(state: State, given: str) -> str:
    """Give the subject that a name stands for: written in the one way, or the one that it is an alias of."""
    text = Subject.of(given).text
    config = state.config(text)
    if config is None or config.alias is None:
        return text
    alias = Subject.of(config.alias)
    return alias.text if alias.context != "." else Subject(context_of(text), config.alias).text


def setting_named(given: str) -> str | None:
    """Give whose settings are meant: the default context's are everybody's."""
    text = Subject.of(given).text
    return text or None


def formatted(state: State, asked: Asked, entry: Entry) -> Entry:
    """Give a version with its schema in the format that is asked for; one that a format does not have is passed over."""
    if asked.query.get("format") != SERIALIZED or entry.schema.type is not SchemaType.PROTOBUF:
        return entry
    text = as_descriptor(read(state, entry.schema, entry.subject).parsed)
    return entry._replace(schema=entry.schema._replace(text=text))


def told_of(state: State, asked: Asked, entry: Entry) -> dict[str, Any]:
    """Give a version as it is told: with the GUID of what is kept, whatever the format."""
    return lookups.entry_json(formatted(state, asked, entry)) | {"guid": entry.guid}
