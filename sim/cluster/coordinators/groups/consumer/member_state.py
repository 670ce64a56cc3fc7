"""How far a member has come on its way to its target assignment, and how it moves (Kafka's MemberState).

Who has to give up partitions keeps its epoch until it has let go of them. Then it takes the target's epoch, with those of
its new partitions that are free, and waits for those that others still hold.
"""

from __future__ import annotations

from enum import auto
from typing import TYPE_CHECKING

from producer.transitions import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping


class MemberState(Symbol):
    """The values are those of the records."""

    STABLE = 0
    """It has what it was assigned in its epoch."""
    UNREVOKED_PARTITIONS = 1
    """It was told to give up partitions, and has yet to say that it has."""
    UNRELEASED_PARTITIONS = 2
    """It is in the target's epoch, but others hold partitions that it shall have."""
    UNKNOWN = 127
    """Written by a coordinator that knows more states."""


class MemberInput(Symbol):
    """What the next step towards the target is."""

    MUST_REVOKE = auto()
    """It owns what the target does not give it."""
    MUST_WAIT = auto()
    """Others own what the target gives it."""
    REACHED = auto()
    """It has all that the target gives it."""


_FOLLOWING = {
    MemberInput.MUST_REVOKE: MemberState.UNREVOKED_PARTITIONS,
    MemberInput.MUST_WAIT: MemberState.UNRELEASED_PARTITIONS,
    MemberInput.REACHED: MemberState.STABLE,
}

TRANSITIONS: Mapping[tuple[MemberState, MemberInput], MemberState] = {
    # The target may be another one each time that somebody looks, so every step may follow every state.
    (state, given): following
    for state in MemberState
    for given, following in _FOLLOWING.items()
    # Who is in a state that nobody knows starts anew, with nothing that could be revoked.
    if (state, given) != (MemberState.UNKNOWN, MemberInput.MUST_REVOKE)
}
