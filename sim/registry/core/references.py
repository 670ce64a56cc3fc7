"""Who refers to a version: what is referred to cannot be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core.formats import LATEST
from sim.registry.core.subjects import qualified

if TYPE_CHECKING:
    from sim.registry.core.entries import Entry
    from sim.registry.core.state import State


def referring(state: State, subject: str, version: int, *, deleted: bool = False) -> tuple[Entry, ...]:
    """Give the versions, of whatever subject, that need this one; with `deleted` those that were deleted softly, too."""
    latest = state.versions(subject)
    is_latest = bool(latest) and latest[-1].version == version
    return tuple([
        entry
        for other in state.subjects
        for entry in state.versions(other, deleted=deleted)
        if any(
            qualified(one.subject, other) == subject
            and (one.version == version or (one.version == LATEST and is_latest))
            for one in entry.schema.references
        )
    ])  # fmt: skip
