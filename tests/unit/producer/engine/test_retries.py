"""A failed attempt: when it is tried again, on which connection, and until when."""

from typing import Any

import pytest

from producer.errors import (
    Code,
    DeliveryTimeoutError,
    Outcome,
)
from producer.events import MetadataLearned
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

LINGER_US = 5_000


def plain(**properties: Any) -> ScriptedCluster:
    return ScriptedCluster(**({"enable_idempotence": False} | properties))


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
