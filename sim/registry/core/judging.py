"""Whether a schema may follow others under a subject, by the level that holds there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.schemas.compatibility.levels import CompatibilityLevel, check
from sim.registry.core.formats import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.registry.core.entries import Entry
    from sim.registry.core.formats import Read
    from sim.registry.core.state import State


def objections(state: State, subject: str, new: Read, olds: Sequence[Entry]) -> list[str]:
    """Give what stands against it, each with version, place and rule; nothing if it may. `olds` are older versions, the oldest first.

    Of more than one the level says which count. Raises RegistryError 42201 for an old one that cannot be read any more.
    """
    level = CompatibilityLevel(state.level_in_scope(subject))
    if level is CompatibilityLevel.NONE:
        return []
    asked = olds if level.is_transitive else olds[-1:]
    parsed = [read(state, old.schema, old.subject).parsed for old in asked]
    return [f"version {asked[one.version].version}: {one}" for one in check(level, new.parsed, parsed, state.rules)]
