"""The table of states leads where Kafka's own says that a state may be reached from, and nowhere else."""

import pytest

from producer.transactions.state import TRANSITIONS, TransactionInput, TransactionState

S = TransactionState

# TransactionManager.State.isTransitionValid of Kafka 4.3, target -> sources; FATAL_ERROR may be reached from anywhere.
KAFKA_S = {
    S.UNINITIALIZED: {S.READY, S.ABORTABLE_ERROR},
    S.INITIALIZING: {S.UNINITIALIZED, S.COMMITTING_TRANSACTION, S.ABORTING_TRANSACTION},
    S.READY: {S.INITIALIZING, S.COMMITTING_TRANSACTION, S.ABORTING_TRANSACTION},
    S.IN_TRANSACTION: {S.READY},
    S.PREPARED_TRANSACTION: {S.IN_TRANSACTION, S.INITIALIZING},
    S.COMMITTING_TRANSACTION: {S.IN_TRANSACTION, S.PREPARED_TRANSACTION},
    S.ABORTING_TRANSACTION: {S.IN_TRANSACTION, S.PREPARED_TRANSACTION, S.ABORTABLE_ERROR},
    S.ABORTABLE_ERROR: {S.IN_TRANSACTION, S.COMMITTING_TRANSACTION, S.ABORTABLE_ERROR, S.INITIALIZING},
    S.FATAL_ERROR: set(S),
}


def test_there_are_the_nine_states() -> None:
    assert len(S) == 9


@pytest.mark.parametrize("target", S, ids=lambda state: state.name)
def test_each_state_is_reached_from_where_kafka_lets_it(target: TransactionState) -> None:
    sources = {source for (source, _), reached in TRANSITIONS.items() if reached is target}

    if target is S.UNINITIALIZED:
        # Kafka goes there by way of ABORTABLE_ERROR; from READY only without transactions, which have no table here.
        assert sources == {S.INITIALIZING}
    elif target is S.ABORTING_TRANSACTION:
        # What fails in it changes nothing there either (transitionToAbortableError).
        assert sources - {S.ABORTING_TRANSACTION} == KAFKA_S[target]
    else:
        assert sources == KAFKA_S[target]


@pytest.mark.parametrize("state", S, ids=lambda state: state.name)
def test_a_fatal_error_ends_every_state_and_nothing_ends_it(state: TransactionState) -> None:
    assert TRANSITIONS[state, TransactionInput.FAIL_FOR_GOOD] is S.FATAL_ERROR
    assert {given for source, given in TRANSITIONS if source is S.FATAL_ERROR} == {TransactionInput.FAIL_FOR_GOOD}
