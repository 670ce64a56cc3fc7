"""The states of a transactional id: every pair of state and input; and what it becomes by each, as values."""

import pytest

from producer.errors import Code, IllegalTransitionError
from producer.records import TopicPartition
from producer.transitions import move
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.coordinators.transactions.metadata import (
    EPOCH_MAX,
    LAST_EPOCH,
    NO_EPOCH,
    TransactionMetadata,
    completed,
    created,
    fenced,
    prepared,
    with_new_producer_id,
    with_next_epoch,
    with_partitions,
)
from sim.cluster.coordinators.transactions.states import (
    TRANSITIONS,
    TransactionInput,
    TransactionState,
    state_of_number,
)

EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT, DEAD, FENCE = TransactionState
PREVIOUS = {
    EMPTY: {EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT},
    ONGOING: {ONGOING, EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT},
    PREPARE_COMMIT: {ONGOING},
    PREPARE_ABORT: {ONGOING, FENCE, EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT},
    COMPLETE_COMMIT: {PREPARE_COMMIT},
    COMPLETE_ABORT: {PREPARE_ABORT},
    DEAD: {EMPTY, COMPLETE_ABORT, COMPLETE_COMMIT},
    FENCE: {ONGOING},
}
"""Kafka's table: TransactionState.validPreviousStates."""
A, B = TopicPartition("orders", 0), TopicPartition("orders", 1)


def test_an_id_comes_into_each_state_from_where_kafka_lets_it_and_from_nowhere_else() -> None:
    found: dict[TransactionState, set[TransactionState]] = {state: set() for state in TransactionState}
    for (state, _), following in TRANSITIONS.items():
        found[following].add(state)

    assert found == PREVIOUS


@pytest.mark.parametrize("given", TransactionInput)
@pytest.mark.parametrize("state", TransactionState)
def test_an_input_that_a_state_does_not_know_is_our_own_bug(state: TransactionState, given: TransactionInput) -> None:
    if (state, given) in TRANSITIONS:
        assert move(TRANSITIONS, state, given, whose="t") in TransactionState
    else:
        with pytest.raises(IllegalTransitionError, match=f"t: {given.name} while {state.name}"):
            move(TRANSITIONS, state, given, whose="t")


def test_states_have_kafkas_numbers_and_no_others() -> None:
    assert [state.number for state in TransactionState] == list(range(8))
    assert [state_of_number(number) for number in range(8)] == list(TransactionState)
    with pytest.raises(ValueError, match="transaction state 8, known are 0-7"):
        state_of_number(8)


# -- identities --------------------------------------------------------------------------------------------------------


def test_a_new_id_begins_with_epoch_zero_whatever_it_says_of_itself() -> None:
    for expected in (None, 5):
        first = with_next_epoch(created(7, 1_000, 10), 1_000, expected, 20)

        assert (first.producer_id, first.producer_epoch, first.last_epoch) == (7, 0, NO_EPOCH)


def test_the_same_producer_is_given_the_next_epoch_and_again_the_same_if_it_asks_again() -> None:
    known = TransactionMetadata(7, 3, 1_000, 10)

    following = with_next_epoch(known, 2_000, 3, 20)

    assert (following.producer_epoch, following.last_epoch, following.timeout_ms) == (4, 3, 2_000)
    assert with_next_epoch(following, 2_000, 3, 30).producer_epoch == 4


def test_a_producer_with_any_other_epoch_is_fenced() -> None:
    known = with_next_epoch(TransactionMetadata(7, 3, 1_000, 10), 1_000, 3, 20)

    for epoch in (2, 5):
        with pytest.raises(CoordinatorError) as refused:
            with_next_epoch(known, 1_000, epoch, 30)
        assert refused.value.code is Code.PRODUCER_FENCED


def test_after_another_producer_came_the_one_before_cannot_ask_again() -> None:
    another = with_next_epoch(TransactionMetadata(7, 3, 1_000, 10), 1_000, None, 20)

    assert (another.producer_epoch, another.last_epoch) == (4, NO_EPOCH)
    with pytest.raises(CoordinatorError):
        with_next_epoch(another, 1_000, 3, 30)


def test_an_id_whose_epochs_ran_out_goes_on_with_another_producer_id() -> None:
    known = TransactionMetadata(7, LAST_EPOCH, 1_000, 10)
    assert known.is_exhausted
    assert not known._replace(producer_epoch=LAST_EPOCH - 1).is_exhausted

    following = with_new_producer_id(known, 8, 1_000, 20, keeps_last_epoch=True)

    assert (following.producer_id, following.producer_epoch) == (8, 0)
    assert (following.previous_producer_id, following.last_epoch) == (7, LAST_EPOCH)


# -- transactions ------------------------------------------------------------------------------------------------------


def test_the_first_partition_begins_the_transaction_and_further_ones_do_not() -> None:
    begun = with_partitions(TransactionMetadata(7, 0, 1_000, 10), (A,), 0, 20)
    more = with_partitions(begun, (A, B), 0, 30)

    assert (begun.state, begun.partitions, begun.start_ms) == (ONGOING, (A,), 20)
    assert (more.partitions, more.start_ms, more.last_update_ms) == ((A, B), 20, 30)


@pytest.mark.parametrize("is_commit", [True, False])
def test_before_kip_890_the_epoch_stays_and_with_it_each_end_takes_the_next(is_commit: bool) -> None:
    begun = with_partitions(TransactionMetadata(7, 4, 1_000, 10), (A,), 0, 20)

    old, new = (
        prepared(begun, is_commit=is_commit, client_version=version, next_producer_id=-1, now_ms=30)
        for version in (0, 2)
    )

    assert (old.producer_epoch, old.last_epoch) == (4, NO_EPOCH)
    assert (new.producer_epoch, new.last_epoch) == (5, 4)
    for one in (old, new):
        assert one.is_commit == is_commit
        assert (one.partitions, one.start_ms) == ((A,), 20)
        done = completed(one, 40)
        assert done.state is (COMPLETE_COMMIT if is_commit else COMPLETE_ABORT)
        assert (done.producer_epoch, done.partitions) == (one.producer_epoch, ())


def test_the_last_epoch_ends_a_transaction_and_its_producer_goes_on_under_the_next_id() -> None:
    begun = with_partitions(TransactionMetadata(7, LAST_EPOCH, 1_000, 10), (A,), 2, 20)

    one = prepared(begun, is_commit=True, client_version=2, next_producer_id=8, now_ms=30)
    done = completed(one, 40)

    assert (one.producer_id, one.producer_epoch) == (7, EPOCH_MAX)
    assert (done.producer_id, done.producer_epoch, done.previous_producer_id) == (8, 0, 7)
    assert (done.last_epoch, done.next_producer_id) == (LAST_EPOCH, -1)


def test_an_abort_of_nothing_begins_and_ends_at_once() -> None:
    known = TransactionMetadata(7, 4, 1_000, 10)

    one = prepared(known, is_commit=False, client_version=2, next_producer_id=-1, now_ms=30)

    assert (one.state, one.start_ms, one.partitions, one.producer_epoch) == (PREPARE_ABORT, 30, (), 5)


def test_whoever_is_fenced_is_shut_out_by_one_epoch_even_if_it_takes_two_attempts() -> None:
    begun = with_partitions(TransactionMetadata(7, 4, 1_000, 10), (A,), 0, 20)

    assert fenced(begun, has_failed_before=False).producer_epoch == 5
    assert fenced(begun, has_failed_before=True).producer_epoch == 4
    assert fenced(begun._replace(producer_epoch=EPOCH_MAX), has_failed_before=False).producer_epoch == EPOCH_MAX
