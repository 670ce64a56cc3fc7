"""How every machine here moves: one table of (state, input) -> state; a pair that is not in it is our own bug."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from producer.errors import IllegalTransitionError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Symbol(Enum):
    """A state of some machine, or an input to it."""

    # Found in the table by what it is: Enum takes the hash of its name, by a call of Python's, twice with each move.
    __hash__ = object.__hash__


State = TypeVar("State", bound=Symbol)
Input = TypeVar("Input", bound=Symbol)


def move(table: Mapping[tuple[State, Input], State], state: State, given: Input, *, whose: object) -> State:
    """Return the state that follows. Raises IllegalTransitionError, naming whose move it was, if there is none.

    `whose` is asked for its text only then.
    """
    following = table.get((state, given))
    if following is None:
        msg = f"{whose}: {given.name} while {state.name}"
        raise IllegalTransitionError(msg)
    return following
