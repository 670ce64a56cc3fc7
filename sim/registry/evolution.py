"""A history of one schema under every level: which version would have been taken, and what stands against the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.schemas.compatibility.levels import CompatibilityLevel
from sim.registry.core.entries import Config, Entry
from sim.registry.core.formats import read
from sim.registry.core.judging import objections
from sim.registry.core.records import ConfigKey, Record, SchemaKey
from sim.registry.core.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from producer.schemas.schema import Schema

LEVELS = tuple(str(level) for level in CompatibilityLevel)
"""The columns."""


class Step(NamedTuple):
    """One version, as it follows those before it."""

    version: int
    objections: Mapping[str, tuple[str, ...]]
    """Level -> what stands against it; nothing where it would have been taken."""


def evolve(subject: str, history: Sequence[tuple[int, Schema]], needed: Sequence[Entry] = ()) -> list[Step]:
    """Check each version of a history, the oldest first, against those before it. `needed` is what they refer to.

    Raises RegistryError 42201 for one that is no schema.
    """
    state = State()
    for entry in needed:
        state.take(Record(SchemaKey(entry.subject, entry.version), entry))
    steps = []
    for place, (version, schema) in enumerate(history, start=1):
        new = read(state, schema, subject)
        olds = state.versions(subject)
        found = {}
        for level in LEVELS:
            state.take(Record(ConfigKey(subject), Config(level)))
            found[level] = tuple(objections(state, subject, new, olds))
        steps.append(Step(version, found))
        # Each has an id of its own here: what is asked is whether they follow each other.
        state.take(Record(SchemaKey(subject, version), Entry(subject, version, ID_BEYOND + place, new.schema)))
    return steps


ID_BEYOND = 1 << 40
"""Above any id of a registry, so that no version is taken for one of what it refers to."""
