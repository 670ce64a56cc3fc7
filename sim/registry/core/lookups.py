"""What is asked of a registry and changes nothing: versions, schemas, ids, GUIDs, and whether one would be compatible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.registry.core.entries import schema_json, written_guid
from sim.registry.core.errors import (
    RegistryCode,
    RegistryError,
    invalid_schema,
    schema_not_found,
    subject_not_found,
    version_not_found,
)
from sim.registry.core.formats import LATEST, read
from sim.registry.core.judging import objections
from sim.registry.core.references import referring
from sim.registry.core.state import identity_of
from sim.registry.core.subjects import DEFAULT_CONTEXT, EVERY_CONTEXT, Subject, context_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.registry.core.entries import Entry
    from sim.registry.core.registering import Candidate
    from sim.registry.core.state import State

VERSION_MAX = (1 << 31) - 1


def version_named(text: str) -> int:
    """Read a version as a path has it: a number from 1, `latest` or -1. Raises RegistryError 42202."""
    told = text.strip()
    if told.lower() == "latest" or told == str(LATEST):
        return LATEST
    if not (told.isascii() and told.isdigit() and 1 <= int(told[:20]) <= VERSION_MAX):
        raise RegistryError(
            RegistryCode.INVALID_VERSION,
            f"The specified version '{text}' is not a valid version id. Allowed values are between [1, 2^31-1] "
            'and the string "latest"',
        )
    return int(told)


def entry_of(state: State, subject: str, version: int, *, deleted: bool = False) -> Entry:
    """Find one version; without a context of its own, a subject is looked for in every one. Raises RegistryError 40401, 40402."""
    for place in _places(state, subject):
        found = find(state, place, version, deleted=deleted)
        if found is not None:
            return found
    if not state.versions(subject, deleted=deleted):
        raise subject_not_found(subject)
    raise version_not_found(version)


def find(state: State, subject: str, version: int, *, deleted: bool = False) -> Entry | None:
    """Find one version of exactly that subject, `LATEST` for the last; None if it has none."""
    versions = state.versions(subject, deleted=deleted)
    if version == LATEST:
        return versions[-1] if versions else None
    return next((one for one in versions if one.version == version), None)


def _places(state: State, subject: str) -> list[str]:
    named = Subject.of(subject)
    if named.context != DEFAULT_CONTEXT:
        return [subject]
    return [Subject(context, named.name).text for context in state.contexts]


def entry_json(entry: Entry) -> dict[str, Any]:
    """Give a version as JSON has it."""
    told = {"subject": entry.subject, "version": entry.version, "id": entry.id, "guid": entry.guid}
    return told | schema_json(entry.schema, entry.extras)


def versions_of(state: State, subject: str, *, deleted: bool, deleted_only: bool) -> list[int]:
    """Number a subject's versions. Raises RegistryError 40401."""
    every = state.versions(subject, deleted=deleted or deleted_only)
    if not every:
        raise subject_not_found(subject)
    return [one.version for one in every if one.is_deleted or not deleted_only]


def subjects_with(state: State, prefix: str, *, deleted: bool, deleted_only: bool) -> list[str]:
    """List subjects that begin so, in their context; `:*:` stands for every context."""
    wanted = Subject.of(prefix)
    found = []
    for text in state.subjects:
        subject = Subject.of(text)
        if wanted.context not in (EVERY_CONTEXT, subject.context) or not subject.name.startswith(wanted.name):
            continue
        is_alive = bool(state.versions(text))
        if not is_alive if deleted_only else is_alive or deleted:
            found.append(text)
    return found


def look_up(state: State, wanted: Candidate, *, deleted: bool = False) -> Entry:
    """Find a schema under a subject. Raises RegistryError 42201, 40401, 40403."""
    if wanted.schema is not None:
        normalizes = wanted.normalizes or state.config_in_scope(wanted.subject).normalize is True
        schema = read(state, wanted.schema, wanted.subject, normalizes=normalizes).schema
        identity = identity_of(schema, wanted.extras)
        for place in _places(state, wanted.subject):
            for entry in reversed(state.versions(place, deleted=deleted)):
                if identity_of(entry.schema, entry.extras) == identity:
                    return entry
    if not state.versions(wanted.subject, deleted=deleted):
        raise subject_not_found(wanted.subject)
    raise schema_not_found()


def latest_with(state: State, subject: str, wanted: Mapping[str, str], *, deleted: bool) -> Entry:
    """Find the latest version whose metadata have all these properties; any metadata for none. Raises RegistryError 40401, 40403."""
    versions = state.versions(subject, deleted=deleted)
    for entry in reversed(versions):
        metadata = json.loads(dict(entry.extras).get("metadata", "null"))
        told = metadata.get("properties") if isinstance(metadata, dict) else None
        properties = told if isinstance(told, dict) else {}
        if metadata is not None and wanted.items() <= properties.items():
            return entry
    if not versions:
        raise subject_not_found(subject)
    raise schema_not_found()


# -- by id -------------------------------------------------------------------------------------------------------------


def entry_with_id(state: State, schema_id: int, subject: str | None = None) -> Entry:
    """Find a schema by its id, in the context of a subject, and there in the subject if it has it; also one deleted softly.

    Raises RegistryError 40403.
    """
    named = Subject.of(subject or "")
    if not named.is_context:
        for place in _places(state, named.text):
            for entry in state.places_of(schema_id, context_of(place)):
                if entry.subject == place:
                    return entry
    if named.is_context or named.context == DEFAULT_CONTEXT:
        found = state.places_of(schema_id, named.context)
        if found:
            return found[0]
    raise schema_not_found(schema_id)


def places_with_id(state: State, schema_id: int, subject: str | None, *, deleted: bool) -> list[Entry]:
    """List the subjects that have this schema, each with its latest version. Raises RegistryError 40403."""
    found = entry_with_id(state, schema_id, subject)
    places = state.places_of(schema_id, context_of(found.subject))
    return [one for one in places if deleted or not one.is_deleted]


def entries_with_guid(state: State, guid: str) -> list[Entry]:
    """List the ids of a schema by its GUID, one for each context that has it. Raises RegistryError 40403 for none."""
    wanted = written_guid(guid.replace("-", "").lower())
    found = [entry for context in state.contexts if (entry := state.with_guid(wanted, context)) is not None]
    if not found:
        raise schema_not_found(guid)
    return found


def ids_referring(state: State, subject: str, version: int, *, deleted: bool) -> list[int]:
    """List the ids of what needs a version. Raises RegistryError 40401, 40402."""
    entry = entry_of(state, subject, version, deleted=True)
    return sorted({one.id for one in referring(state, entry.subject, entry.version, deleted=deleted)})


# -- compatibility -----------------------------------------------------------------------------------------------------


def objections_to(state: State, wanted: Candidate, olds: Sequence[Entry]) -> list[str]:
    """Say what stands against a schema that would follow these. Raises RegistryError 42201."""
    if wanted.schema is None:
        raise invalid_schema("Empty schema")
    normalizes = wanted.normalizes or state.config_in_scope(wanted.subject).normalize is True
    new = read(state, wanted.schema, wanted.subject, normalizes=normalizes)
    return objections(state, wanted.subject, new, olds)


def olds_named(state: State, subject: str, version: int) -> tuple[Entry, ...]:
    """Give the one version that a check asks about; nothing where there is no latest one. Raises RegistryError 40402."""
    found = find(state, subject, version)
    if found is None and version != LATEST:
        raise version_not_found(version)
    return () if found is None else (found,)
