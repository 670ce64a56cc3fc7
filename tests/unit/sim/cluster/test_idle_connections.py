"""A connection that nobody uses is closed after connections.max.idle.ms, whatever waits on it; seen on Kafka 4.3."""

import pytest

from producer.wire.api import ApiKey
from producer.wire.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from producer.wire.messages.metadata import MetadataRequest
from sim.world.network.stream import CLOSED_BY_PEER
from sim.world.units import MILLISECOND_US, SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection

IDLE_S = 3


@pytest.fixture
def lab() -> Lab:
    return Lab(connections_max_idle_us=IDLE_S * SECOND_US)


def ended_after_us(lab: Lab, connection: RawConnection) -> int:
    begun_us = lab.world.now_us
    lab.world.run_while(
        lambda: connection.closed is None, until_us=begun_us + 10 * IDLE_S * SECOND_US, events_max=1_000_000
    )
    assert connection.closed == CLOSED_BY_PEER
    return lab.world.now_us - begun_us


def test_who_never_says_a_word_is_closed(lab: Lab) -> None:
    connection = lab.client.connect(1)

    assert ended_after_us(lab, connection) == pytest.approx(IDLE_S * SECOND_US, abs=10 * MILLISECOND_US)


def test_time_counts_from_the_last_answer(lab: Lab) -> None:
    connection = lab.client.connect(1)
    for _ in range(3):
        lab.run(2)
        assert connection.call(ApiKey.METADATA, MetadataRequest(topics=())) is not None

    assert ended_after_us(lab, connection) == pytest.approx(IDLE_S * SECOND_US, abs=10 * MILLISECOND_US)


def test_each_byte_counts_and_half_a_request_does_not_wait_for_ever(lab: Lab) -> None:
    connection = lab.client.connect(1)
    for _ in range(4):
        connection.endpoint.send(b"\1")
        lab.run(2)

    assert ended_after_us(lab, connection) == pytest.approx(SECOND_US, abs=10 * MILLISECOND_US)


def test_a_fetch_that_waits_for_longer_is_never_answered(lab: Lab) -> None:
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS))
    partition = FetchPartition(ORDERS.partition, fetch_offset=0, partition_max_bytes=1_000)
    wanted = FetchRequest(max_wait_ms=9_000, min_bytes=1, topics=(FetchTopic(ORDERS.topic, partitions=(partition,)),))

    connection.send(ApiKey.FETCH, wanted, 12)

    assert ended_after_us(lab, connection) == pytest.approx(IDLE_S * SECOND_US, abs=10 * MILLISECOND_US)
    assert connection.answers == {}


def test_brokers_among_themselves_and_those_in_use_are_left_alone(lab: Lab) -> None:
    busy = lab.client.connect(1)
    for _ in range(10):
        lab.run(2)
        assert busy.call(ApiKey.METADATA, MetadataRequest(topics=())) is not None

    assert lab.client.produce(b"replicated").error_code == 0


def test_a_negative_time_closes_none() -> None:
    lab = Lab(connections_max_idle_us=-1)
    connection = lab.client.connect(1)

    lab.run(3_600)

    assert connection.closed is None
