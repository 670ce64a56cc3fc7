"""A topic that is deleted, and another one that is created under its name: two topics, whatever they are called."""

from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import fetch, metadata
from sim.cluster.cluster import DiskLoss
from sim.cluster.messages import AlterPartition, IsrMember, ReplicaFetch, ReplicaFetchAnswer, ReplicaFetchPartition
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import TOPIC_DELETED, BecameLeader, LogTruncated, TopicDeleted
from sim.world.network import Endpoint
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection, part_of, send_batch


def asked(connection: RawConnection, *topics: str) -> Any:
    return connection.call(ApiKey.METADATA, metadata.MetadataRequest(metadata.named(*topics)))


def topic_id(lab: Lab, name: str = "orders") -> bytes:
    return lab.cluster.controller.metadata.topics[name].topic_id


def create_again(lab: Lab, **how: Any) -> None:
    lab.cluster.create_topic(TopicConfig("orders", **how))
    assert lab.settle()


def test_a_deleted_topic_is_unknown_by_its_name_and_by_its_id() -> None:
    lab = Lab(TopicConfig("orders"), TopicConfig("bills"))
    gone = topic_id(lab)
    lab.client.produce(b"a")

    lab.cluster.delete_topic("orders")
    lab.run(0.1)
    connection = lab.client.connect(1)
    by_id = metadata.MetadataRequest((metadata.MetadataRequestTopic(gone, None),))
    partition = (fetch.FetchPartition(0),)

    assert asked(connection, "orders").topics[0].error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    assert connection.call(ApiKey.METADATA, by_id).topics[0].error_code == Code.UNKNOWN_TOPIC_ID
    assert [topic.name for topic in connection.call(ApiKey.METADATA, metadata.MetadataRequest(None)).topics] == [
        "bills"
    ]
    for version, topic, code in (
        (12, fetch.FetchTopic("orders", partitions=partition), Code.UNKNOWN_TOPIC_OR_PARTITION),
        (17, fetch.FetchTopic(topic_id=gone, partitions=partition), Code.UNKNOWN_TOPIC_ID),
    ):
        answer = connection.call(ApiKey.FETCH, fetch.FetchRequest(topics=(topic,)), version)
        assert answer.responses[0].partitions[0].error_code == code
    by_name = part_of(connection.wait(send_batch(connection, b"b")))
    by_old_id = part_of(connection.wait(send_batch(connection, b"b", version=13, topic_id=gone)))
    assert (by_name.error_code, by_old_id.error_code) == (Code.UNKNOWN_TOPIC_OR_PARTITION, Code.UNKNOWN_TOPIC_ID)


def test_every_replica_removes_its_log_and_says_so() -> None:
    lab = Lab()
    lab.client.produce(b"a")
    assert lab.settle()

    lab.cluster.delete_topic("orders")
    assert lab.settle()

    removed = lab.events(LogTruncated, reason=TOPIC_DELETED)
    assert sorted((event.broker, event.to_offset, event.from_offset) for event in removed) == [
        (1, 0, 1),
        (2, 0, 1),
        (3, 0, 1),
    ]
    assert [event.topic for event in lab.events(TopicDeleted)] == ["orders"]
    assert all(broker.process is not None and not broker.process.partitions for broker in lab.cluster.brokers.values())


def test_a_produce_that_waits_is_told_that_there_is_no_such_topic() -> None:
    lab = Lab()
    lab.cluster.network.hold("b1", "b2")
    connection = lab.client.connect(1)
    waiting = send_batch(connection, b"waits")
    lab.run(0.1)

    lab.cluster.delete_topic("orders")
    answer = part_of(connection.wait(waiting))

    assert answer.error_code == Code.UNKNOWN_TOPIC_OR_PARTITION


def test_a_consumer_that_waits_hears_of_it_at_once() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    topic = fetch.FetchTopic(topic_id=topic_id(lab), partitions=(fetch.FetchPartition(0),))
    waiting = connection.send(ApiKey.FETCH, fetch.FetchRequest(max_wait_ms=30_000, min_bytes=1, topics=(topic,)), 17)
    lab.run(0.1)
    began_us = lab.world.now_us

    lab.cluster.delete_topic("orders")
    answer = connection.wait(waiting)

    assert answer.responses[0].partitions[0].error_code == Code.UNKNOWN_TOPIC_ID
    assert lab.world.now_us - began_us < 100_000


def test_the_next_topic_of_that_name_has_another_id_and_is_empty() -> None:
    lab = Lab()
    first = topic_id(lab)
    lab.client.produce(b"old", identity=(7, 0), sequence=0)
    lab.cluster.delete_topic("orders")
    create_again(lab)
    second = topic_id(lab)

    # Nothing is known of its producers either: the very same batch is written.
    answer = lab.client.produce(b"old", identity=(7, 0), sequence=0)

    assert first != second
    assert (answer.error_code, answer.base_offset) == (Code.NONE, 0)
    assert lab.client.read() == [b"old"]
    assert lab.events(BecameLeader, topic="orders")[-1].leader_epoch == 0


def test_ids_are_drawn_by_chance_and_a_topic_more_moves_no_others() -> None:
    alone, another_seed, with_more = Lab(), Lab(seed=2), Lab(TopicConfig("bills"), TopicConfig("orders"))

    assert topic_id(alone) != topic_id(another_seed)
    assert topic_id(alone) == topic_id(Lab()) == topic_id(with_more)
    assert topic_id(with_more, "bills") != topic_id(with_more)


@pytest.mark.parametrize("is_created_again", [False, True])
@pytest.mark.parametrize("disk", DiskLoss)
def test_a_broker_that_was_down_meanwhile_removes_its_stray_log_when_it_starts(
    disk: DiskLoss, *, is_created_again: bool
) -> None:
    lab = Lab()
    lab.client.produce(b"old")
    lab.run(60)
    lab.cluster.crash(3, disk)
    lab.cluster.delete_topic("orders")
    lab.run(12)
    if is_created_again:
        lab.cluster.create_topic(TopicConfig("orders", replicas=((1, 2, 3),)))
        lab.run(1)
        lab.client.produce(b"new")

    lab.cluster.restart(3)
    assert lab.settle()

    removed = lab.events(LogTruncated, broker=3, reason=TOPIC_DELETED)
    assert len(removed) == (0 if disk is DiskLoss.WIPED else 1)
    process = lab.cluster.brokers[3].process
    assert process is not None
    assert [one.log.end_offset for one in process.partitions.values()] == ([1] if is_created_again else [])
    if is_created_again:
        assert lab.client.read() == [b"new"]


def test_a_broker_that_learns_of_both_at_once_begins_with_an_empty_log() -> None:
    lab = Lab(TopicConfig("orders", replicas=((1, 2),)), brokers=2)
    lab.client.produce(b"old")
    assert lab.settle()
    lab.cluster.network.cut("b1", "controller")
    lab.cluster.network.reset("b1", "controller")
    connection = lab.client.connect(1)
    lab.cluster.network.cut("b1", "b2")
    waiting = send_batch(connection, b"waits")
    lab.run(1)

    lab.cluster.delete_topic("orders")
    lab.cluster.create_topic(TopicConfig("orders", replicas=((1, 2),)))
    lab.cluster.network.open("b1", "controller")
    answer = part_of(connection.wait(waiting))
    lab.cluster.network.open_all()
    assert lab.settle()

    # The topic of that name is there, only not the one that the record was for.
    assert answer.error_code == Code.NOT_LEADER_OR_FOLLOWER
    assert lab.client.read() == []


def test_a_proposal_of_a_leader_of_the_former_topic_is_refused() -> None:
    lab = Lab()
    former = topic_id(lab)
    lab.cluster.delete_topic("orders")
    create_again(lab)
    control = lab.cluster.controller.replication
    state = control.state_of(ORDERS)
    process = lab.cluster.brokers[state.leader].process
    assert process is not None
    isr = (IsrMember(state.leader, -1),)

    def proposed(topic_id: bytes) -> Code:
        epochs = (state.leader_epoch, state.partition_epoch)
        return control.alter_partition(
            AlterPartition(state.leader, process.broker_epoch, topic_id, ORDERS, *epochs, isr)
        ).code

    assert proposed(former) is Code.UNKNOWN_TOPIC_ID
    assert proposed(state.topic_id) is Code.NONE


def test_a_follower_of_the_former_topic_is_not_given_the_records_of_the_next() -> None:
    lab = Lab()
    former = topic_id(lab)
    lab.cluster.delete_topic("orders")
    create_again(lab)
    lab.client.produce(b"new")
    answers: list[ReplicaFetchAnswer] = []
    process = lab.cluster.brokers[3].process
    assert process is not None
    broker_epoch = process.broker_epoch

    def ask(endpoint: Endpoint) -> None:
        endpoint.on_received = answers.append
        endpoint.send(
            ReplicaFetch(1, 3, broker_epoch, (ReplicaFetchPartition(former, ORDERS, 0, 0, -1, 0),)), size_bytes=99
        )

    lab.cluster.network.connect(lab.client.host, "b1", connection=99, on_open=ask, on_failed=pytest.fail)
    lab.run(1)

    ((result,),) = [answer.results for answer in answers]
    assert (result.code, result.batches) == (Code.UNKNOWN_TOPIC_ID, ())


def test_a_topic_that_is_not_there_cannot_be_deleted() -> None:
    with pytest.raises(ValueError, match="'nope' does not exist"):
        Lab().cluster.delete_topic("nope")


def test_a_flush_under_way_does_not_bring_a_removed_log_back() -> None:
    lab = Lab()
    lab.client.produce(b"a")
    assert lab.settle()
    disk = lab.cluster.brokers[1].disk
    disk.set_slowness(lab.world.now_us, 1_000_000)
    disk.fsync(lab.world.now_us, disk.directories[0].file(str(ORDERS)), lambda: None)

    lab.cluster.delete_topic("orders")
    lab.run(1)
    disk.set_slowness(lab.world.now_us, 1)
    lab.run(2)

    assert [name for name in disk.directories[0].files if name.startswith(ORDERS.topic)] == []
    assert TopicPartition("orders", 0) == ORDERS
