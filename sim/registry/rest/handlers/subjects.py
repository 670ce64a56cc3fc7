"""Subjects: which there are, whether one has a schema, the latest version with some metadata, and the end of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core import deleting, lookups
from sim.registry.core.outcome import Outcome
from sim.registry.rest import bodies
from sim.registry.rest.handlers.naming import subject_named, told_of

if TYPE_CHECKING:
    from sim.registry.core.state import State
    from sim.registry.rest.messages import Asked


def list_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Give the names of the subjects that begin with `subjectPrefix`."""
    prefix = asked.query.get("subjectPrefix", ":*:")
    deleted, only = asked.flag("deleted"), asked.flag("deletedOnly")
    return Outcome(asked.page(lookups.subjects_with(state, prefix, deleted=deleted, deleted_only=only)))


def look_up(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the version that a schema is of a subject. Raises RegistryError."""
    wanted = bodies.candidate(asked, subject_named(state, names[0]))
    return Outcome(told_of(state, asked, lookups.look_up(state, wanted, deleted=asked.flag("deleted"))))


def delete(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Hide a subject, or with `permanent` let it be gone. Raises RegistryError."""
    return deleting.delete_subject(state, subject_named(state, names[0]), permanent=asked.flag("permanent"))


def latest_with_metadata(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the latest version that has each `key` with its `value` in its metadata. Raises RegistryError."""
    subject = subject_named(state, names[0])
    wanted = dict(zip(asked.every("key"), asked.every("value"), strict=False))
    found = lookups.latest_with(state, subject, wanted, deleted=asked.flag("deleted"))
    return Outcome(told_of(state, asked, found))


def list_contexts(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Give the names of the contexts that begin with `contextPrefix`."""
    prefix = asked.query.get("contextPrefix", "")
    return Outcome(asked.page([one for one in state.contexts if one.startswith(prefix)]))
