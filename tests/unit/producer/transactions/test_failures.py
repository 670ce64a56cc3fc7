"""What comes to nothing in a transaction leaves an abort, or the end of the producer; and the next one begins clean."""

import pytest

from producer.errors import (
    BufferExhaustedError,
    Code,
    CommitFailedError,
    FatalTransactionError,
    MetadataTimeoutError,
    Outcome,
    ProducerFencedError,
    RecordTooLargeError,
    TransactionAbortableError,
    UsageError,
)
from producer.records import Record
from producer.transactions.state import TransactionState
from producer.wire.api import ApiKey
from tests.unit.producer.scripted_cluster import SECOND_US
from tests.unit.producer.transactions.coordinated_cluster import GROUP, CoordinatedCluster

S = TransactionState
LEVELS = pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])

FATAL = [
    Code.CLUSTER_AUTHORIZATION_FAILED,
    Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    Code.PRODUCER_FENCED,
    Code.UNSUPPORTED_VERSION,
    Code.INVALID_PRODUCER_ID_MAPPING,
]
ABORTABLE = [
    Code.INVALID_PRODUCER_EPOCH,
    Code.INVALID_TXN_STATE,
    Code.TOPIC_AUTHORIZATION_FAILED,
    Code.INVALID_RECORD,
    Code.MESSAGE_TOO_LARGE,
    Code.TRANSACTION_ABORTABLE,
    Code.OUT_OF_ORDER_SEQUENCE_NUMBER,
    Code.UNKNOWN_SERVER_ERROR,
]


def starts_again(cluster: CoordinatedCluster) -> None:
    """Abort what there is, and commit another transaction with a record in it, from the first sequence on."""
    call = cluster.abort()
    cluster.answer_all()
    cluster.advance(SECOND_US)
    call.hear()
    cluster.begin()
    cluster.send(b"again")
    cluster.advance(SECOND_US)
    assert cluster.waiting[-1].only.base_sequence == 0
    call = cluster.commit()
    cluster.answer_all()
    call.hear()
    assert cluster.delivered[-1] == b"again"
    assert cluster.last(ApiKey.END_TXN).request.committed


@LEVELS
@pytest.mark.parametrize("code", FATAL, ids=lambda code: code.name)
def test_a_produce_that_is_refused_for_good_ends_the_producer(level: int, code: Code) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.send(b"b")

    cluster.answer(code=code)

    assert cluster.state is S.FATAL_ERROR
    assert set(cluster.failed) == {b"a", b"b"}
    assert cluster.failed[b"b"].outcome is Outcome.FAILED
    with pytest.raises(FatalTransactionError):
        cluster.abort()


@LEVELS
@pytest.mark.parametrize("code", ABORTABLE, ids=lambda code: code.name)
def test_a_produce_that_is_refused_leaves_an_abort_and_the_next_transaction_has_a_new_epoch(
    level: int, code: Code
) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.send(b"b")
    epoch = cluster.transactions.identity.current.producer_epoch

    cluster.answer(code=code)

    assert cluster.state is S.ABORTABLE_ERROR
    assert set(cluster.failed) == {b"a", b"b"}, "what has not left will not leave"
    with pytest.raises(TransactionAbortableError, match=code.name):
        cluster.commit()
    starts_again(cluster)
    assert cluster.transactions.identity.current.producer_epoch > epoch
    bumps = [one for one in cluster.asked_of if one.api is ApiKey.INIT_PRODUCER_ID]
    # KIP-360 asks for the epoch, KIP-890 has it with the abort.
    assert len(bumps) == (2 if level == 1 else 1)


@LEVELS
def test_a_record_that_runs_out_of_time_leaves_an_abort(level: int) -> None:
    cluster = CoordinatedCluster(level=level, delivery_timeout_ms=31_000, transaction_timeout_ms=900_000)
    cluster.begun(b"a")
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)

    cluster.advance(32 * SECOND_US)

    assert cluster.state is S.ABORTABLE_ERROR
    assert list(cluster.failed) == [b"a"]
    starts_again(cluster)


@LEVELS
def test_a_record_that_never_left_and_runs_out_of_time_leaves_an_abort_as_well(level: int) -> None:
    cluster = CoordinatedCluster(level=level, delivery_timeout_ms=31_000, linger_ms=0)
    cluster.begun()
    cluster.send(b"first")
    cluster.answer_all()
    cluster.refuses_connections = True
    cluster.disconnect_all()
    cluster.send(b"a")
    cluster.advance(35 * SECOND_US)
    assert cluster.state is S.ABORTABLE_ERROR

    cluster.refuses_connections = False
    cluster.advance(5 * SECOND_US)
    assert cluster.failed[b"a"].outcome is Outcome.FAILED
    starts_again(cluster)


@LEVELS
def test_what_is_purged_is_missing_in_the_transaction_which_cannot_be_committed(level: int) -> None:
    cluster = CoordinatedCluster(level=level)
    cluster.begun()
    cluster.send(b"a")

    cluster.engine.purge(cluster.now_us)
    cluster.settle()

    with pytest.raises(TransactionAbortableError):
        cluster.commit()
    starts_again(cluster)


@LEVELS
def test_a_commit_in_which_a_record_fails_fails_and_sends_no_end(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    call = cluster.commit()

    cluster.answer(code=Code.INVALID_RECORD)

    assert isinstance(cluster.refusal(call), TransactionAbortableError)
    assert ApiKey.END_TXN not in cluster.apis
    starts_again(cluster)


@LEVELS
def test_batches_behind_a_refused_one_take_its_sequences_and_get_their_verdicts_before_the_end(level: int) -> None:
    cluster = CoordinatedCluster(level=level, linger_ms=0)
    cluster.begun()
    cluster.send(b"first")
    cluster.answer_all()
    for value in (b"a", b"b"):
        cluster.send(value)
    refused, behind = cluster.waiting
    assert (refused.only.base_sequence, behind.only.base_sequence) == (1, 2)

    cluster.answer(refused, Code.INVALID_RECORD)
    cluster.answer(behind, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    call = cluster.abort()
    cluster.advance(SECOND_US)

    (retried,) = cluster.waiting
    assert (retried.values, retried.only.base_sequence) == ([b"b"], 1)
    assert not call.is_over
    cluster.answer_all()
    cluster.advance(SECOND_US)
    call.hear()
    assert cluster.delivered == [b"first", b"b"]


@LEVELS
def test_out_of_order_behind_one_that_is_retried_is_retried(level: int) -> None:
    cluster = CoordinatedCluster(level=level, linger_ms=0)
    cluster.begun()
    for value in (b"a", b"b"):
        cluster.send(value)
    first, second = cluster.waiting

    cluster.answer(first, Code.NOT_ENOUGH_REPLICAS)
    cluster.answer(second, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)
    cluster.answer()
    cluster.advance(SECOND_US)
    cluster.answer()

    assert cluster.delivered == [b"a", b"b"]
    assert cluster.state is S.IN_TRANSACTION


def test_a_leader_that_forgot_the_id_with_its_old_records_is_told_again_without_an_abort() -> None:
    cluster = CoordinatedCluster(linger_ms=0)
    cluster.begun()
    cluster.send(b"a")
    cluster.answer(base_offset=5)
    cluster.send(b"b")

    cluster.answer(code=Code.UNKNOWN_PRODUCER_ID, log_start_offset=6)
    cluster.advance(SECOND_US)

    assert cluster.waiting[0].only.base_sequence == 0
    cluster.answer()
    assert cluster.state is S.IN_TRANSACTION
    assert cluster.delivered == [b"a", b"b"]


def test_a_leader_that_forgot_the_id_and_not_the_records_leaves_an_abort() -> None:
    cluster = CoordinatedCluster(linger_ms=0)
    cluster.begun()
    cluster.send(b"a")
    cluster.answer(base_offset=5)
    cluster.send(b"b")

    cluster.answer(code=Code.UNKNOWN_PRODUCER_ID, log_start_offset=2)

    assert cluster.state is S.ABORTABLE_ERROR


def test_a_coordinator_without_new_epochs_can_mend_no_gap() -> None:
    cluster = CoordinatedCluster(delivery_timeout_ms=31_000)
    cluster.disconnect_all()
    cluster.versions = {ApiKey.INIT_PRODUCER_ID: (0, 2)}
    cluster.begun(b"a")

    cluster.advance(32 * SECOND_US)

    assert cluster.state is S.FATAL_ERROR
    with pytest.raises(FatalTransactionError, match="not known what became"):
        cluster.abort()


# -- coordinators ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "api", [ApiKey.ADD_PARTITIONS_TO_TXN, ApiKey.ADD_OFFSETS_TO_TXN, ApiKey.TXN_OFFSET_COMMIT, ApiKey.END_TXN]
)
@pytest.mark.parametrize("code", [Code.INVALID_PRODUCER_EPOCH, Code.PRODUCER_FENCED])
def test_whichever_request_meets_a_newer_epoch_at_a_coordinator_the_producer_is_fenced(api: ApiKey, code: Code) -> None:
    cluster = CoordinatedCluster()
    cluster.begun()
    cluster.codes[api] = [code]
    if api is ApiKey.ADD_PARTITIONS_TO_TXN:
        cluster.send(b"a")
        cluster.advance(SECOND_US)
    else:
        cluster.send_offsets()
        if api is ApiKey.END_TXN:
            cluster.refusal(cluster.commit())

    assert cluster.state is S.FATAL_ERROR
    with pytest.raises(ProducerFencedError):
        cluster.begin()


@pytest.mark.parametrize(
    "code", [Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION, Code.STALE_MEMBER_EPOCH, Code.GROUP_ID_NOT_FOUND]
)
@LEVELS
def test_offsets_of_a_member_that_is_none_any_more_leave_an_abort(level: int, code: Code) -> None:
    cluster = CoordinatedCluster(level=level)
    cluster.begun()
    cluster.codes[ApiKey.TXN_OFFSET_COMMIT] = [code]

    error = cluster.refusal(cluster.send_offsets())

    assert isinstance(error, CommitFailedError)
    starts_again(cluster)


def test_offsets_that_are_on_their_way_when_a_record_fails_fail_with_it_and_are_not_asked_again() -> None:
    cluster = CoordinatedCluster(level=2)
    cluster.begun(b"a")
    cluster.keeps = [ApiKey.TXN_OFFSET_COMMIT]
    call = cluster.send_offsets()
    cluster.answer(code=Code.INVALID_RECORD)
    assert isinstance(cluster.refusal(call), TransactionAbortableError)

    cluster.codes[ApiKey.TXN_OFFSET_COMMIT] = [Code.COORDINATOR_LOAD_IN_PROGRESS]
    cluster.answer_kept()
    starts_again(cluster)

    assert cluster.apis.count(ApiKey.TXN_OFFSET_COMMIT) == 1


def test_a_topic_without_the_right_to_write_leaves_an_abort() -> None:
    cluster = CoordinatedCluster()
    cluster.begun()
    cluster.codes[ApiKey.ADD_PARTITIONS_TO_TXN] = [Code.TOPIC_AUTHORIZATION_FAILED]

    cluster.send(b"a")
    cluster.advance(SECOND_US)

    assert list(cluster.failed) == [b"a"]
    with pytest.raises(TransactionAbortableError, match="TOPIC_AUTHORIZATION_FAILED"):
        cluster.commit()
    starts_again(cluster)


def test_a_coordinator_that_moved_is_looked_for_and_asked_again() -> None:
    cluster = CoordinatedCluster(level=2, brokers=3).begun(b"a")
    cluster.answer_all()
    cluster.codes[ApiKey.END_TXN] = [Code.NOT_COORDINATOR]
    cluster.coordinator = 3

    call = cluster.commit()
    cluster.advance(SECOND_US)

    call.hear()
    assert [one.broker for one in cluster.asked_of if one.api is ApiKey.END_TXN] == [1, 3]


def test_an_end_whose_answer_was_lost_is_asked_for_again_of_whoever_coordinates_by_then() -> None:
    cluster = CoordinatedCluster(level=2, brokers=3).begun(b"a")
    cluster.answer_all()
    cluster.keeps = [ApiKey.END_TXN]
    call = cluster.commit()
    cluster.coordinator, cluster.keeps = 2, []

    cluster.disconnect(cluster.kept[0][0])
    cluster.advance(SECOND_US)

    call.hear()
    assert cluster.last(ApiKey.END_TXN).broker == 2
    assert cluster.state is S.READY


@LEVELS
def test_an_abort_that_cannot_be_had_ends_the_producer(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.answer_all()
    cluster.codes[ApiKey.END_TXN] = [Code.TRANSACTION_ABORTABLE]

    error = cluster.refusal(cluster.abort())

    assert isinstance(error, FatalTransactionError)


def test_a_commit_that_the_coordinator_cannot_do_leaves_an_abort() -> None:
    cluster = CoordinatedCluster(level=2).begun(b"a")
    cluster.answer_all()
    cluster.codes[ApiKey.END_TXN] = [Code.TRANSACTION_ABORTABLE]

    assert isinstance(cluster.refusal(cluster.commit()), TransactionAbortableError)
    starts_again(cluster)


def test_a_new_epoch_that_could_not_be_had_is_asked_for_again_by_the_next_abort() -> None:
    cluster = CoordinatedCluster().begun(b"a")
    cluster.answer(code=Code.INVALID_RECORD)
    cluster.codes[ApiKey.INIT_PRODUCER_ID] = [Code.TRANSACTION_ABORTABLE]

    assert isinstance(cluster.refusal(cluster.abort()), TransactionAbortableError)
    assert cluster.state is S.ABORTABLE_ERROR
    starts_again(cluster)


def test_a_broker_that_knows_no_members_takes_no_member_s_offsets() -> None:
    cluster = CoordinatedCluster()
    cluster.disconnect_all()
    cluster.versions = {ApiKey.TXN_OFFSET_COMMIT: (0, 2)}
    cluster.begun()

    error = cluster.refusal(cluster.send_offsets())

    assert error.code.code == Code.UNSUPPORTED_VERSION
    assert isinstance(error, FatalTransactionError)


def test_a_broker_that_knows_no_members_takes_offsets_of_nobody_in_particular() -> None:
    cluster = CoordinatedCluster()
    cluster.disconnect_all()
    cluster.versions = {ApiKey.TXN_OFFSET_COMMIT: (0, 2)}
    cluster.begun()

    cluster.send_offsets(None, GROUP._replace(generation_id=-1, member_id="")).hear()


def test_a_broker_without_transactions_ends_the_producer_and_its_records() -> None:
    cluster = CoordinatedCluster()
    cluster.disconnect_all()
    cluster.versions = {ApiKey.ADD_PARTITIONS_TO_TXN: (4, 5)}
    cluster.begun()

    cluster.send(b"a")
    cluster.advance(SECOND_US)

    assert cluster.state is S.FATAL_ERROR
    assert list(cluster.failed) == [b"a"]


@LEVELS
def test_a_record_that_is_too_large_leaves_an_abort(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")

    with pytest.raises(RecordTooLargeError):
        cluster.engine.send(Record("orders", bytes(2_000_000)), "large", now_us=cluster.now_us)

    assert cluster.state is S.ABORTABLE_ERROR
    with pytest.raises(TransactionAbortableError, match="MESSAGE_TOO_LARGE"):
        cluster.commit()
    cluster.answer_all()
    starts_again(cluster)


@LEVELS
def test_a_record_whose_topic_is_not_found_in_time_leaves_an_abort_and_a_question_for_one_does_not(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    asked = cluster.engine.learn("nowhere", now_us=cluster.now_us)
    assert asked is not None
    cluster.engine.give_up(asked, Record("nowhere", b"v"), now_us=cluster.now_us)
    states = [cluster.state]

    waiting = cluster.engine.send(Record("nowhere", b"v"), "waiting", now_us=cluster.now_us)
    assert waiting is not None
    error = cluster.engine.give_up(waiting, Record("nowhere", b"v"), now_us=cluster.now_us)

    assert isinstance(error, MetadataTimeoutError)
    assert [*states, cluster.state] == [S.IN_TRANSACTION, S.ABORTABLE_ERROR]
    with pytest.raises(TransactionAbortableError, match=r"REQUEST_TIMED_OUT.*nowhere"):
        cluster.commit()
    cluster.answer_all()
    starts_again(cluster)


@LEVELS
def test_a_record_that_finds_no_room_in_time_leaves_an_abort(level: int) -> None:
    cluster = CoordinatedCluster(level=level, buffer_memory=16_384, batch_size=16_384).begun(b"a")

    waiting = cluster.engine.send(Record("orders", b"v"), "waiting", now_us=cluster.now_us)
    assert waiting is not None
    error = cluster.engine.give_up(waiting, Record("orders", b"v"), now_us=cluster.now_us)

    assert isinstance(error, BufferExhaustedError)
    assert cluster.state is S.ABORTABLE_ERROR
    with pytest.raises(TransactionAbortableError, match=r"buffer\.memory"):
        cluster.commit()
    cluster.answer_all()
    starts_again(cluster)


@LEVELS
def test_a_record_that_cannot_be_one_is_the_application_s_mistake_and_leaves_the_transaction_as_it_was(
    level: int,
) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")

    with pytest.raises(UsageError, match="partition is -2"):
        cluster.engine.send(Record("orders", b"v", partition=-2), "wrong", now_us=cluster.now_us)

    assert cluster.state is S.IN_TRANSACTION
    call = cluster.commit()
    cluster.answer_all()
    call.hear()
