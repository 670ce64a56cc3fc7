"""What a scenario was when a witness was written: sixteen hex digits over everything that a witness does not hold itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sim.stories.properties import with_properties

if TYPE_CHECKING:
    from sim.stories.scenario import Scenario

_PLAIN = (str, bytes, int, float, type(None), Enum)


def fingerprint(scenario: Scenario) -> str:
    """Give the same for two scenarios that are told alike, in any process.

    Properties and schedule stand in a witness; what is said about a story, but not played, changes no run.
    """
    played = replace(with_properties(scenario, {}), schedule=(), question="", expects=frozenset(), notes="")
    return blake2b(_written(played).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _written(value: Any) -> str:
    """Write a value so that equal ones are written alike: nothing of an address, nothing of a set's order."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if is_dataclass(value):
        parts = [f"{one.name}={_written(getattr(value, one.name))}" for one in fields(value)]
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{_written(key)}: {_written(one)}' for key, one in value.items()))}}}"
    if isinstance(value, AbstractSet):
        return f"{{{', '.join(sorted(map(_written, value)))}}}"
    if isinstance(value, Sequence):
        return f"({', '.join(map(_written, value))})"
    # Something of the scenario's own: what it does cannot be seen.
    return f"<{type(value).__qualname__}>"
