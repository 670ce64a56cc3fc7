"""Sequences and epochs as brokers see them: who is numbered anew, who waits, and what ends the producer."""

import pytest

from producer.client.identity import EPOCH_MAX
from producer.errors import Code, Outcome
from producer.events import BatchResequenced
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, Produced, ScriptedCluster


def numbers(request: Produced) -> tuple[int, int, int]:
    header = request.only
    return header.producer_id, header.producer_epoch, header.base_sequence


def acknowledged(cluster: ScriptedCluster, count: int, partition: int = 0) -> None:
    """Send and acknowledge so many records, each in a batch of its own, at the offsets from 0."""
    for offset in range(count):
        cluster.answer(cluster.send_alone(b"%d" % offset, partition=partition), base_offset=offset)


# -- a new epoch -------------------------------------------------------------------------------------------------------


def test_a_new_epoch_renumbers_the_partition_that_asked_and_another_one_after_its_batches_in_flight() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2, linger_ms=0)
    acknowledged(cluster, 1, partition=0)
    acknowledged(cluster, 1, partition=1)
    cluster.send(b"under way", partition=1)
    under_way = cluster.waiting[0]

    # Partition 0 has a gap for certain.
    cluster.answer(cluster.send_alone(b"gap", partition=0), Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.send(b"next", partition=1)
    cluster.advance(SECOND_US)

    assert [request.values for request in cluster.waiting] == [[b"under way"], [b"gap"]], "partition 1 waits"
    assert numbers(under_way) == (1_001, 0, 1)
    assert numbers(cluster.waiting[1]) == (1_001, 1, 0)
    cluster.answer(under_way)
    assert cluster.waiting[1].values == [b"next"]
    assert numbers(cluster.waiting[1]) == (1_001, 1, 0)
    assert len([event for event in cluster.observed if isinstance(event, BatchResequenced)]) == 1


def test_a_retry_of_another_partition_keeps_its_number_through_a_new_epoch() -> None:
    """It may be in the log: under a new number it would be written twice (librdkafka #4953)."""
    cluster = ScriptedCluster(brokers=2, partitions=2)
    acknowledged(cluster, 1, partition=0)
    acknowledged(cluster, 1, partition=1)
    retried = cluster.send_alone(b"retried", partition=1)
    cluster.answer(retried, Code.REQUEST_TIMED_OUT)

    cluster.answer(cluster.send_alone(b"gap", partition=0), Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)

    by_broker = {request.broker: request for request in cluster.waiting}
    assert numbers(by_broker[1]) == (1_001, 1, 0)
    assert by_broker[2].batches == retried.batches


def test_a_batch_refused_again_under_its_new_number_asks_for_another_epoch() -> None:
    cluster = ScriptedCluster()
    acknowledged(cluster, 1)
    cluster.send_alone(b"a")
    for epoch in (1, 2, 3):
        cluster.answer(code=Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
        cluster.advance(2 * SECOND_US)

        assert numbers(cluster.waiting[0]) == (1_001, epoch, 0)


def test_an_answer_to_the_old_number_of_a_batch_asks_for_nothing_more() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    cluster.send(b"a")
    cluster.send(b"b")
    first, second = cluster.waiting

    cluster.answer(first, Code.INVALID_RECORD)
    # By now b is the first of the next epoch; as the second of this one it is refused, for a is missing.
    cluster.answer(second, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)

    assert numbers(second) == (1_001, 0, 1)
    assert cluster.waiting[0].values == [b"b"]
    assert numbers(cluster.waiting[0]) == (1_001, 1, 0)


def in_doubt_before_a_gap(cluster: ScriptedCluster, denied: Code) -> None:
    """Of three batches in flight the first is appended and denied, the second refused for good."""
    acknowledged(cluster, 1)
    for value in (b"a", b"b", b"c"):
        cluster.send(value)
    first, second, third = cluster.waiting
    cluster.answer(first, denied)
    cluster.answer(second, Code.INVALID_RECORD)
    cluster.answer(third, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.send(b"d")


IN_DOUBT = [Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND, Code.REQUEST_TIMED_OUT]


@pytest.mark.parametrize("denied", IN_DOUBT, ids=lambda code: code.name)
def test_java_renumbers_a_batch_that_may_be_in_the_log_when_one_behind_it_leaves_a_gap(denied: Code) -> None:
    cluster = ScriptedCluster(linger_ms=0)
    in_doubt_before_a_gap(cluster, denied)

    cluster.advance(SECOND_US)

    (request,) = cluster.waiting
    assert (request.values, numbers(request)) == ([b"a"], (1_001, 1, 0))


@pytest.mark.parametrize("denied", IN_DOUBT, ids=lambda code: code.name)
def test_with_the_remedy_a_gap_waits_for_the_verdicts_of_what_was_sent_before_it(denied: Code) -> None:
    cluster = ScriptedCluster(linger_ms=0, acklab_renumber_in_doubt=False)
    in_doubt_before_a_gap(cluster, denied)
    cluster.advance(SECOND_US)
    (again,) = cluster.waiting
    assert (again.values, numbers(again)) == ([b"a"], (1_001, 0, 1))

    cluster.answer(again, Code.DUPLICATE_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)

    assert [(request.values, numbers(request)) for request in cluster.waiting] == [
        ([b"c"], (1_001, 1, 0)),
        ([b"d"], (1_001, 1, 1)),
    ]


def test_with_the_remedy_a_gap_does_not_wait_beyond_the_delivery_timeout_of_what_was_sent_before_it() -> None:
    cluster = ScriptedCluster(linger_ms=0, acklab_renumber_in_doubt=False, delivery_timeout_ms=31_000)
    acknowledged(cluster, 1)
    cluster.send(b"a")
    cluster.advance(5 * SECOND_US)
    cluster.send(b"b")
    cluster.send(b"c")
    cluster.answer(code=Code.REQUEST_TIMED_OUT)
    cluster.answer(code=Code.INVALID_RECORD)
    cluster.answer(code=Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.silent.append("b1")
    cluster.disconnect_all()

    cluster.advance(27 * SECOND_US)
    assert cluster.failed[b"a"].outcome is Outcome.UNKNOWN
    cluster.silent.clear()
    cluster.advance(31 * SECOND_US)

    assert [event.base_sequence for event in cluster.observed if isinstance(event, BatchResequenced)] == [0]


def test_with_the_remedy_a_gap_of_one_partition_keeps_no_other_waiting() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2, linger_ms=0, acklab_renumber_in_doubt=False)
    acknowledged(cluster, 1, partition=0)
    acknowledged(cluster, 1, partition=1)
    for value in (b"a", b"b"):
        cluster.send(value, partition=0)
    cluster.send(b"other", partition=1)
    first, second, other = cluster.waiting
    cluster.answer(first, Code.REQUEST_TIMED_OUT)
    cluster.answer(second, Code.INVALID_RECORD)
    cluster.answer(other, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)

    cluster.advance(SECOND_US)
    by_broker = {request.broker: request for request in cluster.waiting}

    assert numbers(by_broker[1]) == (1_001, 0, 1), "in doubt, it keeps its number"
    assert numbers(by_broker[2]) == (1_001, 1, 0), "its own gap is closed"
    cluster.answer(by_broker[1], Code.DUPLICATE_SEQUENCE_NUMBER)
    cluster.send(b"next", partition=0)
    assert numbers(cluster.waiting[-1]) == (1_001, 1, 0), "the epoch that there is by now will do"


# -- the last epoch ----------------------------------------------------------------------------------------------------


def test_behind_the_last_epoch_a_retry_leaves_under_a_new_producer_id() -> None:
    cluster = ScriptedCluster(linger_ms=0, identity_epoch=EPOCH_MAX)
    cluster.send(b"a")
    cluster.send(b"b")
    first, second = cluster.waiting
    cluster.identity_epoch = 0

    cluster.answer(first, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.answer(second, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)

    assert numbers(first) == (1_001, EPOCH_MAX, 0)
    assert [(request.values, numbers(request)) for request in cluster.waiting] == [([b"a"], (1_002, 0, 0))]
    cluster.answer()
    cluster.advance(SECOND_US)
    assert [(request.values, numbers(request)) for request in cluster.waiting] == [([b"b"], (1_002, 0, 1))]


def test_behind_the_last_epoch_nothing_leaves_until_the_new_id_is_given() -> None:
    cluster = ScriptedCluster(partitions=2, identity_epoch=EPOCH_MAX)
    acknowledged(cluster, 1, partition=1)
    cluster.identity_codes = [Code.COORDINATOR_LOAD_IN_PROGRESS]
    cluster.identity_epoch = 0

    cluster.answer(cluster.send_alone(b"bad", partition=0), Code.INVALID_RECORD)
    cluster.send(b"good", partition=1)
    cluster.advance(50_000)
    assert cluster.waiting == []

    cluster.advance(SECOND_US)
    assert numbers(cluster.waiting[0]) == (1_002, 0, 0)


# -- UNKNOWN_PRODUCER_ID -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log_start_offset", "leaves_as"),
    [
        # A broker that does not know its log's start is asked again until it does.
        pytest.param(-1, (1_001, 0, 3), id="log start unknown"),
        # Retention, or delete_records, took the log's head and the producer's state with it.
        pytest.param(3, (1_001, 1, 0), id="everything acknowledged is deleted"),
        # The broker lost what it had acknowledged.
        pytest.param(0, (1_001, 1, 0), id="acknowledged records should be there"),
    ],
)
@pytest.mark.parametrize("produce_version", [7, 13])
def test_a_broker_that_forgot_the_producer_is_written_to_under_a_new_epoch(
    produce_version: int, log_start_offset: int, leaves_as: tuple[int, int, int]
) -> None:
    cluster = ScriptedCluster()
    cluster.produce_max = produce_version
    cluster.disconnect_all()
    acknowledged(cluster, 3)
    request = cluster.send_alone(b"a")
    assert (request.header.api_version, numbers(request)) == (produce_version, (1_001, 0, 3))

    cluster.answer(code=Code.UNKNOWN_PRODUCER_ID, log_start_offset=log_start_offset)
    cluster.advance(SECOND_US)

    assert numbers(cluster.waiting[0]) == leaves_as
    cluster.answer()
    assert cluster.failed == {}


def test_before_version_5_unknown_producer_id_cannot_tell_the_logs_start_and_is_retried_as_it_was() -> None:
    cluster = ScriptedCluster()
    cluster.produce_max = 4
    cluster.disconnect_all()
    acknowledged(cluster, 1)
    cluster.send_alone(b"a")

    cluster.answer(code=Code.UNKNOWN_PRODUCER_ID, log_start_offset=7)
    cluster.advance(SECOND_US)

    assert numbers(cluster.waiting[0]) == (1_001, 0, 1)


# -- unresolved sequences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "leaves_as"),
    [
        # The broker took what followed, so it had taken the expired batch too.
        pytest.param(Code.NONE, [([b"new"], (1_001, 0, 3))], id="resolved"),
        # The broker never had it: what followed goes again, and the new one behind it.
        pytest.param(
            Code.OUT_OF_ORDER_SEQUENCE_NUMBER,
            [([b"in time"], (1_001, 1, 0)), ([b"new"], (1_001, 1, 1))],
            id="a gap",
        ),
    ],
)
def test_behind_an_expired_batch_nothing_new_leaves_until_its_sequence_is_settled(
    code: Code, leaves_as: list[tuple[list[bytes], tuple[int, int, int]]]
) -> None:
    cluster = ScriptedCluster(linger_ms=0, delivery_timeout_ms=30_001, request_timeout_ms=30_000)
    acknowledged(cluster, 1)
    cluster.send(b"expires")
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(20 * SECOND_US)
    cluster.send(b"in time")
    cluster.advance(10 * SECOND_US + 2_000)
    assert list(cluster.failed) == [b"expires"]
    assert cluster.failed[b"expires"].outcome is Outcome.UNKNOWN, "it is in flight"
    lost, in_time = cluster.waiting

    cluster.send(b"new")
    assert cluster.waiting == [lost, in_time]
    cluster.answer(lost, Code.NOT_ENOUGH_REPLICAS)
    cluster.answer(in_time, code)
    cluster.advance(SECOND_US)

    assert [(request.values, numbers(request)) for request in cluster.waiting] == leaves_as


def test_a_batch_that_fails_with_an_unknown_outcome_does_not_renumber_what_is_in_flight_behind_it() -> None:
    """It may be appended: numbered anew, what follows it would be written twice or be refused (KAFKA-14397)."""
    cluster = ScriptedCluster(linger_ms=0)
    cluster.send(b"a")
    cluster.send(b"b")

    cluster.answer(code=Code.UNKNOWN_SERVER_ERROR)
    cluster.send(b"c")
    assert [request.values for request in cluster.waiting] == [[b"b"]], "c waits for b"
    cluster.answer()

    assert cluster.failed[b"a"].outcome is Outcome.UNKNOWN
    assert cluster.delivered == [b"b"]
    # b was taken, so a's sequence was used.
    assert (cluster.waiting[0].values, numbers(cluster.waiting[0])) == ([b"c"], (1_001, 0, 2))


def test_a_batch_that_runs_out_of_retries_leaves_its_sequence_used() -> None:
    """Java's rule: nobody knows whether it was, so the next batch does not get it; a refusal of that one may bump."""
    cluster = ScriptedCluster(retries=1)
    cluster.send_alone(b"a")
    for _ in range(2):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
        cluster.advance(SECOND_US)
    assert b"a" in cluster.failed

    assert numbers(cluster.send_alone(b"b")) == (1_001, 0, 1)


# -- the end of the producer -------------------------------------------------------------------------------------------

FATAL = [
    Code.CLUSTER_AUTHORIZATION_FAILED,
    Code.UNSUPPORTED_VERSION,
    Code.INVALID_PRODUCER_ID_MAPPING,
    Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    Code.PRODUCER_FENCED,
]


@pytest.mark.parametrize("code", FATAL, ids=lambda code: code.name)
def test_a_fatal_refusal_ends_what_waits_and_what_comes_but_not_what_is_in_flight(code: Code) -> None:
    cluster = ScriptedCluster(linger_ms=0, partitions=2)
    cluster.send(b"refused", partition=0)
    cluster.send(b"under way", partition=1)
    first, second = cluster.waiting
    record = Record("orders", b"waits", None, 0)
    cluster.engine.send(record, b"waits", now_us=cluster.now_us)

    cluster.answer(first, code)
    cluster.send(b"comes", partition=1)
    cluster.answer(second)
    cluster.advance(SECOND_US)

    assert cluster.delivered == [b"under way"]
    assert {value: error.code.code for value, error in cluster.failed.items()} == dict.fromkeys(
        (b"refused", b"waits", b"comes"), code
    )
    assert {error.outcome for error in cluster.failed.values()} == {Outcome.FAILED}
    assert cluster.engine.is_idle


@pytest.mark.parametrize("code", FATAL, ids=lambda code: code.name)
def test_without_idempotence_the_same_refusal_ends_one_batch(code: Code) -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.answer(cluster.send_alone(b"refused"), code)

    cluster.answer(cluster.send_alone(b"next"))

    assert list(cluster.failed) == [b"refused"]
    assert cluster.delivered == [b"next"]


@pytest.mark.parametrize("code", [Code.CLUSTER_AUTHORIZATION_FAILED, Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED])
def test_a_producer_that_lacks_the_right_to_an_id_fails_what_waits_and_asks_again(code: Code) -> None:
    cluster = ScriptedCluster(identity_codes=[code] * 5, linger_ms=0)
    cluster.send(b"too early")
    cluster.advance(SECOND_US)
    assert cluster.failed[b"too early"].code.code == code

    # Somebody grants the right.
    cluster.identity_codes.clear()
    cluster.advance(SECOND_US)
    cluster.send(b"granted")

    assert [request.values for request in cluster.waiting] == [[b"granted"]]


@pytest.mark.parametrize("code", [Code.UNSUPPORTED_VERSION, Code.INVALID_REQUEST, Code.UNKNOWN_SERVER_ERROR])
def test_any_other_refusal_of_an_id_is_for_good(code: Code) -> None:
    cluster = ScriptedCluster(identity_codes=[code], linger_ms=0)
    cluster.send(b"a")
    cluster.advance(10 * SECOND_US)
    cluster.send(b"b")
    cluster.advance(SECOND_US)

    assert {value: error.code.code for value, error in cluster.failed.items()} == {b"a": code, b"b": code}
    assert cluster.identities == 0
    assert cluster.seen == []
