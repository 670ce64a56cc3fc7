"""Rules on answers: swallowed, late, or turned into errors."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from sim.cluster.broker import AfterDrop, AnswerError, DelayResponse, DropResponse, Rule
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended, ResponseDropped
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import Lab, part_of, send_batch

SECOND = TopicPartition("orders", 1)


def test_a_dropped_answer_breaks_the_connection_but_the_batch_stays() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(DropResponse()))
    connection = lab.client.connect(1)

    answer = connection.wait(send_batch(connection, b"a"))

    assert answer is None
    assert connection.closed == "connection reset"
    assert len(lab.events(ResponseDropped, client="c1")) == 1
    assert lab.client.read() == [b"a"]


def test_a_stalled_connection_says_nothing_any_more_but_stays_open() -> None:
    lab = Lab()
    lab.cluster.tamper(None, Rule(DropResponse(AfterDrop.STALL)))
    connection = lab.client.connect(1)

    first = send_batch(connection, b"a")
    second = send_batch(connection, b"b")
    connection.wait(second, within_us=SECOND_US)

    assert connection.answers == {}
    assert connection.closed is None
    assert first != second
    assert lab.client.read() == [b"a", b"b"]


def test_a_late_answer_keeps_its_place() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(DelayResponse(2 * SECOND_US)))
    connection = lab.client.connect(1)
    began_us = lab.world.now_us

    first, second = send_batch(connection, b"a"), send_batch(connection, b"b")
    connection.wait(second)

    assert connection.answered_us[first] - began_us > 2 * SECOND_US
    assert connection.answered_us[second] > connection.answered_us[first]


def test_an_error_in_place_of_processing_appends_nothing_and_counts_down() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(AnswerError(Code.NOT_ENOUGH_REPLICAS), count=2))

    codes = [lab.client.produce(b"%d" % number).error_code for number in range(3)]

    assert codes == [Code.NOT_ENOUGH_REPLICAS, Code.NOT_ENOUGH_REPLICAS, Code.NONE]
    assert lab.client.read() == [b"2"]


def test_an_error_after_the_append_denies_what_is_written() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(AnswerError(Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND, is_after_append=True)))

    answer = lab.client.produce(b"a")

    assert answer.error_code == Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    assert len(lab.events(BatchAppended)) == 1
    assert lab.client.read() == [b"a"]


def test_a_rule_for_one_partition_one_client_and_one_api_leaves_the_rest_alone() -> None:
    lab = Lab(TopicConfig("orders", partitions=2, replicas=((1, 2), (1, 2))))
    connection = lab.client.connect(1)
    lab.cluster.tamper(1, Rule(AnswerError(Code.KAFKA_STORAGE_ERROR), partition=SECOND, client="c1"))
    lab.cluster.tamper(1, Rule(AnswerError(Code.UNKNOWN_SERVER_ERROR), client="somebody else"))

    first = part_of(connection.wait(send_batch(connection, b"a")))
    topics = connection.call(ApiKey.METADATA, metadata.MetadataRequest(None)).topics
    second = part_of(connection.wait(send_batch(connection, b"b", tp=SECOND)))

    assert first.error_code == Code.NONE
    assert topics[0].error_code == Code.NONE
    assert second.error_code == Code.KAFKA_STORAGE_ERROR


def test_other_apis_can_be_made_to_fail_too() -> None:
    lab = Lab()
    lab.cluster.tamper(1, Rule(AnswerError(Code.LEADER_NOT_AVAILABLE), api=ApiKey.METADATA))
    connection = lab.client.connect(1)

    first = connection.call(ApiKey.METADATA, metadata.MetadataRequest(None)).topics[0]
    second = connection.call(ApiKey.METADATA, metadata.MetadataRequest(None)).topics[0]

    assert (first.error_code, second.error_code) == (Code.LEADER_NOT_AVAILABLE, Code.NONE)


def test_healing_forgets_every_rule() -> None:
    lab = Lab()
    lab.cluster.tamper(None, Rule(AnswerError(Code.UNKNOWN_SERVER_ERROR), count=99))
    lab.cluster.tamper(1, Rule(DropResponse(), count=99))

    lab.cluster.heal()

    assert lab.client.produce(b"a").error_code == Code.NONE


def test_a_rule_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Rule\.count is 0"):
        Rule(DropResponse(), count=0)
    with pytest.raises(ValueError, match="delay_us is -1"):
        Rule(DelayResponse(-1))
