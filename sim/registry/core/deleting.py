"""Versions and subjects are deleted: softly first, which hides them, then for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core.errors import RegistryCode, RegistryError, not_permitted, subject_not_found, version_not_found
from sim.registry.core.formats import LATEST
from sim.registry.core.outcome import Outcome, written
from sim.registry.core.records import ConfigKey, DeleteSubjectKey, ModeKey, Record, SchemaKey
from sim.registry.core.references import referring

if TYPE_CHECKING:
    from sim.registry.core.state import State


def delete_version(state: State, subject: str, version: int, *, permanent: bool) -> Outcome:
    """Delete one version; `LATEST` is the last one that is not deleted. The answer is its number.

    Raises RegistryError: 40401, 40402, 40406, 42205, 42206, 40407.
    """
    every = state.versions(subject, deleted=True)
    if not every:
        raise subject_not_found(subject)
    alive = state.versions(subject)
    number = alive[-1].version if version == LATEST and alive else every[-1].version if version == LATEST else version
    entry = state.version(subject, number)
    if entry is None:
        raise version_not_found(number)
    if entry.is_deleted and not permanent:
        raise RegistryError(
            RegistryCode.VERSION_SOFT_DELETED,
            f"Subject '{subject}' Version {number} was soft deleted. Set permanent=true to delete permanently",
        )
    _check_not_read_only(state, subject)
    _check_not_referred_to(state, subject, number, deleted=permanent)
    if permanent and not entry.is_deleted:
        raise RegistryError(
            RegistryCode.VERSION_NOT_SOFT_DELETED,
            f"Subject '{subject}' Version {number} was not deleted first before being permanently deleted",
        )
    key = SchemaKey(subject, number)
    if not permanent:
        return written(number, Record(key, entry._replace(is_deleted=True)))
    settings = _settings_of(state, subject) if len(every) == 1 else ()
    return written(number, Record(key), *settings)


def delete_subject(state: State, subject: str, *, permanent: bool) -> Outcome:
    """Delete a subject. The answer is the list of its versions that went.

    Raises RegistryError: 40401, 40404, 42205, 42206, 40405.
    """
    every = state.versions(subject, deleted=True)
    if not every:
        raise subject_not_found(subject)
    alive = state.versions(subject)
    if not permanent and not alive:
        raise RegistryError(
            RegistryCode.SUBJECT_SOFT_DELETED,
            f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently",
        )
    _check_not_read_only(state, subject)
    going = every if permanent else alive
    for entry in going:
        # What the subject's own versions refer to goes with them.
        _check_not_referred_to(state, subject, entry.version, deleted=permanent, besides=subject)
    if permanent and alive:
        raise RegistryError(
            RegistryCode.SUBJECT_NOT_SOFT_DELETED,
            f"Subject '{subject}' was not deleted first before being permanently deleted",
        )
    numbers = [entry.version for entry in going]
    if not permanent:
        return written(numbers, Record(DeleteSubjectKey(subject), numbers[-1]))
    gone = [Record(SchemaKey(subject, number)) for number in reversed(numbers)]
    return written(numbers, *gone, *_settings_of(state, subject))


def _settings_of(state: State, subject: str) -> tuple[Record, ...]:
    """Give what deletes a subject's settings, which go with its last version."""
    found = []
    if state.mode(subject) is not None:
        found.append(Record(ModeKey(subject)))
    if state.config(subject) is not None:
        found.append(Record(ConfigKey(subject)))
    return tuple(found)


def _check_not_read_only(state: State, subject: str) -> None:
    if state.mode_in_scope(subject).is_read_only:
        raise not_permitted(f"Subject {subject} is in read-only mode")


def _check_not_referred_to(state: State, subject: str, version: int, *, deleted: bool, besides: str = "") -> None:
    for one in referring(state, subject, version, deleted=deleted):
        if one.subject != besides:
            raise RegistryError(
                RegistryCode.REFERENCE_EXISTS,
                f"One or more references exist to the schema {{subject={subject},version={version}}}: "
                f"{one.subject} version {one.version}",
            )
