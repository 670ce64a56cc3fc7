"""The server's table of SASL: every pair of state and input that Kafka knows moves, every other one is our bug."""

from itertools import product

import pytest

from producer.errors import IllegalTransitionError
from producer.transitions import move
from sim.cluster.security.sasl import scram
from sim.cluster.security.sasl.states import TRANSITIONS, SaslServerInput, SaslServerState

ABSENT = [pair for pair in product(SaslServerState, SaslServerInput) if pair not in TRANSITIONS]


@pytest.mark.parametrize(("state", "given"), ABSENT)
def test_what_is_not_in_the_table_is_a_bug(state: SaslServerState, given: SaslServerInput) -> None:
    with pytest.raises(IllegalTransitionError, match=given.name):
        move(TRANSITIONS, state, given, whose="SASL")


def test_who_failed_never_comes_any_further() -> None:
    assert not [pair for pair in TRANSITIONS if pair[0] is SaslServerState.FAILED]
    assert not [pair for pair in scram.TRANSITIONS if pair[0] is scram.ScramServerState.FAILED]


def test_nobody_is_known_but_by_a_proof() -> None:
    into = [pair for pair, state in TRANSITIONS.items() if state is SaslServerState.COMPLETE]

    assert into == [(SaslServerState.AUTHENTICATE, SaslServerInput.PROVED)]
