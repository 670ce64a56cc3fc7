"""A schema is registered: found where it is already, checked against what is there, given an id and a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.registry.core.entries import Entry, Mode, schema_json
from sim.registry.core.errors import RegistryCode, RegistryError, invalid_schema, not_permitted
from sim.registry.core.formats import read
from sim.registry.core.judging import objections
from sim.registry.core.outcome import Outcome, written
from sim.registry.core.records import ContextKey, Record, SchemaKey
from sim.registry.core.references import referring
from sim.registry.core.state import identity_of
from sim.registry.core.subjects import DEFAULT_CONTEXT, check_subject, context_of

if TYPE_CHECKING:
    from producer.schemas.schema import Schema
    from sim.registry.core.formats import Read
    from sim.registry.core.state import State

UNSAID = -1
"""An id that the registry is to choose; a version that is the next one."""


class Candidate(NamedTuple):
    """What somebody wants to register, or to find."""

    subject: str
    schema: Schema | None
    """None where only what belongs to the latest version is given: its schema is meant again."""
    extras: tuple[tuple[str, str], ...] = ()
    id: int = UNSAID
    """Only who imports says it."""
    version: int = 0
    """0 or -1: the next one."""
    normalizes: bool = False


def register(state: State, wanted: Candidate, *, is_forced: bool = False) -> Outcome:
    """Register a schema; one that its subject has is found, whatever came after it. `is_forced`: without a check.

    Raises RegistryError: 42208 subject, 42205 mode, 42201 schema, 409 incompatible, 42207 and 42205 id, 42209 size.
    """
    subject, extras = wanted.subject, wanted.extras
    check_subject(subject)
    mode = state.mode_in_scope(subject)
    _check_mode(subject, mode, wanted)
    versions = state.versions(subject)
    new = _read(state, wanted, versions)
    schema = new.schema
    identity = identity_of(schema, extras)
    context = context_of(subject)
    known_id = state.id_of(identity, context)
    schema_id = wanted.id
    if known_id is not None and wanted.id in (UNSAID, known_id):
        found = _latest_with(known_id, versions, identity)
        if found is not None and wanted.version in (0, UNSAID, found.version):
            return Outcome(registered_json(found))
        schema_id = known_id
    version = _next_version(state, subject, wanted, mode)
    if not mode.takes_ids and not is_forced:
        _check_follows(state, subject, new, versions)
    if schema_id == UNSAID:
        schema_id = state.next_id(context)
    else:
        _check_id(state, context, schema_id, Entry(subject, version, schema_id, schema, extras))
    entry = Entry(subject, version, schema_id, schema, extras)
    records = [Record(SchemaKey(subject, version), entry)]
    if context != DEFAULT_CONTEXT and context not in state.contexts:
        records.insert(0, Record(ContextKey(context), context))
    # A version of this schema that was deleted softly makes room, unless somebody refers to it.
    records[-1:-1] = [
        Record(SchemaKey(subject, old.version))
        for old in state.versions(subject, deleted=True)
        if old.is_deleted
        and old.id == schema_id
        and old.version < version
        and not referring(state, subject, old.version, deleted=True)
    ]
    return written(registered_json(entry), *records)


def already_registered(state: State, wanted: Candidate) -> Outcome | None:
    """Give the answer where nothing is to be done, as a follower may; None where its leader must be asked.

    Raises RegistryError 42208, 42201: as far as this registry has read, it is no schema.
    """
    check_subject(wanted.subject)
    if wanted.schema is None:
        return None
    schema = read(state, wanted.schema, wanted.subject, normalizes=_normalizes(state, wanted)).schema
    identity = identity_of(schema, wanted.extras)
    known_id = state.id_of(identity, context_of(wanted.subject))
    found = None if known_id is None else _latest_with(known_id, state.versions(wanted.subject), identity)
    is_meant = found is not None and wanted.id in (UNSAID, found.id) and wanted.version in (0, UNSAID, found.version)
    return Outcome(registered_json(found)) if found is not None and is_meant else None


def registered_json(entry: Entry) -> dict[str, Any]:
    """Give what is answered to who registers."""
    told = {"id": entry.id, "version": entry.version, "guid": entry.guid}
    return told | schema_json(entry.schema, entry.extras)


def _normalizes(state: State, wanted: Candidate) -> bool:
    return wanted.normalizes or state.config_in_scope(wanted.subject).normalize is True


def _check_mode(subject: str, mode: Mode, wanted: Candidate) -> None:
    if mode.is_read_only:
        raise not_permitted(f"Subject {subject} is in read-only mode")
    if wanted.id != UNSAID and not mode.takes_ids:
        raise not_permitted(f"Subject {subject} is not in import mode")
    if wanted.id == UNSAID and mode is not Mode.READWRITE:
        raise not_permitted(f"Subject {subject} is not in read-write mode")


def _read(state: State, wanted: Candidate, versions: tuple[Entry, ...]) -> Read:
    schema = wanted.schema
    if schema is None:
        if not versions:
            raise invalid_schema("Empty schema")
        schema = versions[-1].schema
    return read(state, schema, wanted.subject, normalizes=_normalizes(state, wanted))


def _latest_with(schema_id: int, versions: tuple[Entry, ...], identity: object) -> Entry | None:
    """Give the latest version with this id that is this very schema."""
    found = [one for one in versions if one.id == schema_id and identity_of(one.schema, one.extras) == identity]
    return found[-1] if found else None


def _next_version(state: State, subject: str, wanted: Candidate, mode: Mode) -> int:
    every = state.versions(subject, deleted=True)
    following = every[-1].version + 1 if every else 1
    if wanted.version in (0, UNSAID):
        return following
    if wanted.version != following and not mode.takes_ids:
        raise invalid_schema(f"Version is not one more than previous version: it is {wanted.version}, not {following}")
    if wanted.version < 1:
        raise RegistryError(
            RegistryCode.INVALID_VERSION, f"The specified version '{wanted.version}' is not a valid version id."
        )
    return wanted.version


def _check_follows(state: State, subject: str, new: Read, versions: tuple[Entry, ...]) -> None:
    found = objections(state, subject, new, versions)
    if found:
        details = "; ".join(found)
        raise RegistryError(
            RegistryCode.CONFLICT,
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}", details: {details}',
        )


def _check_id(state: State, context: str, schema_id: int, entry: Entry) -> None:
    """An id means one schema, for good."""
    for other in state.places_of(schema_id, context):
        if identity_of(other.schema, other.extras) != identity_of(entry.schema, entry.extras):
            raise not_permitted(f"Overwrite new schema with id {schema_id} in context {context} is not permitted.")
