"""Every route of the registry, one row each, and what is done there: a request and the state become an outcome."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.schemas.schema import SchemaType
from sim.registry.core import deleting, lookups, registering, settings
from sim.registry.core.descriptors import SERIALIZED, as_descriptor
from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.core.formats import read
from sim.registry.core.outcome import Outcome, Text
from sim.registry.core.subjects import Subject, context_of
from sim.registry.rest import bodies
from sim.registry.rest.messages import Asked, no_such_place

if TYPE_CHECKING:
    from sim.registry.core.entries import Entry
    from sim.registry.core.state import State

Handler = Callable[["State", Asked, tuple[str, ...]], Outcome]
"""Is given what stands where the row has `*`. Raises RegistryError."""

ID_MAX = (1 << 31) - 1


class Kind(Enum):
    """Who may answer."""

    READ = auto()
    """Any registry, by what it has read so far."""
    REGISTER = auto()
    """Any registry that finds the schema there already; else the leader."""
    WRITE = auto()
    """The leader."""


class Route(NamedTuple):
    """One row."""

    method: str
    path: str
    kind: Kind
    handler: Handler


class Found(NamedTuple):
    """A route, and what its path names."""

    route: Route
    names: tuple[str, ...]


def find_route(asked: Asked) -> Found:
    """Find what is asked for. Raises RegistryError 404, 405."""
    allowed = []
    for route in ROUTES:
        parts = tuple(route.path.split("/")[1:]) if route.path != "/" else ()
        if len(parts) != len(asked.path):
            continue
        names = tuple([given for part, given in zip(parts, asked.path, strict=True) if part == "*"])
        if any(part not in ("*", given) for part, given in zip(parts, asked.path, strict=True)):
            continue
        if route.method in (asked.method, "GET" if asked.method == "HEAD" else ""):
            return Found(route, names)
        allowed.append(route.method)
    if allowed:
        raise RegistryError(RegistryCode.METHOD_NOT_ALLOWED, f"HTTP 405 Method Not Allowed, but {', '.join(allowed)}")
    raise no_such_place()


def respond(state: State, asked: Asked, found: Found) -> Outcome:
    """Do it. Raises RegistryError."""
    return found.route.handler(state, asked, found.names)


def answer_as_follower(state: State, asked: Asked, found: Found) -> Outcome | None:
    """Answer what needs no leader; None for what does. Raises RegistryError."""
    if found.route.kind is Kind.READ:
        return respond(state, asked, found)
    if found.route.kind is Kind.REGISTER:
        return registering.already_registered(state, bodies.candidate(asked, _subject(state, found.names[0])))
    return None


def _subject(state: State, given: str) -> str:
    """Give the subject that a name stands for: written in the one way, or the one that it is an alias of."""
    text = Subject.of(given).text
    config = state.config(text)
    if config is None or config.alias is None:
        return text
    alias = Subject.of(config.alias)
    return alias.text if alias.context != "." else Subject(context_of(text), config.alias).text


def _setting_of(given: str) -> str | None:
    """Give whose settings are meant: the default context's are everybody's."""
    text = Subject.of(given).text
    return text or None


def _formatted(state: State, asked: Asked, entry: Entry) -> Entry:
    """Give a version with its schema in the format that is asked for; one that a format does not have is passed over."""
    if asked.query.get("format") != SERIALIZED or entry.schema.type is not SchemaType.PROTOBUF:
        return entry
    text = as_descriptor(read(state, entry.schema, entry.subject).parsed)
    return entry._replace(schema=entry.schema._replace(text=text))


def _told(state: State, asked: Asked, entry: Entry) -> dict[str, Any]:
    # The GUID is that of what is kept, whatever the format.
    return lookups.entry_json(_formatted(state, asked, entry)) | {"guid": entry.guid}


# -- subjects ----------------------------------------------------------------------------------------------------------


def _list_subjects(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    prefix = asked.query.get("subjectPrefix", ":*:")
    deleted, only = asked.flag("deleted"), asked.flag("deletedOnly")
    return Outcome(asked.page(lookups.subjects_with(state, prefix, deleted=deleted, deleted_only=only)))


def _look_up(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    wanted = bodies.candidate(asked, _subject(state, names[0]))
    return Outcome(_told(state, asked, lookups.look_up(state, wanted, deleted=asked.flag("deleted"))))


def _delete_subject(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    return deleting.delete_subject(state, _subject(state, names[0]), permanent=asked.flag("permanent"))


def _latest_with_metadata(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    subject = _subject(state, names[0])
    name, value = asked.query.get("key"), asked.query.get("value")
    found = lookups.latest_with(state, subject, name, value, deleted=asked.flag("deleted"))
    return Outcome(_told(state, asked, found))


# -- versions ----------------------------------------------------------------------------------------------------------


def _list_versions(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    deleted, only = asked.flag("deleted"), asked.flag("deletedOnly")
    return Outcome(
        asked.page(lookups.versions_of(state, _subject(state, names[0]), deleted=deleted, deleted_only=only))
    )


def _register(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    wanted = bodies.candidate(asked, _subject(state, names[0]))
    return registering.register(state, wanted, is_forced=asked.flag("force"))


def _version(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    number = lookups.version_named(names[1])
    entry = lookups.entry_of(state, _subject(state, names[0]), number, deleted=asked.flag("deleted"))
    return Outcome(_told(state, asked, entry))


def _version_text(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    number = lookups.version_named(names[1])
    entry = lookups.entry_of(state, _subject(state, names[0]), number, deleted=asked.flag("deleted"))
    return Outcome(Text(_formatted(state, asked, entry).schema.text))


def _referenced_by(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    number = lookups.version_named(names[1])
    deleted = asked.flag("deleted")
    return Outcome(asked.page(lookups.ids_referring(state, _subject(state, names[0]), number, deleted=deleted)))


def _delete_version(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    number = lookups.version_named(names[1])
    return deleting.delete_version(state, _subject(state, names[0]), number, permanent=asked.flag("permanent"))


# -- schemas -----------------------------------------------------------------------------------------------------------


def _list_schemas(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    prefix = asked.query.get("subjectPrefix", ":*:")
    deleted = asked.flag("deleted")
    found: list[Entry] = []
    for subject in lookups.subjects_with(state, prefix or ":*:", deleted=deleted, deleted_only=False):
        versions = state.versions(subject, deleted=deleted)
        found += versions[-1:] if asked.flag("latestOnly") else versions
    return Outcome(asked.page([lookups.entry_json(entry) for entry in found]))


def _id(text: str) -> int:
    """Read an id of a path. Raises RegistryError 404 for what is none, as JAX-RS does."""
    is_number = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 11
    if not is_number or not -ID_MAX - 1 <= int(text) <= ID_MAX:
        raise no_such_place()
    return int(text)


def _schema(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    subject = asked.query.get("subject")
    entry = lookups.entry_with_id(state, _id(names[0]), subject)
    told = _told(state, asked, entry)
    del told["id"]
    if subject is None:
        del told["subject"], told["version"]
    if asked.flag("fetchMaxId"):
        told["maxId"] = state.highest_id(context_of(entry.subject))
    return Outcome(told)


def _schema_text(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    entry = lookups.entry_with_id(state, _id(names[0]), asked.query.get("subject"))
    return Outcome(Text(_formatted(state, asked, entry).schema.text))


def _schema_subjects(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    deleted = asked.flag("deleted")
    found = lookups.places_with_id(state, _id(names[0]), asked.query.get("subject"), deleted=deleted)
    return Outcome(asked.page([entry.subject for entry in found]))


def _schema_versions(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    deleted = asked.flag("deleted")
    found = lookups.places_with_id(state, _id(names[0]), asked.query.get("subject"), deleted=deleted)
    return Outcome(asked.page([{"subject": entry.subject, "version": entry.version} for entry in found]))


def _schema_by_guid(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    told = _told(state, asked, lookups.entries_with_guid(state, names[0])[0])
    del told["id"], told["subject"], told["version"]
    return Outcome(told)


def _ids_of_guid(state: State, _: Asked, names: tuple[str, ...]) -> Outcome:
    found = lookups.entries_with_guid(state, names[0])
    return Outcome([{"context": context_of(entry.subject), "id": entry.id} for entry in found])


def _types(_state: State, _asked: Asked, _names: tuple[str, ...]) -> Outcome:
    return Outcome([str(one) for one in (SchemaType.JSON, SchemaType.PROTOBUF, SchemaType.AVRO)])


# -- compatibility -----------------------------------------------------------------------------------------------------


def _check_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    subject = _subject(state, names[0])
    olds = lookups.olds_named(state, subject, lookups.version_named(names[1]))
    return _checked(state, asked, subject, olds)


def _check_every(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    subject = _subject(state, names[0])
    return _checked(state, asked, subject, state.versions(subject))


def _checked(state: State, asked: Asked, subject: str, olds: tuple[Entry, ...]) -> Outcome:
    is_verbose = asked.flag("verbose")
    wanted = bodies.candidate(asked, subject)
    try:
        found = lookups.objections_to(state, wanted, olds)
    except RegistryError as error:
        if not is_verbose or error.code is not RegistryCode.INVALID_SCHEMA:
            raise
        found = [error.message]
    return Outcome({"is_compatible": not found} | ({"messages": found} if is_verbose else {}))


# -- settings ----------------------------------------------------------------------------------------------------------


def _config_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    return Outcome(settings.config_json_of(state, None, defaults_to_global=asked.flag("defaultToGlobal")))


def _config(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    whose = _setting_of(names[0])
    return Outcome(settings.config_json_of(state, whose, defaults_to_global=asked.flag("defaultToGlobal")))


def _set_config_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    return settings.set_config(state, None, bodies.config(asked))


def _set_config(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    return settings.set_config(state, _setting_of(names[0]), bodies.config(asked))


def _delete_config_of_all(state: State, _: Asked, _names: tuple[str, ...]) -> Outcome:
    return settings.delete_config(state, None)


def _delete_config(state: State, _: Asked, names: tuple[str, ...]) -> Outcome:
    return settings.delete_config(state, _setting_of(names[0]))


def _mode_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    return Outcome(settings.mode_json_of(state, None, defaults_to_global=asked.flag("defaultToGlobal")))


def _mode(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    whose = _setting_of(names[0])
    return Outcome(settings.mode_json_of(state, whose, defaults_to_global=asked.flag("defaultToGlobal")))


def _set_mode_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    mode = settings.mode_named(bodies.mode(asked), None)
    return settings.set_mode(state, None, mode, is_forced=asked.flag("force"))


def _set_mode(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    whose = _setting_of(names[0])
    mode = settings.mode_named(bodies.mode(asked), whose)
    return settings.set_mode(state, whose, mode, is_forced=asked.flag("force"))


def _delete_mode_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    return settings.delete_mode(state, None, is_recursive=asked.flag("recursive"))


def _delete_mode(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    return settings.delete_mode(state, _setting_of(names[0]), is_recursive=asked.flag("recursive"))


def _contexts(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    prefix = asked.query.get("contextPrefix", "")
    return Outcome(asked.page([one for one in state.contexts if one.startswith(prefix)]))


def _root(_state: State, _asked: Asked, _names: tuple[str, ...]) -> Outcome:
    return Outcome({})


ROUTES = (
    Route("GET", "/", Kind.READ, _root),
    Route("GET", "/subjects", Kind.READ, _list_subjects),
    Route("POST", "/subjects/*", Kind.READ, _look_up),
    Route("DELETE", "/subjects/*", Kind.WRITE, _delete_subject),
    Route("GET", "/subjects/*/metadata", Kind.READ, _latest_with_metadata),
    Route("GET", "/subjects/*/versions", Kind.READ, _list_versions),
    Route("POST", "/subjects/*/versions", Kind.REGISTER, _register),
    Route("GET", "/subjects/*/versions/*", Kind.READ, _version),
    Route("DELETE", "/subjects/*/versions/*", Kind.WRITE, _delete_version),
    Route("GET", "/subjects/*/versions/*/schema", Kind.READ, _version_text),
    Route("GET", "/subjects/*/versions/*/referencedby", Kind.READ, _referenced_by),
    Route("GET", "/schemas", Kind.READ, _list_schemas),
    Route("GET", "/schemas/types", Kind.READ, _types),
    Route("GET", "/schemas/ids/*", Kind.READ, _schema),
    Route("GET", "/schemas/ids/*/schema", Kind.READ, _schema_text),
    Route("GET", "/schemas/ids/*/subjects", Kind.READ, _schema_subjects),
    Route("GET", "/schemas/ids/*/versions", Kind.READ, _schema_versions),
    Route("GET", "/schemas/guids/*", Kind.READ, _schema_by_guid),
    Route("GET", "/schemas/guids/*/ids", Kind.READ, _ids_of_guid),
    Route("POST", "/compatibility/subjects/*/versions", Kind.READ, _check_every),
    Route("POST", "/compatibility/subjects/*/versions/*", Kind.READ, _check_one),
    Route("GET", "/config", Kind.READ, _config_of_all),
    Route("PUT", "/config", Kind.WRITE, _set_config_of_all),
    Route("DELETE", "/config", Kind.WRITE, _delete_config_of_all),
    Route("GET", "/config/*", Kind.READ, _config),
    Route("PUT", "/config/*", Kind.WRITE, _set_config),
    Route("DELETE", "/config/*", Kind.WRITE, _delete_config),
    Route("GET", "/mode", Kind.READ, _mode_of_all),
    Route("PUT", "/mode", Kind.WRITE, _set_mode_of_all),
    Route("DELETE", "/mode", Kind.WRITE, _delete_mode_of_all),
    Route("GET", "/mode/*", Kind.READ, _mode),
    Route("PUT", "/mode/*", Kind.WRITE, _set_mode),
    Route("DELETE", "/mode/*", Kind.WRITE, _delete_mode),
    Route("GET", "/contexts", Kind.READ, _contexts),
)
