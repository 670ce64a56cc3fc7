"""Whether a schema may follow one version, or all that its subject's level looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core import lookups
from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.core.outcome import Outcome
from sim.registry.rest import bodies
from sim.registry.rest.handlers.naming import subject_named

if TYPE_CHECKING:
    from sim.registry.core.entries import Entry
    from sim.registry.core.state import State
    from sim.registry.rest.messages import Asked


def with_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Say whether a schema may follow one version. Raises RegistryError."""
    subject = subject_named(state, names[0])
    olds = lookups.olds_named(state, subject, lookups.version_named(names[1]))
    return _checked(state, asked, subject, olds)


def with_every(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Say whether a schema may follow all of its subject's versions, as the level has it. Raises RegistryError."""
    subject = subject_named(state, names[0])
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
