"""What the engine promises, against a cluster that says what the test tells it to."""

from typing import Any

import pytest

from producer.errors import (
    BufferExhaustedError,
    Code,
    DeliveryTimeoutError,
    MetadataTimeoutError,
    Outcome,
    ProducerClosedError,
    RecordTooLargeError,
    UsageError,
)
from producer.events import BatchDelivered, BatchResequenced, BatchSent, MetadataLearned, RoomMade
from producer.records import NO_PRODUCER_ID, Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

LINGER_US = 5_000


def plain(**properties: Any) -> ScriptedCluster:
    return ScriptedCluster(**({"enable_idempotence": False} | properties))


# -- batching ----------------------------------------------------------------------------------------------------------


def test_records_of_one_partition_share_a_batch_that_leaves_after_linger() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a")
    cluster.send(b"b")

    assert cluster.waiting == []
    cluster.advance(LINGER_US - 1)
    assert cluster.waiting == []
    cluster.advance(1)

    assert [request.values for request in cluster.waiting] == [[b"a", b"b"]]


def test_a_full_batch_does_not_wait_for_linger() -> None:
    cluster = ScriptedCluster(linger_ms=1_000, batch_size=200)
    cluster.send(b"x" * 100)

    cluster.send(b"y" * 100)

    assert [request.values for request in cluster.waiting] == [[b"x" * 100]]


def test_flush_ends_every_linger() -> None:
    cluster = ScriptedCluster(linger_ms=1_000)
    cluster.send(b"a")

    mark = cluster.engine.flush(cluster.now_us)
    cluster.settle()

    assert not cluster.engine.is_flushed(mark)
    cluster.answer()
    assert cluster.engine.is_flushed(mark)
    assert cluster.delivered == [b"a"]


def test_batches_for_one_broker_share_a_request() -> None:
    cluster = ScriptedCluster(partitions=3)
    for index in range(3):
        cluster.send(b"%d" % index, partition=index)

    cluster.advance(LINGER_US)

    (request,) = cluster.waiting
    assert set(request.values) == {b"0", b"1", b"2"}


def test_a_request_stays_below_its_limit() -> None:
    cluster = ScriptedCluster(partitions=3, max_request_size=400, batch_size=300)
    for index in range(3):
        cluster.send(b"x" * 150, partition=index)

    cluster.advance(LINGER_US)

    assert [len(request.batches) for request in cluster.waiting] == [1, 1, 1]


def test_keyed_records_go_where_kafka_would_put_them() -> None:
    cluster = ScriptedCluster(partitions=10)

    cluster.send(b"v", key=b"foobar")
    cluster.advance(LINGER_US)

    # murmur2("foobar") = -790332482; its positive part modulo 10.
    assert [partition.partition for partition in cluster.waiting[0].batches] == [(-790332482 & 0x7FFFFFFF) % 10]


def test_an_answer_gives_each_record_its_offset() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a")
    cluster.send(b"b")
    cluster.advance(LINGER_US)

    cluster.answer(base_offset=40)

    (delivered,) = [answer for answer in cluster.answers if isinstance(answer, BatchDelivered)]
    assert (delivered.metadata.base_offset, delivered.tokens) == (40, [b"a", b"b"])


# -- acks and in-flight ------------------------------------------------------------------------------------------------


def test_acks_zero_is_delivered_without_an_offset_as_soon_as_it_is_written() -> None:
    cluster = plain(acks="0")
    cluster.send(b"a")

    cluster.advance(LINGER_US)

    assert cluster.delivered == [b"a"]
    assert [answer.metadata.base_offset for answer in cluster.answers if isinstance(answer, BatchDelivered)] == [-1]
    assert cluster.seen[0].request.acks == 0


def test_no_more_requests_than_allowed_are_in_flight() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    for index in range(8):
        cluster.send(b"%d" % index)
        cluster.settle()

    assert len(cluster.waiting) == 5
    cluster.answer()
    assert len(cluster.waiting) == 5


def test_with_one_in_flight_the_next_batch_waits_for_the_answer() -> None:
    cluster = plain(linger_ms=0, max_in_flight_requests_per_connection=1)
    cluster.send(b"a")
    cluster.send(b"b")
    assert [request.values for request in cluster.waiting] == [[b"a"]]

    cluster.answer()

    assert [request.values for request in cluster.waiting] == [[b"b"]]


# -- retries -----------------------------------------------------------------------------------------------------------


def test_a_retriable_error_is_tried_again_after_the_backoff_with_the_same_bytes() -> None:
    cluster = ScriptedCluster()
    first = cluster.send_alone(b"a")

    cluster.answer(first, Code.NOT_ENOUGH_REPLICAS)
    assert cluster.waiting == []
    cluster.advance(79_000)
    assert cluster.waiting == []
    cluster.advance(42_000)

    (second,) = cluster.waiting
    assert second.batches == first.batches
    cluster.answer(second)
    assert cluster.delivered == [b"a"]


def test_backoff_doubles_up_to_its_maximum() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")
    pauses_us = []
    for _ in range(6):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
        began_us = cluster.now_us
        while not cluster.waiting:
            cluster.advance(1_000)
        pauses_us.append(cluster.now_us - began_us)

    for pause_us, nominal_us in zip(pauses_us, [100_000, 200_000, 400_000, 800_000, 1_000_000, 1_000_000], strict=True):
        assert 0.8 * nominal_us - 1_000 <= pause_us <= min(1.2 * nominal_us, SECOND_US) + 1_000


@pytest.mark.parametrize(("first_ms", "longest_ms"), [(300, 300), (5_000, 400)])
def test_a_backoff_that_cannot_grow_is_always_the_longest(first_ms: int, longest_ms: int) -> None:
    cluster = ScriptedCluster(retry_backoff_ms=first_ms, retry_backoff_max_ms=longest_ms)
    cluster.send_alone(b"a")
    for _ in range(4):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
        cluster.advance(longest_ms * 1_000 - 1)
        assert cluster.waiting == []
        cluster.advance(1)
        assert cluster.waiting != []


def test_retries_are_counted() -> None:
    cluster = plain(retries=2)
    cluster.send_alone(b"a")

    for _ in range(3):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
        cluster.advance(SECOND_US)

    assert len(cluster.seen) == 3
    assert cluster.failed[b"a"].code.code == Code.NOT_ENOUGH_REPLICAS
    assert cluster.failed[b"a"].outcome is Outcome.FAILED


def test_a_permanent_error_fails_at_once_and_for_certain() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")

    cluster.answer(code=Code.TOPIC_AUTHORIZATION_FAILED)

    assert cluster.failed[b"a"].outcome is Outcome.FAILED
    assert not cluster.failed[b"a"].is_retriable


def test_a_failure_after_a_lost_answer_is_uncertain() -> None:
    cluster = plain(retries=1)
    request = cluster.send_alone(b"a")
    cluster.disconnect(request.connection)
    cluster.advance(SECOND_US)

    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)

    assert cluster.failed[b"a"].outcome is Outcome.UNKNOWN


def test_a_disconnect_is_retried_on_a_new_connection() -> None:
    cluster = ScriptedCluster()
    request = cluster.send_alone(b"a")

    cluster.disconnect(request.connection)
    cluster.advance(SECOND_US)

    (again,) = cluster.waiting
    assert again.connection != request.connection
    assert again.batches == request.batches


def test_a_request_that_times_out_takes_its_connection_with_it() -> None:
    cluster = ScriptedCluster()
    request = cluster.send_alone(b"a")

    cluster.advance(30 * SECOND_US + SECOND_US)

    assert request.connection not in cluster.connections
    (again,) = cluster.waiting
    assert again.batches == request.batches


def test_a_retry_goes_to_the_new_leader_without_waiting_for_the_backoff() -> None:
    cluster = ScriptedCluster(brokers=2)
    cluster.send_alone(b"a")
    cluster.leaders[0] = (2, 6)

    cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER, current_leader=(2, 6))
    cluster.advance(1_000)

    assert [request.broker for request in cluster.waiting] == [2]


def test_an_older_leader_epoch_never_replaces_a_newer_one() -> None:
    cluster = ScriptedCluster(brokers=2)
    cluster.send_alone(b"a")
    cluster.advance(SECOND_US)
    cluster.leaders[0] = (2, 4)

    cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER)
    cluster.advance(SECOND_US)

    assert [type(event) for event in cluster.observed].count(MetadataLearned) == 2, "it was told so"
    assert [request.broker for request in cluster.waiting] == [1]


def test_delivery_timeout_ends_a_batch_that_waits() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"warm")
    cluster.advance(LINGER_US)
    cluster.answer()
    cluster.refuses_connections = True
    cluster.disconnect_all()

    cluster.send(b"a")
    cluster.advance(119 * SECOND_US)
    assert cluster.failed == {}
    cluster.advance(2 * SECOND_US)

    error = cluster.failed[b"a"]
    assert isinstance(error, DeliveryTimeoutError)
    assert error.outcome is Outcome.FAILED, "it never left"


def test_delivery_timeout_of_a_batch_in_flight_is_uncertain() -> None:
    cluster = ScriptedCluster(delivery_timeout_ms=31_000, request_timeout_ms=30_000)
    cluster.send_alone(b"a")
    cluster.advance(30 * SECOND_US + 500_000)
    assert len(cluster.waiting) == 1

    cluster.advance(SECOND_US)

    assert cluster.failed[b"a"].outcome is Outcome.UNKNOWN


def test_without_idempotence_a_retry_may_be_overtaken() -> None:
    cluster = plain(linger_ms=0)
    cluster.send(b"a")
    cluster.send(b"b")
    first, second = cluster.waiting

    cluster.answer(first, Code.NOT_ENOUGH_REPLICAS)
    cluster.answer(second)
    cluster.advance(SECOND_US)

    assert [request.values for request in cluster.seen] == [[b"a"], [b"b"], [b"a"]]


# -- idempotence -------------------------------------------------------------------------------------------------------


def test_sequences_count_records_of_a_partition() -> None:
    cluster = ScriptedCluster()
    cluster.send(b"a")
    cluster.send(b"b")
    cluster.advance(LINGER_US)
    cluster.send(b"c")
    cluster.advance(LINGER_US)

    assert [request.only.base_sequence for request in cluster.waiting] == [0, 2]
    assert {(request.only.producer_id, request.only.producer_epoch) for request in cluster.waiting} == {(1_001, 0)}


def test_a_plain_producer_sends_no_identity() -> None:
    cluster = plain()

    request = cluster.send_alone(b"a")

    assert (request.only.producer_id, request.only.base_sequence) == (NO_PRODUCER_ID, -1)
    assert cluster.identities == 0


def test_a_duplicate_sequence_counts_as_delivered() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")

    cluster.answer(code=Code.DUPLICATE_SEQUENCE_NUMBER)

    assert cluster.delivered == [b"a"]


def test_idempotent_retries_keep_their_order_and_leave_one_by_one() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    for value in (b"a", b"b", b"c"):
        cluster.send(value)
    for _ in range(3):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)

    cluster.advance(SECOND_US)
    order = []
    while cluster.waiting:
        assert len(cluster.waiting) == 1, "after a failure one request at a time"
        order += cluster.waiting[0].values
        cluster.answer(base_offset=len(order))
        cluster.advance(SECOND_US)

    assert order == [b"a", b"b", b"c"]


def test_out_of_order_behind_a_retried_batch_is_retried_under_the_same_identity() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    cluster.send(b"a")
    cluster.send(b"b")
    first, second = cluster.waiting

    cluster.answer(first, Code.NOT_ENOUGH_REPLICAS)
    cluster.answer(second, Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)
    cluster.answer()
    cluster.advance(SECOND_US)

    assert cluster.waiting[0].only[7:] == second.only[7:]
    assert cluster.waiting[0].values == [b"b"]


def test_a_certain_gap_bumps_the_epoch_and_starts_at_sequence_zero() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")
    cluster.answer()
    cluster.send_alone(b"b")

    # The next expected sequence is refused: the broker lost what it knew of this producer.
    cluster.answer(code=Code.OUT_OF_ORDER_SEQUENCE_NUMBER)
    cluster.advance(SECOND_US)

    header = cluster.waiting[0].only
    assert (header.producer_epoch, header.base_sequence) == (1, 0)
    assert [type(event) for event in cluster.observed].count(BatchResequenced) == 1
    cluster.answer()
    assert cluster.delivered == [b"a", b"b"]


def test_after_a_delivery_timeout_in_flight_the_next_batch_has_a_new_epoch() -> None:
    cluster = ScriptedCluster(delivery_timeout_ms=31_000)
    cluster.send_alone(b"a")
    cluster.advance(32 * SECOND_US)
    assert b"a" in cluster.failed

    request = cluster.send_alone(b"b")

    assert (request.only.producer_epoch, request.only.base_sequence) == (1, 0)


def test_acknowledgements_just_before_the_delivery_timeout_count() -> None:
    cluster = ScriptedCluster(linger_ms=0, delivery_timeout_ms=30_001, request_timeout_ms=30_000)
    cluster.send(b"a")
    cluster.advance(20 * SECOND_US)
    cluster.send(b"b")
    cluster.advance(10 * SECOND_US - 1_000)
    first, second = cluster.waiting

    cluster.answer(first)
    cluster.answer(second)

    assert cluster.delivered == [b"a", b"b"]
    assert cluster.send_alone(b"c").only.producer_epoch == 0


def test_java_pipelines_before_the_first_acknowledgement_and_the_remedy_does_not() -> None:
    as_java = ScriptedCluster(linger_ms=0)
    with_remedy = ScriptedCluster(linger_ms=0, acklab_fresh_producer_pipelining=False)
    for cluster in (as_java, with_remedy):
        for value in (b"a", b"b", b"c"):
            cluster.send(value)

    assert len(as_java.waiting) == 3
    assert len(with_remedy.waiting) == 1
    with_remedy.answer()
    assert [request.values for request in with_remedy.waiting] == [[b"b", b"c"]]


def test_the_identity_is_asked_for_again_after_a_retriable_refusal() -> None:
    cluster = ScriptedCluster(identity_codes=[Code.COORDINATOR_LOAD_IN_PROGRESS])
    cluster.send(b"a")
    cluster.advance(LINGER_US)
    assert cluster.waiting == []

    cluster.advance(SECOND_US)

    assert cluster.identities == 1
    assert cluster.waiting[0].only.producer_id == 1_001


def test_a_refused_identity_fails_every_record() -> None:
    cluster = ScriptedCluster(identity_codes=[Code.CLUSTER_AUTHORIZATION_FAILED] * 10)
    cluster.send(b"a")
    cluster.advance(SECOND_US)

    assert cluster.failed[b"a"].code.code == Code.CLUSTER_AUTHORIZATION_FAILED
    assert cluster.seen == []


# -- blocking ----------------------------------------------------------------------------------------------------------


def test_a_record_for_an_unknown_topic_waits_for_metadata() -> None:
    cluster = ScriptedCluster()
    record = Record("orders", b"a")

    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None
    cluster.settle()

    assert any(isinstance(answer, RoomMade) for answer in cluster.answers)
    assert cluster.engine.send(record, 1, now_us=0, wait=wait) is None


def test_waiting_in_vain_for_metadata_names_topic_and_servers() -> None:
    cluster = ScriptedCluster()
    cluster.topic_error = Code.UNKNOWN_TOPIC_OR_PARTITION
    record = Record("orders", b"a")
    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None
    cluster.advance(60 * SECOND_US)

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    assert isinstance(error, MetadataTimeoutError)
    assert "'orders'" in str(error)
    assert "UNKNOWN_TOPIC_OR_PARTITION" in str(error)


def test_a_full_buffer_blocks_in_the_order_of_arrival_until_an_answer_makes_room() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0)
    cluster.send(b"a")
    first = Record("orders", b"b")
    second = Record("orders", b"c")
    waits = [cluster.engine.send(record, record.value, now_us=0) for record in (first, second)]
    assert None not in waits

    cluster.answer()
    assert any(isinstance(answer, RoomMade) for answer in cluster.answers)
    assert cluster.engine.send(second, b"c", now_us=0, wait=waits[1]) is waits[1], "first come, first served"
    assert cluster.engine.send(first, b"b", now_us=0, wait=waits[0]) is None


def test_waiting_in_vain_for_room_names_the_limit() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0)
    cluster.send(b"a")
    record = Record("orders", b"b")
    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    assert isinstance(error, BufferExhaustedError)
    assert "buffer.memory of 1000" in str(error)


def test_every_byte_of_the_buffer_comes_back() -> None:
    cluster = ScriptedCluster(linger_ms=0, retries=1)
    for index in range(4):
        cluster.send(b"%d" % index)
    cluster.answer()
    cluster.answer(code=Code.TOPIC_AUTHORIZATION_FAILED)
    cluster.engine.abort(cluster.now_us)
    cluster.settle()

    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes
    assert len(cluster.delivered) + len(cluster.failed) == 4


# -- usage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (Record("", b"v"), "topic is empty"),
        (Record("orders", b"v", partition=-1), "partition is -1"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused(record: Record, names: str) -> None:
    cluster = ScriptedCluster()
    cluster.send(b"warm")

    with pytest.raises(UsageError, match=names):
        cluster.engine.send(record, 1, now_us=0)


def test_a_record_over_the_limit_is_refused_with_both_sizes() -> None:
    cluster = ScriptedCluster(max_request_size=1_000)
    cluster.send(b"warm")

    with pytest.raises(RecordTooLargeError, match=r"2070 bytes .* max\.request\.size of 1000"):
        cluster.engine.send(Record("orders", b"x" * 2_000), 1, now_us=0)


def test_a_closed_producer_takes_nothing_and_finishes_what_it_has() -> None:
    cluster = ScriptedCluster(linger_ms=1_000)
    cluster.send(b"a")

    cluster.engine.close(cluster.now_us)
    cluster.settle()

    with pytest.raises(ProducerClosedError):
        cluster.engine.send(Record("orders", b"b"), 2, now_us=cluster.now_us)
    assert not cluster.engine.is_idle
    cluster.answer()
    assert cluster.engine.is_idle


def test_abort_ends_every_record_once_and_says_what_may_be_written() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"sent")
    cluster.send(b"waiting")

    cluster.engine.abort(cluster.now_us)
    cluster.settle()

    assert cluster.failed[b"sent"].outcome is Outcome.UNKNOWN
    assert cluster.failed[b"waiting"].outcome is Outcome.FAILED
    assert cluster.connections == {}


# -- peers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("highest", [0, 2, 3])
def test_an_older_broker_is_asked_for_versions_again(highest: int) -> None:
    cluster = ScriptedCluster(api_versions_max=highest)

    cluster.send_alone(b"a")
    cluster.answer()

    assert cluster.delivered == [b"a"]


@pytest.mark.parametrize("highest", range(3, 14))
def test_every_produce_version_delivers(highest: int) -> None:
    cluster = ScriptedCluster()
    cluster.disconnect_all()
    cluster.produce_max = highest

    cluster.send(b"a")
    cluster.advance(SECOND_US)
    assert cluster.waiting[0].header.api_version == highest
    cluster.answer()

    assert cluster.delivered == [b"a"]


def test_nonsense_from_a_broker_costs_the_connection_and_no_record() -> None:
    cluster = ScriptedCluster()
    request = cluster.send_alone(b"a")

    cluster.waiting.clear()
    cluster.engine.bytes_received(request.connection, b"\x00\x00\x00\x04\x7f\x7f\x7f\x7f", cluster.now_us)
    cluster.settle()
    assert request.connection not in cluster.connections
    cluster.advance(SECOND_US)
    cluster.answer()

    assert cluster.delivered == [b"a"]


def test_every_send_of_a_batch_is_observed_with_its_sequence() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(SECOND_US)

    sent = [event for event in cluster.observed if isinstance(event, BatchSent)]

    assert [(event.attempt, event.base_sequence, event.batch) for event in sent] == [(1, 0, 1), (2, 0, 1)]
