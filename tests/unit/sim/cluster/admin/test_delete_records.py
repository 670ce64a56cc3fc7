"""DeleteRecords: a log begins later, on its leader at once, on followers with their next Fetch, and after a restart. As Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import fetch, list_offsets
from producer.wire.messages.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from producer.wire.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from sim.cluster.broker.log_starts import CHECKPOINT_INTERVAL_US
from sim.cluster.topic_config import TopicConfig
from sim.world.units import MILLISECOND_US, SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab


def delete(
    lab: Lab, offset: int, *, tp: TopicPartition = ORDERS, broker: int = 1, timeout_ms: int = 5_000
) -> tuple[int, int]:
    """Returns the low watermark and the error."""
    asked = DeleteRecordsTopic(tp.topic, (DeleteRecordsPartition(tp.partition, offset),))
    answer = lab.client.connect(broker).call(ApiKey.DELETE_RECORDS, DeleteRecordsRequest((asked,), timeout_ms))
    _, low_watermark, code = answer.topics[0].partitions[0]
    return low_watermark, code


def earliest(lab: Lab, broker: int = 1) -> int:
    asked = list_offsets.ListOffsetsTopic("orders", (list_offsets.ListOffsetsPartition(0, -1, list_offsets.EARLIEST),))
    answer = lab.client.connect(broker).call(ApiKey.LIST_OFFSETS, list_offsets.ListOffsetsRequest(topics=(asked,)))
    offset: int = answer.topics[0].partitions[0].offset
    return offset


def starts(lab: Lab, tp: TopicPartition = ORDERS) -> list[int]:
    return [
        broker.process.partitions[tp].log.start_offset
        for broker in lab.cluster.brokers.values()
        if broker.process is not None and tp in broker.process.partitions
    ]


def with_three_records(*topics: TopicConfig, **how: Any) -> Lab:
    lab = Lab(*topics, **how)
    lab.client.produce(b"a")
    lab.client.produce(b"b", b"c")
    lab.settle()
    return lab


@pytest.mark.parametrize(
    "offset, said",
    [
        (1, (1, Code.NONE)),
        (2, (2, Code.NONE)),
        (-1, (3, Code.NONE)),
        (3, (3, Code.NONE)),
        (0, (0, Code.NONE)),
        (4, (-1, Code.OFFSET_OUT_OF_RANGE)),
        (-2, (-1, Code.OFFSET_OUT_OF_RANGE)),
    ],
)
def test_the_start_of_a_log_moves_to_what_is_committed_at_most(offset: int, said: tuple[int, int]) -> None:
    lab = with_three_records()

    assert delete(lab, offset) == said
    assert earliest(lab) == max(said[0], 0)


def test_a_start_never_moves_back() -> None:
    lab = with_three_records()
    delete(lab, 2)

    assert delete(lab, 1) == (2, Code.NONE)
    assert earliest(lab) == 2


def test_what_is_before_the_start_cannot_be_read() -> None:
    lab = with_three_records()
    delete(lab, 1)
    partition = fetch.FetchPartition(0, fetch_offset=0, partition_max_bytes=1 << 20)

    answer = lab.client.connect(1).call(
        ApiKey.FETCH, fetch.FetchRequest(topics=(fetch.FetchTopic("orders", partitions=(partition,)),)), 12
    )

    assert answer.responses[0].partitions[0].error_code == Code.OFFSET_OUT_OF_RANGE
    assert lab.client.read(offset=1) == [b"b", b"c"]


def test_the_answer_comes_when_every_follower_knows_the_start() -> None:
    lab = with_three_records()
    asked_us = lab.world.now_us

    delete(lab, 2)

    assert starts(lab) == [2, 2, 2]
    # A follower's Fetch that waits is not completed by it, as with Apache Kafka.
    assert lab.world.now_us - asked_us < 2 * SECOND_US


def test_alone_a_leader_answers_at_once() -> None:
    lab = with_three_records(TopicConfig("orders", replication_factor=1, min_insync_replicas=1))
    asked_us = lab.world.now_us

    assert delete(lab, 2) == (2, Code.NONE)
    assert lab.world.now_us - asked_us < 10 * MILLISECOND_US


def test_a_follower_that_is_not_heard_of_lets_the_request_time_out_and_the_start_stays_where_it_is() -> None:
    lab = with_three_records()
    lab.cluster.network.cut("b3")

    assert delete(lab, 2, timeout_ms=1_000) == (0, Code.REQUEST_TIMED_OUT)
    assert earliest(lab) == 2

    lab.cluster.network.open_all()
    lab.settle()
    lab.run(2)
    assert starts(lab) == [2, 2, 2]


def test_a_follower_whose_broker_is_fenced_is_not_waited_for() -> None:
    lab = with_three_records()
    lab.cluster.crash(3)
    lab.run(12)

    assert delete(lab, 2) == (2, Code.NONE)


def test_the_next_leader_begins_where_the_one_before_it_did() -> None:
    lab = with_three_records()
    delete(lab, 2)
    lab.cluster.crash(1)
    lab.run(12)

    assert earliest(lab, lab.cluster.leader_of(ORDERS)) == 2


def test_the_start_is_written_down_in_good_order_and_after_a_minute_and_else_learnt_again() -> None:
    for is_stopped, waits_us in ((True, 0), (False, CHECKPOINT_INTERVAL_US), (False, 0)):
        alone = TopicConfig("orders", replicas=((1,),), min_insync_replicas=1)
        lab = with_three_records(alone)
        delete(lab, 2)
        lab.run(waits_us / SECOND_US + 0.1)
        if is_stopped:
            lab.cluster.stop(1)
            lab.run(10)
        else:
            lab.cluster.crash(1)
            lab.run(12)
        lab.cluster.restart(1)
        lab.settle()

        assert starts(lab) == [2 if is_stopped or waits_us else 0]


def test_a_follower_that_crashed_before_it_was_written_learns_the_start_from_its_leader() -> None:
    lab = with_three_records()
    delete(lab, 2)
    lab.cluster.crash(3)
    lab.run(12)
    lab.cluster.restart(3)
    lab.settle()
    lab.run(2)

    assert starts(lab) == [2, 2, 2]


def test_what_cannot_be_deleted_says_why() -> None:
    lab = with_three_records()
    policies = {"compact": "compact", "both": "compact,delete"}
    made = tuple(
        CreatableTopic(name, 1, 3, configs=(CreatableTopicConfig("cleanup.policy", policy),))
        for name, policy in policies.items()
    )
    lab.client.connect(1).call(ApiKey.CREATE_TOPICS, CreateTopicsRequest(made, 5_000))
    lab.settle()

    def leader(topic: str) -> dict[str, Any]:
        tp = TopicPartition(topic, 0)
        return {"tp": tp, "broker": lab.cluster.leader_of(tp)}

    assert delete(lab, 0, tp=TopicPartition("absent", 0)) == (-1, Code.UNKNOWN_TOPIC_OR_PARTITION)
    assert delete(lab, 0, tp=TopicPartition("orders", 9)) == (-1, Code.UNKNOWN_TOPIC_OR_PARTITION)
    assert delete(lab, 0, broker=2) == (-1, Code.NOT_LEADER_OR_FOLLOWER)
    assert delete(lab, -1, **leader("compact")) == (-1, Code.POLICY_VIOLATION)
    assert delete(lab, -1, **leader("both")) == (0, Code.NONE)


def test_a_topic_created_anew_begins_at_the_start() -> None:
    lab = with_three_records(TopicConfig("orders", replicas=((1,),), min_insync_replicas=1))
    delete(lab, 3)
    lab.run(CHECKPOINT_INTERVAL_US / SECOND_US + 1)
    lab.cluster.delete_topic("orders")
    lab.run(1)
    lab.cluster.create_topic(TopicConfig("orders", replicas=((1,),), min_insync_replicas=1))
    lab.settle()

    assert starts(lab) == [0]


def test_a_leader_that_steps_down_while_it_waits_says_so() -> None:
    lab = with_three_records()
    lab.cluster.network.cut("b3")
    connection = lab.client.connect(1)
    asked = DeleteRecordsTopic("orders", (DeleteRecordsPartition(0, 2),))
    correlation_id = connection.send(ApiKey.DELETE_RECORDS, DeleteRecordsRequest((asked,), 30_000), 2)
    lab.run(0.1)

    lab.cluster.move_leader(ORDERS, 2)

    assert connection.wait(correlation_id).topics[0].partitions[0].error_code == Code.NOT_LEADER_OR_FOLLOWER
