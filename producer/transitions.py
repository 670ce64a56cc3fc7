"""How every machine here moves: one table of (state, input) -> state; a pair that is not in it is our own bug."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from producer.errors import IllegalTransitionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

State = TypeVar("State", bound="Enum")
Input = TypeVar("Input", bound="Enum")


def move(table: Mapping[tuple[State, Input], State], state: State, given: Input, *, whose: str) -> State:
    """Return the state that follows. Raises IllegalTransitionError, naming whose move it was, if there is none."""
    following = table.get((state, given))
    if following is None:
        msg = f"{whose}: {given.name} while {state.name}"
        raise IllegalTransitionError(msg)
    return following
