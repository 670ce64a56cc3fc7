"""A state in sixteen hex digits: two that are shown alike have the same, in any process."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.tui.view_model.state import State


def state_hash(state: State) -> str:
    """Give the hash of everything that a screen shows of a run after one event."""
    return blake2b(_written(state).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _written(value: Any) -> str:
    """Write a value so that equal ones are written alike, whatever the order in which a mapping was filled."""
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(f'{_written(key)}:{_written(one)}' for key, one in value.items()))}}}"
    if isinstance(value, AbstractSet):
        return f"{{{','.join(sorted(map(_written, value)))}}}"
    if isinstance(value, tuple | list):
        return f"({','.join(map(_written, value))})"
    if is_dataclass(value):
        return f"({','.join(_written(getattr(value, one.name)) for one in fields(value))})"
    return repr(value)
