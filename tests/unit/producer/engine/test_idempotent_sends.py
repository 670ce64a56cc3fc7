"""What an idempotent producer puts on the wire: sequences in order, epochs that close gaps, an id that is asked for."""

from typing import Any

from producer.errors import (
    Code,
)
from producer.events import BatchResequenced
from producer.records import NO_PRODUCER_ID
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

LINGER_US = 5_000


def plain(**properties: Any) -> ScriptedCluster:
    return ScriptedCluster(**({"enable_idempotence": False} | properties))


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
