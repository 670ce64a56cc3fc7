"""The states of a classic group: every pair of state and input, and no other move."""

import pytest

from producer.errors import IllegalTransitionError
from producer.transitions import move
from sim.cluster.coordinators.context import TRANSITIONS as CONTEXT_TRANSITIONS
from sim.cluster.coordinators.context import ContextInput, ContextState
from sim.cluster.coordinators.groups.classic_state import TRANSITIONS, ClassicInput, ClassicState, can_rebalance

EMPTY, PREPARING, COMPLETING, STABLE, DEAD = ClassicState
PREVIOUS = {
    EMPTY: {PREPARING},
    PREPARING: {STABLE, COMPLETING, EMPTY},
    COMPLETING: {PREPARING},
    STABLE: {COMPLETING},
    DEAD: {EMPTY, PREPARING, COMPLETING, STABLE, DEAD},
}
"""Kafka's table: ClassicGroupState.validPreviousStates."""


def test_a_group_comes_into_each_state_from_where_kafka_lets_it_and_from_nowhere_else() -> None:
    found: dict[ClassicState, set[ClassicState]] = {state: set() for state in ClassicState}
    for (state, _), following in TRANSITIONS.items():
        found[following].add(state)

    assert found == PREVIOUS


@pytest.mark.parametrize("given", ClassicInput)
@pytest.mark.parametrize("state", ClassicState)
def test_an_input_that_a_state_does_not_know_is_our_own_bug(state: ClassicState, given: ClassicInput) -> None:
    if (state, given) in TRANSITIONS:
        assert move(TRANSITIONS, state, given, whose="g") in ClassicState
    else:
        with pytest.raises(IllegalTransitionError, match=f"g: {given.name} while {state.name}"):
            move(TRANSITIONS, state, given, whose="g")


def test_a_rebalance_may_begin_in_every_state_but_in_one_and_in_the_grave() -> None:
    assert [state for state in ClassicState if not can_rebalance(state)] == [PREPARING, DEAD]


def test_a_coordinator_that_is_closed_stays_closed() -> None:
    assert not any((ContextState.CLOSED, given) in CONTEXT_TRANSITIONS for given in ContextInput)
