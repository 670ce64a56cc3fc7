"""The states of a group by the classic protocol, and how it moves between them (Kafka's ClassicGroupState)."""

from __future__ import annotations

from enum import auto
from typing import TYPE_CHECKING

from producer.transitions import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping


class ClassicState(Symbol):
    """The values are what DescribeGroups tells."""

    EMPTY = "Empty"
    """Nobody is a member; offsets may be kept."""
    PREPARING_REBALANCE = "PreparingRebalance"
    """Members are awaited who join again."""
    COMPLETING_REBALANCE = "CompletingRebalance"
    """All have joined; what the leader assigns is awaited."""
    STABLE = "Stable"
    """Everybody has its assignment."""
    DEAD = "Dead"
    """Another broker coordinates it."""


class ClassicInput(Symbol):
    REBALANCE = auto()
    """Somebody came, went, or wants something else."""
    JOINED = auto()
    """Whoever joins in this generation has."""
    LEFT_EMPTY = auto()
    """The generation begins with nobody."""
    ASSIGNED = auto()
    """The leader's assignment is committed."""
    UNLOADED = auto()


_TRANSITIONS_BUT_UNLOADED = {
    (ClassicState.EMPTY, ClassicInput.REBALANCE): ClassicState.PREPARING_REBALANCE,
    (ClassicState.STABLE, ClassicInput.REBALANCE): ClassicState.PREPARING_REBALANCE,
    (ClassicState.COMPLETING_REBALANCE, ClassicInput.REBALANCE): ClassicState.PREPARING_REBALANCE,
    (ClassicState.PREPARING_REBALANCE, ClassicInput.JOINED): ClassicState.COMPLETING_REBALANCE,
    (ClassicState.PREPARING_REBALANCE, ClassicInput.LEFT_EMPTY): ClassicState.EMPTY,
    (ClassicState.COMPLETING_REBALANCE, ClassicInput.ASSIGNED): ClassicState.STABLE,
}

TRANSITIONS: Mapping[tuple[ClassicState, ClassicInput], ClassicState] = _TRANSITIONS_BUT_UNLOADED | {
    (state, ClassicInput.UNLOADED): ClassicState.DEAD for state in ClassicState
}


def can_rebalance(state: ClassicState) -> bool:
    """Whether a rebalance may begin now."""
    return (state, ClassicInput.REBALANCE) in TRANSITIONS
