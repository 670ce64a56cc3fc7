"""What the application may call when: misuse is named and changes nothing, and a call that ran out of time goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from producer.errors import (
    Code,
    FatalTransactionError,
    ProducerClosedError,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionError,
    TransactionRefusedError,
    TransactionStateError,
    UsageError,
)
from producer.records import Record
from producer.transactions.prepared import PreparedTransaction
from producer.transactions.state import TransactionState
from producer.wire.api import ApiKey
from tests.unit.producer.scripted_cluster import SECOND_US
from tests.unit.producer.transactions.coordinated_cluster import GROUP, OFFSETS, CoordinatedCluster

S = TransactionState

CALLS: dict[str, Callable[[CoordinatedCluster], object]] = {
    "init_transactions": lambda cluster: cluster.engine.init_transactions(cluster.now_us),
    "begin_transaction": lambda cluster: cluster.engine.begin_transaction(cluster.now_us),
    "send_offsets_to_transaction": lambda cluster: cluster.engine.send_offsets_to_transaction(
        OFFSETS, GROUP, cluster.now_us
    ),
    "commit_transaction": lambda cluster: cluster.engine.commit_transaction(cluster.now_us),
    "abort_transaction": lambda cluster: cluster.engine.abort_transaction(cluster.now_us),
    "prepare_transaction": lambda cluster: cluster.engine.prepare_transaction(cluster.now_us),
    "complete_transaction": lambda cluster: cluster.engine.complete_transaction(
        PreparedTransaction(7_000, 0), cluster.now_us
    ),
    "send": lambda cluster: cluster.engine.send(Record("orders", b"v"), "token", now_us=cluster.now_us),
}


def in_state(state: TransactionState) -> CoordinatedCluster:
    """A producer in that state; of those that pass by themselves, on the way."""
    cluster = CoordinatedCluster(transaction_two_phase_commit_enable="true")
    if state is S.UNINITIALIZED:
        return cluster
    if state is S.INITIALIZING:
        cluster.keeps = [ApiKey.INIT_PRODUCER_ID]
        cluster.init()
        return cluster
    cluster.init().hear()
    if state is S.READY:
        return cluster
    cluster.begin()
    cluster.send(b"a")
    cluster.advance(SECOND_US)
    if state is S.COMMITTING_TRANSACTION:
        cluster.commit()
    elif state is S.ABORTING_TRANSACTION:
        cluster.abort()
    elif state is S.PREPARED_TRANSACTION:
        cluster.answer_all()
        cluster.prepare().hear()
    elif state is S.ABORTABLE_ERROR:
        cluster.answer(code=Code.TRANSACTION_ABORTABLE)
    elif state is S.FATAL_ERROR:
        cluster.answer(code=Code.PRODUCER_FENCED)
    assert cluster.state is state
    return cluster


TAKEN = {
    ("init_transactions", S.UNINITIALIZED),
    # The same call again waits for the same answer.
    ("init_transactions", S.INITIALIZING),
    ("commit_transaction", S.COMMITTING_TRANSACTION),
    ("abort_transaction", S.ABORTING_TRANSACTION),
    ("begin_transaction", S.READY),
    ("send_offsets_to_transaction", S.IN_TRANSACTION),
    ("commit_transaction", S.IN_TRANSACTION),
    ("abort_transaction", S.IN_TRANSACTION),
    ("abort_transaction", S.ABORTABLE_ERROR),
    ("prepare_transaction", S.IN_TRANSACTION),
    ("commit_transaction", S.PREPARED_TRANSACTION),
    ("abort_transaction", S.PREPARED_TRANSACTION),
    ("complete_transaction", S.PREPARED_TRANSACTION),
    ("send", S.IN_TRANSACTION),
}
KINDS = {S.ABORTABLE_ERROR: TransactionAbortableError, S.FATAL_ERROR: ProducerFencedError}


@pytest.mark.parametrize("state", S, ids=lambda state: state.name)
@pytest.mark.parametrize("name", CALLS)
def test_each_call_in_each_state_is_taken_or_refused_and_then_changes_nothing(
    name: str, state: TransactionState
) -> None:
    cluster = in_state(state)

    if (name, state) in TAKEN:
        CALLS[name](cluster)
        return
    with pytest.raises(KINDS.get(state, TransactionStateError)):
        CALLS[name](cluster)
    assert cluster.state is state


def test_a_misuse_says_what_to_call_first() -> None:
    cluster = CoordinatedCluster()

    with pytest.raises(TransactionStateError, match=r"begin_transaction has no place.*`uninitialized`.*init_trans"):
        cluster.engine.begin_transaction(0)
    cluster.init().hear()
    with pytest.raises(TransactionStateError, match=r"send has no place.*`ready`: call begin_transaction first"):
        CALLS["send"](cluster)


@pytest.mark.parametrize("name", [name for name in CALLS if name != "send"])
def test_without_a_transactional_id_no_call_is_taken(name: str) -> None:
    cluster = CoordinatedCluster(transactional_id=None)

    with pytest.raises(UsageError, match=f"{name} needs a transactional.id"):
        CALLS[name](cluster)


@pytest.mark.parametrize("name", CALLS)
def test_a_closed_producer_takes_none(name: str) -> None:
    cluster = CoordinatedCluster()
    cluster.engine.close(cluster.now_us)

    with pytest.raises(ProducerClosedError):
        CALLS[name](cluster)


@pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])
def test_a_record_that_send_refused_is_written_in_no_transaction(level: int) -> None:
    """Java's producer has queued it by then: it leaves with the next transaction, or with the one that is being committed."""
    cluster = CoordinatedCluster(level=level)
    refused = []

    def is_refused(value: bytes) -> None:
        with pytest.raises(TransactionStateError):
            cluster.send(value)
        refused.append(value)

    is_refused(b"before init")
    cluster.init().hear()
    is_refused(b"between transactions")
    cluster.begin()
    cluster.send(b"a")
    cluster.keeps = [ApiKey.END_TXN]
    call = cluster.commit()
    is_refused(b"while its answers are waited for")
    cluster.answer_all()
    is_refused(b"while it is committed")
    cluster.answer_kept()
    call.hear()
    cluster.begin()
    cluster.send(b"b")

    assert cluster.placed() == {0: [b"a", b"b"]}
    assert len(refused) == 4


# -- a call that ran out of time -----------------------------------------------------------------------------------------


def test_the_same_call_again_waits_for_the_same_request() -> None:
    cluster = CoordinatedCluster()
    cluster.begun(b"a")
    cluster.answer_all()
    cluster.keeps = [ApiKey.END_TXN]
    first = cluster.commit()
    assert not first.is_over

    second = cluster.commit()
    cluster.answer_kept()
    second.hear()

    assert second is first
    assert cluster.apis.count(ApiKey.END_TXN) == 1


def test_another_call_than_the_one_that_ran_out_of_time_is_refused_until_that_is_heard() -> None:
    cluster = CoordinatedCluster()
    cluster.begun(b"a")
    cluster.answer_all()
    call = cluster.commit()
    assert call.is_over, "it ended, and nobody has heard"

    for name in ("begin_transaction", "abort_transaction", "send"):
        with pytest.raises(TransactionStateError, match="before commit_transaction has ended"):
            CALLS[name](cluster)
    cluster.commit().hear()
    cluster.begin()
    assert cluster.state is S.IN_TRANSACTION


def test_init_that_ran_out_of_time_goes_on() -> None:
    cluster = CoordinatedCluster()
    cluster.keeps = [ApiKey.INIT_PRODUCER_ID]
    cluster.init()
    with pytest.raises(TransactionStateError, match="before init_transactions has ended"):
        cluster.begin()

    cluster.answer_kept()

    cluster.init().hear()
    assert cluster.apis == [ApiKey.INIT_PRODUCER_ID]


def test_offsets_sent_again_wait_for_the_same_requests_and_others_go_behind_them() -> None:
    cluster = CoordinatedCluster(level=2)
    cluster.begun()
    cluster.keeps = [ApiKey.TXN_OFFSET_COMMIT]
    first = cluster.send_offsets()

    assert cluster.send_offsets() is first
    other = cluster.send_offsets(OFFSETS, GROUP._replace(generation_id=4))
    cluster.answer_kept()

    assert other is not first
    first.hear()
    other.hear()
    assert cluster.apis.count(ApiKey.TXN_OFFSET_COMMIT) == 2


def test_no_offsets_at_all_are_nothing_to_ask_for() -> None:
    cluster = CoordinatedCluster(level=2)
    cluster.begun()

    cluster.send_offsets({}).hear()

    assert ApiKey.TXN_OFFSET_COMMIT not in cluster.apis


# -- rights ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, Code.CLUSTER_AUTHORIZATION_FAILED])
def test_a_right_that_is_missing_may_be_granted_and_asked_for_again(code: Code) -> None:
    cluster = CoordinatedCluster()
    cluster.codes[ApiKey.INIT_PRODUCER_ID] = [code]

    error = cluster.refusal(cluster.init())
    assert isinstance(error, TransactionRefusedError)
    assert error.code.code == code

    cluster.init().hear()
    cluster.begin()


def test_no_right_to_know_who_coordinates_ends_the_producer() -> None:
    cluster = CoordinatedCluster()
    cluster.codes[ApiKey.FIND_COORDINATOR] = [Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED]

    error = cluster.refusal(cluster.init())

    assert isinstance(error, FatalTransactionError)


def test_a_time_out_that_the_broker_does_not_allow_ends_the_producer() -> None:
    cluster = CoordinatedCluster(transaction_timeout_ms=10_000_000)
    cluster.codes[ApiKey.INIT_PRODUCER_ID] = [Code.INVALID_TRANSACTION_TIMEOUT]

    error = cluster.refusal(cluster.init())

    assert isinstance(error, FatalTransactionError)
    assert error.code.code == Code.INVALID_TRANSACTION_TIMEOUT


def test_an_error_is_made_anew_for_each_who_hears_it() -> None:
    cluster = in_state(S.FATAL_ERROR)
    raised: list[Any] = []
    for _ in range(2):
        with pytest.raises(TransactionError) as caught:
            cluster.begin()
        raised.append(caught.value)

    assert raised[0] is not raised[1]
    assert str(raised[0]) == str(raised[1])
    assert "'t'" in str(raised[0])
