"""Schemas whatever their subjects, by id and by GUID, and the formats that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.schemas.schema import SchemaType
from sim.registry.core import lookups
from sim.registry.core.outcome import Outcome, Text
from sim.registry.core.subjects import context_of
from sim.registry.rest.handlers.naming import formatted, told_of
from sim.registry.rest.messages import no_such_place

if TYPE_CHECKING:
    from sim.registry.core.entries import Entry
    from sim.registry.core.state import State
    from sim.registry.rest.messages import Asked

ID_MAX = (1 << 31) - 1


def list_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Give versions of all subjects that begin with `subjectPrefix`; with `latestOnly` one of each."""
    prefix = asked.query.get("subjectPrefix", ":*:")
    deleted = asked.flag("deleted")
    found: list[Entry] = []
    for subject in lookups.subjects_with(state, prefix or ":*:", deleted=deleted, deleted_only=False):
        entries = state.versions(subject, deleted=deleted)
        found += entries[-1:] if asked.flag("latestOnly") else entries
    return Outcome(asked.page([lookups.entry_json(entry) for entry in found]))


def _id(text: str) -> int:
    """Read an id of a path. Raises RegistryError 404 for what is none, as JAX-RS does."""
    is_number = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 11
    if not is_number or not -ID_MAX - 1 <= int(text) <= ID_MAX:
        raise no_such_place()
    return int(text)


def by_id(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the schema of an id. Raises RegistryError."""
    subject = asked.query.get("subject")
    entry = lookups.entry_with_id(state, _id(names[0]), subject)
    told = told_of(state, asked, entry)
    del told["id"]
    if subject is None:
        del told["subject"], told["version"]
    if asked.flag("fetchMaxId"):
        told["maxId"] = state.highest_id(context_of(entry.subject))
    return Outcome(told)


def text(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the schema of an id as it is, and nothing around it. Raises RegistryError."""
    entry = lookups.entry_with_id(state, _id(names[0]), asked.query.get("subject"))
    return Outcome(Text(formatted(state, asked, entry).schema.text))


def subjects(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the subjects in which an id is. Raises RegistryError."""
    deleted = asked.flag("deleted")
    found = lookups.places_with_id(state, _id(names[0]), asked.query.get("subject"), deleted=deleted)
    return Outcome(asked.page([entry.subject for entry in found]))


def versions(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the subjects and versions in which an id is. Raises RegistryError."""
    deleted = asked.flag("deleted")
    found = lookups.places_with_id(state, _id(names[0]), asked.query.get("subject"), deleted=deleted)
    return Outcome(asked.page([{"subject": entry.subject, "version": entry.version} for entry in found]))


def by_guid(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the schema of a GUID. Raises RegistryError."""
    told = told_of(state, asked, lookups.entries_with_guid(state, names[0])[0])
    del told["id"], told["subject"], told["version"]
    return Outcome(told)


def ids_of_guid(state: State, _: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the ids of a GUID, which are one in each context. Raises RegistryError."""
    found = lookups.entries_with_guid(state, names[0])
    return Outcome([{"context": context_of(entry.subject), "id": entry.id} for entry in found])


def types(_state: State, _asked: Asked, _names: tuple[str, ...]) -> Outcome:
    """Give the formats that schemas may be in."""
    return Outcome([str(one) for one in (SchemaType.JSON, SchemaType.PROTOBUF, SchemaType.AVRO)])
