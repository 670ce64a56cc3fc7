"""A schema registry that registers whatever is a schema, though it tells everybody that a level holds."""

from __future__ import annotations

from producer.schemas.compatibility.levels import CompatibilityLevel
from sim.mutants.planting import Mutant
from sim.registry.core.state import State


class _Lax(State):
    """Asks no version whether it may follow the others."""

    def level_in_scope(self, subject: str) -> str:  # noqa: ARG002
        return CompatibilityLevel.NONE


LEVEL_NOT_ASKED = Mutant(
    "level_not_asked",
    "a schema registry takes a version that its level forbids",
    registry_state=_Lax,
    is_of_schemas=True,
)
