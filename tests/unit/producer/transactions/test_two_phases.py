"""Two-phase commit at the producer (KIP-939): what is prepared, what is kept, and how it ends as somebody else decided."""

import pytest

from producer.errors import (
    Code,
    ConfigError,
    FatalTransactionError,
    TransactionAbortableError,
    TransactionError,
    TransactionRefusedError,
    TransactionStateError,
    UsageError,
)
from producer.records import ProducerIdentity, Record
from producer.transactions.prepared import PreparedTransaction
from producer.transactions.state import TransactionState
from producer.wire.api import ApiKey
from tests.unit.producer.scripted_cluster import SECOND_US
from tests.unit.producer.transactions.coordinated_cluster import CoordinatedCluster

S = TransactionState
LEVELS = pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])
NOTHING = PreparedTransaction()


def two_phase_cluster(level: int = 2) -> CoordinatedCluster:
    return CoordinatedCluster(level=level, transaction_two_phase_commit_enable="true")


def prepared_cluster(level: int = 2) -> CoordinatedCluster:
    cluster = two_phase_cluster(level).begun(b"a")
    cluster.answer_all()
    cluster.prepare().hear()
    return cluster


def successor(*, wrote: tuple[int, int] = (7_000, 3)) -> CoordinatedCluster:
    """A producer that found a transaction of that identity open, and let it be kept."""
    cluster = two_phase_cluster()
    cluster.identity = [7_000, 3]
    cluster.open = wrote
    cluster.init(keep_prepared=True).hear()
    return cluster


# -- asked for ---------------------------------------------------------------------------------------------------------


def test_the_coordinator_hears_of_two_phases_and_of_what_is_to_be_kept() -> None:
    cluster = two_phase_cluster()

    cluster.init(keep_prepared=True).hear()

    asked = cluster.last(ApiKey.INIT_PRODUCER_ID)
    assert asked.version == 6
    assert asked.request[2:] == (-1, -1, True, True)


def test_without_the_property_a_producer_may_keep_what_is_open_all_the_same() -> None:
    cluster = CoordinatedCluster(level=2)

    cluster.init(keep_prepared=True).hear()

    assert cluster.last(ApiKey.INIT_PRODUCER_ID).request[2:] == (-1, -1, False, True)


def test_a_new_epoch_of_its_own_keeps_nothing() -> None:
    cluster = CoordinatedCluster(level=1, transaction_two_phase_commit_enable="true")
    cluster.init(keep_prepared=True).hear()
    cluster.begin()
    cluster.send(b"a")
    cluster.advance(SECOND_US)
    cluster.answer(code=Code.INVALID_RECORD)

    cluster.abort().hear()

    asked = cluster.last(ApiKey.INIT_PRODUCER_ID).request
    assert asked[2:] == (7_000, 0, True, False)


@pytest.mark.parametrize("keep", [False, True])
def test_a_broker_that_offers_no_two_phases_is_told_of_as_what_it_is(keep: bool) -> None:
    cluster = two_phase_cluster()
    cluster.versions = {ApiKey.INIT_PRODUCER_ID: (0, 5)}

    refused = cluster.refusal(cluster.init(keep_prepared=keep))

    assert isinstance(refused, FatalTransactionError)
    assert refused.code.code == Code.UNSUPPORTED_VERSION
    assert "ahead of Apache Kafka" in str(refused)
    assert ApiKey.INIT_PRODUCER_ID not in cluster.apis


def test_a_broker_that_keeps_nothing_is_told_of_as_what_it_is() -> None:
    cluster = two_phase_cluster()
    cluster.codes[ApiKey.INIT_PRODUCER_ID] = [Code.UNSUPPORTED_VERSION]

    refused = cluster.refusal(cluster.init(keep_prepared=True))

    assert isinstance(refused, FatalTransactionError)
    assert "ahead of Apache Kafka" in str(refused)


def test_where_two_phases_are_not_granted_the_id_can_be_asked_for_again() -> None:
    cluster = two_phase_cluster()
    cluster.codes[ApiKey.INIT_PRODUCER_ID] = [Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED]
    cluster.open = (7_000, 3)

    assert isinstance(cluster.refusal(cluster.init(keep_prepared=True)), TransactionRefusedError)
    cluster.init(keep_prepared=True).hear()

    assert cluster.state is S.PREPARED_TRANSACTION


def test_a_time_out_and_two_phases_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match=r"transaction\.timeout\.ms is 7000, and transaction\.two\.phase\.commit"):
        CoordinatedCluster(transaction_two_phase_commit_enable="true", transaction_timeout_ms=7_000)


def test_two_phases_need_a_transactional_id() -> None:
    with pytest.raises(ConfigError, match=r"there is no transactional\.id"):
        CoordinatedCluster(transactional_id=None, transaction_two_phase_commit_enable="true")


# -- prepared ----------------------------------------------------------------------------------------------------------


@LEVELS
def test_prepared_it_is_when_every_record_has_its_answer_and_none_lingers(level: int) -> None:
    cluster = two_phase_cluster(level).begun()
    cluster.send(b"a")

    call = cluster.prepare()
    assert [request.values for request in cluster.waiting] == [[b"a"]], "it does not linger"
    assert not call.is_over
    cluster.answer_all()

    call.hear()
    assert cluster.state is S.PREPARED_TRANSACTION
    assert cluster.engine.prepared_transaction == PreparedTransaction(7_000, 0)
    assert ApiKey.END_TXN not in cluster.apis, "nobody is told of it"


def test_no_record_is_taken_from_the_moment_that_it_is_to_be_prepared() -> None:
    cluster = two_phase_cluster().begun(b"a")
    cluster.prepare()

    with pytest.raises(TransactionStateError, match="send has no place before prepare_transaction has ended"):
        cluster.engine.send(Record("orders", b"b"), "token", now_us=cluster.now_us)
    cluster.answer_all()

    assert cluster.delivered == [b"a"]


def test_none_is_taken_once_it_is_prepared_and_the_error_says_what_ends_it() -> None:
    cluster = prepared_cluster()

    with pytest.raises(
        TransactionStateError, match=r"`prepared transaction`: commit_transaction, abort_transaction or"
    ):
        cluster.engine.send(Record("orders", b"b"), "token", now_us=cluster.now_us)


@LEVELS
def test_a_record_that_was_not_delivered_leaves_nothing_to_be_prepared(level: int) -> None:
    cluster = two_phase_cluster(level).begun(b"a")
    call = cluster.prepare()

    cluster.answer(code=Code.INVALID_RECORD)

    assert isinstance(cluster.refusal(call), TransactionAbortableError)
    assert cluster.state is S.ABORTABLE_ERROR
    assert cluster.engine.prepared_transaction == NOTHING


def test_a_call_that_ran_out_of_time_is_made_again_and_waits_for_the_same() -> None:
    cluster = two_phase_cluster().begun(b"a")
    call = cluster.prepare()

    assert cluster.prepare() is call
    with pytest.raises(TransactionStateError, match="abort_transaction has no place before prepare_transaction"):
        cluster.abort()


def test_without_two_phases_nothing_can_be_prepared_since_its_time_out_would_end_it() -> None:
    cluster = CoordinatedCluster(level=2).begun(b"a")

    with pytest.raises(UsageError, match=r"prepare_transaction needs transaction\.two\.phase\.commit\.enable=true"):
        cluster.prepare()
    assert cluster.state is S.IN_TRANSACTION


@LEVELS
@pytest.mark.parametrize("is_commit", [True, False])
def test_what_is_prepared_ends_as_any_other(level: int, is_commit: bool) -> None:
    cluster = prepared_cluster(level)

    (cluster.commit() if is_commit else cluster.abort()).hear()

    assert cluster.last(ApiKey.END_TXN).request == ("t", 7_000, 0, is_commit)
    assert cluster.state is S.READY
    assert cluster.engine.prepared_transaction == NOTHING


@LEVELS
def test_a_producer_that_is_closed_leaves_what_is_prepared_to_whoever_decides(level: int) -> None:
    cluster = prepared_cluster(level)

    cluster.engine.close(cluster.now_us)
    cluster.settle()

    assert cluster.engine.is_idle
    assert ApiKey.END_TXN not in cluster.apis


def test_a_producer_that_is_closed_amid_the_preparation_is_prepared_first() -> None:
    cluster = two_phase_cluster().begun(b"a")
    call = cluster.prepare()
    cluster.engine.close(cluster.now_us)
    cluster.settle()

    cluster.answer_all()

    call.hear()
    assert cluster.engine.is_idle
    assert ApiKey.END_TXN not in cluster.apis


# -- completed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "is_commit"),
    [
        (PreparedTransaction(7_000, 0), True),
        (PreparedTransaction(7_000, 1), False),
        (PreparedTransaction(7_001, 0), False),
        (NOTHING, False),
    ],
)
def test_it_is_committed_if_it_is_the_one_that_was_decided_on_and_aborted_if_not(
    decided: PreparedTransaction, is_commit: bool
) -> None:
    cluster = prepared_cluster()

    cluster.complete(decided).hear()

    assert cluster.last(ApiKey.END_TXN).request.committed is is_commit
    assert cluster.state is S.READY


def test_a_successor_ends_what_it_was_given_under_an_identity_of_its_own() -> None:
    cluster = successor()
    assert cluster.state is S.PREPARED_TRANSACTION
    assert cluster.engine.prepared_transaction == PreparedTransaction(7_000, 3)
    assert cluster.transactions.identity.current == ProducerIdentity(7_000, 4)

    cluster.complete(PreparedTransaction(7_000, 3)).hear()

    ended = cluster.last(ApiKey.END_TXN)
    assert (ended.version, ended.request) == (5, ("t", 7_000, 4, True))
    cluster.begin()
    assert cluster.transactions.identity.current == ProducerIdentity(7_000, 5)


def test_a_successor_aborts_what_nobody_had_decided_on() -> None:
    cluster = successor()

    cluster.complete(PreparedTransaction(7_000, 1)).hear()

    assert not cluster.last(ApiKey.END_TXN).request.committed


def test_a_successor_that_finds_nothing_open_has_nothing_to_complete() -> None:
    cluster = successor(wrote=(-1, -1))
    assert cluster.engine.prepared_transaction == NOTHING

    cluster.complete(PreparedTransaction(7_000, 3)).hear()

    assert ApiKey.END_TXN not in cluster.apis
    cluster.begin()
    assert cluster.state is S.IN_TRANSACTION


def test_once_another_transaction_has_begun_there_is_nothing_to_complete_any_more() -> None:
    cluster = successor(wrote=(-1, -1))
    cluster.begin()

    with pytest.raises(
        TransactionStateError, match=r"complete_transaction .*: nothing was prepared, nor asked to be kept"
    ):
        cluster.complete(PreparedTransaction(7_000, 3))


def test_a_completion_that_ran_out_of_time_is_made_again_and_waits_for_the_same() -> None:
    cluster = successor()
    cluster.keeps = [ApiKey.END_TXN]
    call = cluster.complete(PreparedTransaction(7_000, 3))

    assert cluster.complete(PreparedTransaction(7_000, 3)) is call
    cluster.answer_kept()

    call.hear()


@pytest.mark.parametrize("code", [Code.PRODUCER_FENCED, Code.INVALID_TXN_STATE])
def test_what_cannot_be_completed_is_fatal_and_a_new_producer_finds_out_more(code: Code) -> None:
    cluster = successor()
    cluster.codes[ApiKey.END_TXN] = [code]

    refused = cluster.refusal(cluster.complete(PreparedTransaction(7_000, 3)))

    assert isinstance(refused, TransactionError)
    assert cluster.state is S.FATAL_ERROR


# -- written down ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prepared", [PreparedTransaction(7_000, 3), PreparedTransaction(0, 0), NOTHING])
def test_what_is_written_down_is_read_back(prepared: PreparedTransaction) -> None:
    assert PreparedTransaction.parse(str(prepared)) == prepared


def test_it_is_written_as_java_writes_it() -> None:
    assert str(PreparedTransaction(7_000, 3)) == "7000:3"
    assert str(NOTHING) == ""


@pytest.mark.parametrize(
    "written", ["7000", "7000:", ":3", "7000:3:1", "-1:-1", "a:b", "7000:32768", "9223372036854775808:0"]
)
def test_what_is_no_prepared_transaction_is_named(written: str) -> None:
    with pytest.raises(UsageError, match=f"'{written}' is no prepared transaction"):
        PreparedTransaction.parse(written)
