"""Versions of a subject: read, registered, referred to, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core import deleting, lookups, registering
from sim.registry.core.outcome import Outcome, Text
from sim.registry.rest import bodies
from sim.registry.rest.handlers.naming import formatted, subject_named, told_of

if TYPE_CHECKING:
    from sim.registry.core.state import State
    from sim.registry.rest.messages import Asked


def list_all(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the numbers of a subject's versions. Raises RegistryError."""
    deleted, only = asked.flag("deleted"), asked.flag("deletedOnly")
    return Outcome(
        asked.page(lookups.versions_of(state, subject_named(state, names[0]), deleted=deleted, deleted_only=only))
    )


def register(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Make a schema the next version of a subject. Raises RegistryError."""
    wanted = bodies.candidate(asked, subject_named(state, names[0]))
    return registering.register(state, wanted, is_forced=asked.flag("force"))


def one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give a version. Raises RegistryError."""
    number = lookups.version_named(names[1])
    entry = lookups.entry_of(state, subject_named(state, names[0]), number, deleted=asked.flag("deleted"))
    return Outcome(told_of(state, asked, entry))


def text(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give a version's schema as it is, and nothing around it. Raises RegistryError."""
    number = lookups.version_named(names[1])
    entry = lookups.entry_of(state, subject_named(state, names[0]), number, deleted=asked.flag("deleted"))
    return Outcome(Text(formatted(state, asked, entry).schema.text))


def referenced_by(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the ids of the schemas that refer to a version. Raises RegistryError."""
    number = lookups.version_named(names[1])
    deleted = asked.flag("deleted")
    return Outcome(asked.page(lookups.ids_referring(state, subject_named(state, names[0]), number, deleted=deleted)))


def delete(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Hide a version, or with `permanent` let it be gone. Raises RegistryError."""
    number = lookups.version_named(names[1])
    return deleting.delete_version(state, subject_named(state, names[0]), number, permanent=asked.flag("permanent"))
