"""What is otherwise in one state than in another, part by part, down to the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from sim.tui.view_model.state import State

CLOCKS = frozenset({"seen", "now_us", "delivery_timeouts_us"})
"""Fields of a state that say which moment it is, or never change."""


class Change(NamedTuple):
    """One thing that is otherwise."""

    path: tuple[Any, ...]
    """Where it is: names of fields and keys of mappings, from the outside in; of a sequence, the number of the entry."""
    before: Any
    """NOTHING where it was not there."""
    after: Any
    """NOTHING where it is there no more."""


class _Nothing:
    """What is not there."""

    def __repr__(self) -> str:
        return "-"


NOTHING = _Nothing()


def difference(before: State, after: State) -> list[Change]:
    """Give every change that leads from one state to the other, in the order of the state's fields."""
    return [change for change in _between((), before, after) if change.path[0] not in CLOCKS]


def _between(path: tuple[Any, ...], before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            yield from _between((*path, field.name), getattr(before, field.name), getattr(after, field.name))
    elif hasattr(before, "_fields") and type(before) is type(after):
        for name, one, other in zip(before._fields, before, after, strict=True):
            yield from _between((*path, name), one, other)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _between((*path, key), before.get(key, NOTHING), after.get(key, NOTHING))
    elif _is_list(before) and _is_list(after):
        # Of a list that is kept short the oldest entries go: what stays is no change, wherever it stands now.
        yield from (Change((*path, place), one, NOTHING) for place, one in enumerate(before) if one not in after)
        yield from (Change((*path, place), NOTHING, one) for place, one in enumerate(after) if one not in before)
    else:
        yield Change(path, before, after)


def _is_list(value: Any) -> bool:
    """Whether it is a sequence of things that have fields: batches, faults."""
    return isinstance(value, tuple) and not hasattr(value, "_fields") and all(hasattr(one, "_fields") for one in value)
