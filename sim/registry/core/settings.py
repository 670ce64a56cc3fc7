"""Compatibility levels and modes are set, and deleted again: of a subject, of a context, of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.schemas.compatibility.levels import CompatibilityLevel
from sim.registry.core.entries import Config, Mode, config_json
from sim.registry.core.errors import RegistryCode, RegistryError, not_permitted, subject_not_found
from sim.registry.core.outcome import Outcome, written
from sim.registry.core.records import ClearSubjectKey, ConfigKey, ModeKey, Record, SchemaKey
from sim.registry.core.references import referring
from sim.registry.core.subjects import GLOBAL_CONTEXT, Subject, check_subject

if TYPE_CHECKING:
    from sim.registry.core.state import State


# -- levels ------------------------------------------------------------------------------------------------------------


def level_named(text: str) -> str:
    """Read a compatibility level. Raises RegistryError 42203."""
    try:
        return str(CompatibilityLevel(text.upper()))
    except ValueError:
        words = ", ".join(one.lower() for one in CompatibilityLevel)
        raise RegistryError(
            RegistryCode.INVALID_LEVEL, f"Invalid compatibility level {text!r}. Valid values are {words}"
        ) from None


def config_json_of(state: State, subject: str | None, *, defaults_to_global: bool) -> dict[str, Any]:
    """Give what is set for a subject, or what holds for it. Raises RegistryError 40408."""
    if subject is None:
        found = state.config_in_scope(None) if defaults_to_global else state.config(None) or Config()
    elif defaults_to_global:
        found = state.config_in_scope(subject)
    else:
        set_there = state.config(subject)
        if set_there is None and Subject.of(subject).context != GLOBAL_CONTEXT:
            raise RegistryError(
                RegistryCode.NO_LEVEL_ON_SUBJECT,
                f"Subject '{subject}' does not have subject-level compatibility configured",
            )
        found = set_there or Config()
    return config_json(found.over(Config(state.default_level)))


def set_config(state: State, subject: str | None, told: Config) -> Outcome:
    """Set what `told` says, and keep the rest. Raises RegistryError 42208, 42205."""
    if subject is not None:
        check_subject(subject, is_for_settings=True)
    _check_not_read_only(state, subject)
    kept = state.config(subject) or Config()
    alias = kept.alias if told.alias is None else told.alias or None
    config = told.over(kept)._replace(alias=alias)
    return written(config_json(config, level_key="compatibility"), Record(ConfigKey(subject), config))


def delete_config(state: State, subject: str | None) -> Outcome:
    """Let what is more general hold again; the answer is what was set. Raises RegistryError 40401, 42205."""
    found = state.config(subject)
    if found is None and subject is not None:
        raise subject_not_found(subject)
    _check_not_read_only(state, subject)
    gone = found or Config()
    records = () if found is None else (Record(ConfigKey(subject)),)
    return written(config_json(gone.over(Config(state.default_level))), *records)


# -- modes -------------------------------------------------------------------------------------------------------------


def mode_named(text: str, subject: str | None) -> Mode:
    """Read a mode. Raises RegistryError 42204."""
    try:
        mode = Mode(text.upper())
    except ValueError:
        words = ", ".join(Mode)
        raise RegistryError(RegistryCode.INVALID_MODE, f"Invalid mode {text!r}. Valid values are {words}") from None
    if mode is Mode.FORWARD and (subject is None or Subject.of(subject).context != GLOBAL_CONTEXT):
        raise RegistryError(RegistryCode.INVALID_MODE, "Invalid mode. Forward mode only supported on global level")
    return mode


def mode_json_of(state: State, subject: str | None, *, defaults_to_global: bool) -> dict[str, Any]:
    """Give the mode that is set for a subject, or that holds for it. Raises RegistryError 40409."""
    if defaults_to_global:
        return {"mode": str(state.mode_in_scope(subject))}
    found = state.mode(subject)
    if found is None and subject is not None and Subject.of(subject).context != GLOBAL_CONTEXT:
        raise RegistryError(
            RegistryCode.NO_MODE_ON_SUBJECT, f"Subject '{subject}' does not have subject-level mode configured"
        )
    return {"mode": str(found or Mode.READWRITE)}


def set_mode(state: State, subject: str | None, mode: Mode, *, is_forced: bool = False) -> Outcome:
    """Set a mode. IMPORT wants no schemas there, unless `is_forced`. Raises RegistryError 42208, 42205, 42206."""
    if subject is not None:
        check_subject(subject, is_for_settings=True)
    cleared: list[Record] = []
    if mode is Mode.IMPORT and state.mode_in_scope(subject) is not Mode.IMPORT and not is_forced:
        if any(state.entries(subject, deleted=False)):
            raise not_permitted("Cannot import since found existing subjects")
        cleared = _clear(state, subject)
    return written({"mode": str(mode)}, *cleared, Record(ModeKey(subject), mode))


def _clear(state: State, subject: str | None) -> list[Record]:
    """Let what was deleted softly be gone: whoever imports begins with nothing."""
    found = list(state.entries(subject, deleted=True))
    for entry in found:
        if referring(state, entry.subject, entry.version, deleted=True):
            raise RegistryError(
                RegistryCode.REFERENCE_EXISTS,
                f"One or more references exist to the schema {{subject={entry.subject},version={entry.version}}}",
            )
    gone = [Record(SchemaKey(entry.subject, entry.version)) for entry in found]
    return [*gone, Record(ClearSubjectKey(subject), subject or "")]


def delete_mode(state: State, subject: str | None, *, is_recursive: bool = False) -> Outcome:
    """Let what is more general hold again; the answer is what was set. Raises RegistryError 40401."""
    found = state.mode(subject)
    if found is None and subject is not None and not is_recursive:
        raise subject_not_found(subject)
    gone = [subject] if found is not None else []
    if is_recursive and (subject is None or Subject.of(subject).is_context):
        within = dict.fromkeys(entry.subject for entry in state.entries(subject, deleted=True))
        gone += [one for one in within if state.mode(one) is not None]
    told = {"mode": str(found or Mode.READWRITE)} if found is not None or subject is None else {}
    return written(told, *(Record(ModeKey(one)) for one in gone))


def _check_not_read_only(state: State, subject: str | None) -> None:
    if state.mode_in_scope(subject).is_read_only:
        raise not_permitted(f"Subject {subject or 'of all'} is in read-only mode")
