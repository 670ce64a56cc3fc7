"""A broker that asks for patience is left alone for as long as it asks (KIP-219)."""

from typing import Any

import pytest

from producer.errors import Code
from producer.events import BatchSent, ConnectionLost, IdentityAssigned
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

MS_US = 1_000


def delivering(**properties: Any) -> ScriptedCluster:
    cluster = ScriptedCluster(**properties)
    cluster.send_alone(b"first")
    cluster.answer()
    return cluster


def test_nothing_is_sent_to_a_broker_for_as_long_as_its_answer_asks() -> None:
    cluster = delivering(linger_ms=0)
    cluster.send(b"second")
    cluster.answer(throttle_time_ms=700)
    cluster.send(b"third")

    cluster.advance(699 * MS_US)
    assert cluster.waiting == []
    cluster.advance(MS_US)

    assert [request.values for request in cluster.waiting] == [[b"third"]]


def test_a_shorter_wish_does_not_end_a_longer_one() -> None:
    cluster = delivering(linger_ms=0)
    cluster.send(b"second")
    cluster.send(b"third")
    cluster.answer(throttle_time_ms=700)
    cluster.answer(throttle_time_ms=10)
    cluster.send(b"fourth")

    cluster.advance(699 * MS_US)

    assert cluster.waiting == []


def test_other_brokers_are_not_throttled() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2, linger_ms=0)
    cluster.send_alone(b"first", partition=0)
    cluster.answer(throttle_time_ms=60_000)

    cluster.send(b"second", partition=1)
    cluster.advance(SECOND_US)

    assert [request.broker for request in cluster.waiting] == [2]


@pytest.mark.parametrize(("highest", "waits"), [(5, False), (6, True)])
def test_before_version_six_the_broker_has_waited_itself(highest: int, waits: bool) -> None:
    cluster = ScriptedCluster(linger_ms=0, enable_idempotence=False)
    cluster.produce_max = highest
    cluster.send(b"first")
    cluster.advance(SECOND_US)
    cluster.answer(throttle_time_ms=700)

    cluster.send(b"second")
    cluster.advance(699 * MS_US)

    assert (cluster.waiting == []) == waits


def test_the_answers_of_the_set_up_throttle_as_well() -> None:
    cluster = ScriptedCluster(linger_ms=0, throttles_ms=500)
    cluster.send(b"first")
    cluster.advance(2 * SECOND_US)

    (sent,) = [event.at_us for event in cluster.observed if isinstance(event, BatchSent)]
    assert cluster.asked[0].at_us == 500 * MS_US, "after the versions"
    assert sent == 1_000 * MS_US, "after the versions of the next broker"


def test_a_broker_that_gives_no_producer_id_yet_is_asked_again_when_it_lets_itself_be_asked() -> None:
    cluster = ScriptedCluster(throttles_ms=500, identity_codes=[Code.COORDINATOR_LOAD_IN_PROGRESS])

    cluster.advance(2 * SECOND_US)

    assert [event.at_us for event in cluster.observed if isinstance(event, IdentityAssigned)] == [1_000 * MS_US]


def test_the_time_for_an_answer_leaves_out_the_time_that_the_broker_asked_for() -> None:
    """A broker that throttles reads nothing more from the connection: what is behind the answer waits unread."""
    cluster = delivering(linger_ms=0, request_timeout_ms=1_000, delivery_timeout_ms=60_000)
    cluster.send(b"second")
    cluster.send(b"third")
    cluster.answer(throttle_time_ms=5_000)
    (third,) = cluster.waiting

    cluster.advance(6_000 * MS_US)
    assert not any(isinstance(event, ConnectionLost) for event in cluster.observed)
    cluster.advance(1 * MS_US)

    lost = [event for event in cluster.observed if isinstance(event, ConnectionLost)]
    assert [event.connection for event in lost] == [third.connection]
    assert lost[0].reason == "a request timed out"


def test_answers_that_each_ask_for_time_add_up_for_what_is_behind() -> None:
    cluster = delivering(linger_ms=0, request_timeout_ms=1_000, delivery_timeout_ms=60_000)
    for value in (b"second", b"third", b"fourth"):
        cluster.send(value)
    cluster.answer(throttle_time_ms=2_000)
    cluster.answer(throttle_time_ms=2_000)

    cluster.advance(5_000 * MS_US)
    assert not any(isinstance(event, ConnectionLost) for event in cluster.observed)
    cluster.advance(1 * MS_US)

    assert any(isinstance(event, ConnectionLost) for event in cluster.observed)
