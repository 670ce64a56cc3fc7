"""Requests on their way: detained until their client is gone, or lost, with all behind them on the same connection."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from sim.cluster.broker import AfterDrop, AnswerError, DetainRequest, LoseRequest, Rule
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import RequestDetained, RequestLost, RequestReceived
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import Lab, part_of, send_batch

SECOND = TopicPartition("orders", 1)
HELD_US = 5 * SECOND_US


def test_a_detained_request_arrives_later_and_what_is_behind_it_on_its_connection_with_it() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(DetainRequest(HELD_US)))
    connection, other = lab.client.connect(1), lab.client.connect(1)
    began_us = lab.world.now_us

    first, second = send_batch(connection, b"a"), send_batch(connection, b"b")
    other.wait(send_batch(other, b"c"))
    assert lab.world.now_us - began_us < SECOND_US
    connection.wait(second)

    assert HELD_US < connection.answered_us[first] - began_us < HELD_US + SECOND_US
    assert lab.client.read() == [b"c", b"a", b"b"]
    assert len(lab.events(RequestDetained, client="c1", connection=connection.number)) == 1


def test_a_detained_request_is_worked_on_although_its_client_is_long_gone() -> None:
    for says_goodbye in (True, False):
        lab = Lab()
        lab.cluster.tamper(1, Rule(DetainRequest(HELD_US)))
        connection = lab.client.connect(1)
        send_batch(connection, b"late")
        lab.run(1)

        if says_goodbye:
            connection.endpoint.close()
        else:
            connection.endpoint.reset()
        lab.run(3)
        assert lab.client.read() == []
        lab.run(2)

        assert lab.client.read() == [b"late"]


def test_a_request_is_detained_once_more_for_each_count_and_keeps_its_place() -> None:
    lab = Lab()
    lab.cluster.tamper(None, Rule(DetainRequest(HELD_US), count=2))
    connection = lab.client.connect(1)
    began_us = lab.world.now_us

    tokens = [send_batch(connection, value) for value in (b"a", b"b", b"c")]
    connection.wait(tokens[-1])

    at_s = [(connection.answered_us[token] - began_us) // SECOND_US for token in tokens]
    assert at_s == [5, 10, 10]
    assert lab.client.read() == [b"a", b"b", b"c"]


def test_a_lost_request_takes_everything_behind_it_along_and_the_client_hears_nothing() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(LoseRequest()))
    connection = lab.client.connect(1)

    send_batch(connection, b"a")
    connection.wait(send_batch(connection, b"b"), within_us=SECOND_US)

    assert (connection.answers, connection.closed) == ({}, None)
    assert lab.client.read() == []
    assert len(lab.events(RequestLost, client="c1")) == 1
    assert lab.client.produce(b"on another connection").error_code == Code.NONE


def test_a_lost_request_may_break_its_connection() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(LoseRequest(AfterDrop.RESET)))
    connection = lab.client.connect(1)

    assert connection.wait(send_batch(connection, b"a")) is None

    assert connection.closed == "connection reset"
    assert lab.client.read() == []


@pytest.mark.parametrize("version", [12, 13], ids=["topics by name", "topics by id"])
def test_only_requests_about_the_partition_are_struck(version: int) -> None:
    lab = Lab(TopicConfig("orders", partitions=2))
    topic_id = lab.cluster.controller.metadata.topics["orders"].topic_id
    broker = lab.cluster.leader_of(SECOND)
    lab.cluster.tamper(None, Rule(LoseRequest(), partition=SECOND))
    spared = lab.client.connect(lab.cluster.leader_of(TopicPartition("orders", 0)))
    struck = lab.client.connect(broker)

    answer = spared.wait(send_batch(spared, b"a", version=version, topic_id=topic_id))
    lost = struck.wait(send_batch(struck, b"b", tp=SECOND, version=version, topic_id=topic_id), within_us=SECOND_US)

    assert part_of(answer).error_code == Code.NONE
    assert lost is None


def test_rules_on_answers_and_on_requests_do_not_meet() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(AnswerError(Code.NOT_ENOUGH_REPLICAS)))
    lab.cluster.tamper(1, Rule(DetainRequest(HELD_US)))

    assert lab.client.produce(b"a").error_code == Code.NOT_ENOUGH_REPLICAS
    assert lab.world.now_us > HELD_US
    assert lab.client.produce(b"b").error_code == Code.NONE


def test_requests_of_other_apis_are_struck_by_name() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(LoseRequest(), api=ApiKey.METADATA))
    connection = lab.client.connect(1)
    wanted = metadata.MetadataRequest(metadata.named("orders"))

    assert part_of(connection.wait(send_batch(connection, b"a"))).error_code == Code.NONE
    assert connection.wait(connection.send(ApiKey.METADATA, wanted, 12), within_us=SECOND_US) is None


def test_what_a_crashed_broker_had_not_got_yet_never_arrives() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(DetainRequest(HELD_US)))
    connection = lab.client.connect(1)
    send_batch(connection, b"a")
    lab.run(1)

    lab.cluster.crash(1)
    lab.cluster.restart(1)
    lab.run(20)

    assert not [event for event in lab.events(RequestReceived, client="c1") if event.api == "Produce"]


def test_a_delay_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"DetainRequest\.delay_us is -1"):
        Rule(DetainRequest(-1))
