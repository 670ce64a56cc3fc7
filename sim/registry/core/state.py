"""What a registry knows: a fold over the records of its log. Nothing else changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.schemas.compatibility.levels import Rules
from sim.registry.core.entries import Config, Entry, Mode
from sim.registry.core.records import (
    ClearSubjectKey,
    ConfigKey,
    ContextKey,
    DeleteSubjectKey,
    ModeKey,
    Record,
    SchemaKey,
)
from sim.registry.core.subjects import DEFAULT_CONTEXT, GLOBAL_CONTEXT, Subject, context_of, context_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.schemas.schema import Schema

DEFAULT_LEVEL = "BACKWARD"
"""schema.compatibility.level."""

SchemaIdentity = tuple[object, ...]
"""Equal for what is one schema: type, canonical text, references, metadata and rules."""


class State:
    """Everything, by subject and version, by id, and by what the schema says. Orders are those of the log."""

    def __init__(self, default_level: str = DEFAULT_LEVEL, rules: Rules = Rules.CONFLUENT) -> None:
        """`default_level` holds where nobody has set one; `rules` decide where registries differ in what is compatible."""
        self.default_level = default_level
        self.rules = rules
        self.records = 0
        """How many were taken."""
        self.conflicts = 0
        """How many schemas were passed over, as their id meant another one already."""
        self._entries: dict[str, dict[int, Entry]] = {}
        self._configs: dict[str | None, Config] = {}
        self._modes: dict[str | None, Mode] = {}
        self._contexts: dict[str, None] = {}
        self._by_id: dict[tuple[str, int], dict[str, int]] = {}
        """Context and id -> its subjects, and the latest version there."""
        self._ids: dict[tuple[str, SchemaIdentity], int] = {}
        self._guids: dict[tuple[str, str], dict[int, None]] = {}
        """Context and GUID -> ids; two, where one text is a schema of two formats."""
        self._highest_ids: dict[str, int] = {}

    # -- the fold ------------------------------------------------------------------------------------------------------

    def take(self, record: Record) -> Record | None:
        """Let a record of the log be so.

        One that gives an id that means another schema already is passed over: two registries that both led have given it, and the
        first one has it. Whoever leads writes what this returns then: what stands there instead, for those who read the log later
        (Confluent's KafkaStoreMessageHandler).
        """
        self.records += 1
        key, value = record
        match key:
            case SchemaKey():
                if isinstance(value, Entry) and self._contradicts(value):
                    self.conflicts += 1
                    return Record(key, self.version(key.subject, key.version))
                if isinstance(value, Entry):
                    self._put(value)
                else:
                    self._remove(key)
            case ConfigKey(subject):
                self._configs.pop(subject, None)
                if isinstance(value, Config):
                    self._configs[subject] = value
            case ModeKey(subject):
                self._modes.pop(subject, None)
                if isinstance(value, Mode):
                    self._modes[subject] = value
            case ContextKey(context):
                self._contexts.pop(context, None)
                if value is not None:
                    self._contexts[context] = None
            case DeleteSubjectKey(subject) if isinstance(value, int):
                for entry in tuple(self._entries.get(subject, {}).values()):
                    if entry.version <= value:
                        self._put(entry._replace(is_deleted=True))
            case ClearSubjectKey(subject) if value is not None:
                for entry in self.entries(subject, deleted=True):
                    if entry.is_deleted:
                        self._remove(SchemaKey(entry.subject, entry.version))
            case _:
                pass
        return None

    def _contradicts(self, entry: Entry) -> bool:
        others = self.places_of(entry.id, context_of(entry.subject))
        return any((one.schema, one.extras) != (entry.schema, entry.extras) for one in others)

    def _put(self, entry: Entry) -> None:
        context = context_of(entry.subject)
        replaced = self.version(entry.subject, entry.version)
        if replaced is not None and replaced.id != entry.id:
            self._remove(SchemaKey(entry.subject, entry.version))
        self._entries.setdefault(entry.subject, {})[entry.version] = entry
        self._by_id.setdefault((context, entry.id), {})[entry.subject] = entry.version
        self._ids[context, identity_of(entry.schema, entry.extras)] = entry.id
        self._guids.setdefault((context, entry.guid), {})[entry.id] = None
        self._highest_ids[context] = max(entry.id, self._highest_ids.get(context, 0))

    def _remove(self, key: SchemaKey) -> None:
        versions = self._entries.get(key.subject, {})
        entry = versions.pop(key.version, None)
        if entry is None:
            return
        if not versions:
            del self._entries[key.subject]
        where = context_of(key.subject), entry.id
        if self._by_id[where].get(key.subject) == key.version:
            del self._by_id[where][key.subject]
            # An earlier version of the same schema may stand there still.
            for other in versions.values():
                if other.id == entry.id:
                    self._by_id[where][key.subject] = other.version
        if not self._by_id[where]:
            del self._by_id[where]

    def holds(self, record: Record) -> bool:
        """Whether what a record says is so now."""
        if not isinstance(record.key, SchemaKey):
            return True
        return self.version(record.key.subject, record.key.version) == record.value

    # -- subjects and versions -----------------------------------------------------------------------------------------

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts in which something was registered, the default one first."""
        return (DEFAULT_CONTEXT, *self._contexts)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Those of which there is a version, deleted softly or not, in the order of the alphabet."""
        return tuple(sorted(self._entries))

    def versions(self, subject: str, *, deleted: bool = False) -> tuple[Entry, ...]:
        """Give a subject's versions, the oldest first; with `deleted` those that were deleted softly, too."""
        found = sorted(self._entries.get(subject, {}).items())
        return tuple([entry for _, entry in found if deleted or not entry.is_deleted])

    def version(self, subject: str, version: int) -> Entry | None:
        """Give one version, deleted softly or not."""
        return self._entries.get(subject, {}).get(version)

    def entries(self, within: str | None, *, deleted: bool) -> Iterator[Entry]:
        """Give every version of a subject, of all in a context, or, for None, of all in the default one."""
        wanted = Subject.of(within or "")
        for subject in self.subjects:
            there = Subject.of(subject)
            is_within = wanted.context in (GLOBAL_CONTEXT, there.context)
            if is_within and (wanted.is_context or wanted.name == there.name):
                yield from self.versions(subject, deleted=deleted)

    # -- schemas -------------------------------------------------------------------------------------------------------

    def id_of(self, identity: SchemaIdentity, context: str) -> int | None:
        """Give the id that a schema has in a context, as long as some subject there has it."""
        found = self._ids.get((context, identity))
        return found if found is not None and (context, found) in self._by_id else None

    def next_id(self, context: str) -> int:
        """Give the id of the next new schema of a context."""
        return self._highest_ids.get(context, 0) + 1

    def highest_id(self, context: str) -> int:
        """Give the highest id that was ever given there, 0 for none."""
        return self._highest_ids.get(context, 0)

    def places_of(self, schema_id: int, context: str) -> tuple[Entry, ...]:
        """Give the latest version of each subject that has this id, deleted softly or not."""
        places = self._by_id.get((context, schema_id), {})
        return tuple([self._entries[subject][version] for subject, version in places.items()])

    def with_guid(self, guid: str, context: str) -> Entry | None:
        """Give a schema of a context by its GUID, as it is written in the one way."""
        for schema_id in self._guids.get((context, guid), ()):
            for entry in self.places_of(schema_id, context):
                return entry
        return None

    # -- settings ------------------------------------------------------------------------------------------------------

    def config(self, subject: str | None) -> Config | None:
        """Give what was set for a subject, a context, or, for None, for all."""
        return self._configs.get(subject)

    def level_in_scope(self, subject: str) -> str:
        """Name the level that holds for a subject."""
        return self.config_in_scope(subject).level or self.default_level

    def config_in_scope(self, subject: str | None) -> Config:
        """Give what holds: what is set for the subject, for its context, for all, or else by default."""
        found = Config()
        for place in _scope(subject):
            if place in self._configs:
                found = found.over(self._configs[place])
        own = None if subject is None else self._configs.get(subject)
        return found.over(Config(self.default_level))._replace(alias=None if own is None else own.alias)

    def mode(self, subject: str | None) -> Mode | None:
        """Give the mode that was set for a subject, a context, or, for None, for all."""
        return self._modes.get(subject)

    def mode_in_scope(self, subject: str | None) -> Mode:
        """Give the mode that holds."""
        for place in _scope(subject):
            if place in self._modes:
                return self._modes[place]
        return Mode.READWRITE


def identity_of(schema: Schema, extras: tuple[tuple[str, str], ...] = ()) -> SchemaIdentity:
    """Give what is equal for one and the same schema, of which there is the canonical form."""
    return (schema.type, schema.text, schema.references, extras)


def _scope(subject: str | None) -> Iterator[str | None]:
    """Give the places where settings for a subject may stand, the nearest first."""
    if subject is not None:
        yield subject
        context = context_of(subject)
        yield None if context == DEFAULT_CONTEXT else context_text(context)
    else:
        yield None
    yield context_text(GLOBAL_CONTEXT)
