"""A replica moves to another log directory of its broker: copied while it serves, and in its place once the controller knows."""

from __future__ import annotations

from producer.error_codes import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from producer.wire.messages.describe_log_dirs import DescribeLogDirsPartition, DescribeLogDirsRequest
from sim.cluster.broker.log_directory import futures_by_topic_id, id_of
from sim.cluster.config import log_dir_path
from sim.trace.events import ReplicaMoved
from tests.unit.sim.jbod import FIRST, fail, jbod, state_of
from tests.unit.sim.raw_client import Lab

SLOWNESS = 1_000_000


def move(lab: Lab, tp: TopicPartition, directory: int, *, broker: int = 1) -> Code:
    topic = AlterReplicaLogDirTopic(tp.topic, (tp.partition,))
    request = AlterReplicaLogDirsRequest((AlterReplicaLogDir(log_dir_path(directory), (topic,)),))
    answer = lab.client.connect(broker).call(ApiKey.ALTER_REPLICA_LOG_DIRS, request)
    return Code(answer.results[0].partitions[0].error_code)


def described(lab: Lab, tp: TopicPartition, *, broker: int = 1) -> dict[int, DescribeLogDirsPartition]:
    """Directory -> what is said of the replica in it."""
    answer = lab.client.connect(broker).call(ApiKey.DESCRIBE_LOG_DIRS, DescribeLogDirsRequest(None))
    return {
        number: partition
        for number, directory in enumerate(answer.results, 1)
        for topic in directory.topics
        for partition in topic.partitions
        if (topic.name, partition.partition_index) == tp
    }


def assigned(lab: Lab, tp: TopicPartition, broker: int = 1) -> int:
    """Give the directory in which the controller takes a replica to be."""
    wanted = state_of(lab, tp).directory_of(broker)
    directories = lab.cluster.brokers[broker].disk.directories
    return next(number for number, directory in enumerate(directories, 1) if id_of(directory) == wanted)


def test_replica_serves_from_where_it_was_moved_to_and_the_controller_knows() -> None:
    lab = jbod()
    lab.client.produce(b"a", b"b")

    code = move(lab, FIRST, 2)
    event = lab.run_to(ReplicaMoved)
    lab.run(1)

    assert code == Code.NONE
    assert (event.broker, event.from_directory, event.to_directory) == (1, 1, 2)
    assert {number: one.is_future_key for number, one in described(lab, FIRST).items()} == {2: False}
    assert assigned(lab, FIRST) == 2
    assert lab.client.produce(b"c").error_code == Code.NONE
    assert lab.client.read() == [b"a", b"b", b"c"]
    assert lab.watch.look()


def test_both_are_described_until_the_copy_is_whole_and_what_is_written_meanwhile_is_moved_too() -> None:
    lab = jbod()
    lab.client.produce(b"a")
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, SLOWNESS)

    move(lab, FIRST, 2)
    before = described(lab, FIRST)
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, 1)
    lab.client.produce(b"b")
    lab.run_to(ReplicaMoved, within_us=120_000_000)

    assert {number: (one.is_future_key, one.offset_lag) for number, one in before.items()} == {
        1: (False, 0),
        2: (True, 1),
    }
    assert lab.client.read() == [b"a", b"b"]


def test_next_life_goes_on_with_a_move_that_was_begun() -> None:
    lab = jbod()
    lab.client.produce(b"a")
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, SLOWNESS)
    move(lab, FIRST, 2)

    lab.cluster.crash(1)
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, 1)
    lab.cluster.restart(1)
    event = lab.run_to(ReplicaMoved, broker=1)
    assert lab.settle()

    assert event.to_directory == 2
    assert assigned(lab, FIRST) == 2
    assert list(described(lab, FIRST)) == [2]
    assert lab.watch.look()


def test_move_is_given_up_where_the_replica_shall_stay() -> None:
    lab = jbod(log_dirs=3)
    lab.client.produce(b"a")
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, SLOWNESS)
    move(lab, FIRST, 2)

    code = move(lab, FIRST, 1)
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, 1)
    lab.run(60)

    assert code == Code.NONE
    assert lab.events(ReplicaMoved) == []
    assert list(described(lab, FIRST)) == [1]
    assert list(futures_by_topic_id(lab.cluster.brokers[1].disk.directories[1])) == []


def test_move_to_a_third_directory_takes_the_place_of_the_one_before() -> None:
    lab = jbod(log_dirs=3)
    lab.client.produce(b"a")
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, SLOWNESS)
    move(lab, FIRST, 2)

    move(lab, FIRST, 3)
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, 1)
    event = lab.run_to(ReplicaMoved, within_us=120_000_000)

    assert event.to_directory == 3
    assert list(described(lab, FIRST)) == [3]


def test_replica_that_was_moved_outlives_the_directory_that_it_was_in() -> None:
    lab = jbod(log_dirs=3)
    lab.client.produce(b"a")
    move(lab, FIRST, 3)
    lab.run_to(ReplicaMoved)
    lab.run(1)

    # The other partition's directory; without the first a broker halts.
    fail(lab, 1, 2)
    lab.run(1)

    assert state_of(lab, FIRST).leader == 1
    assert lab.client.produce(b"b").error_code == Code.NONE


def test_follower_moves_while_it_follows() -> None:
    lab = jbod()
    lab.client.produce(b"a")

    move(lab, FIRST, 2, broker=2)
    lab.client.produce(b"b")
    lab.run_to(ReplicaMoved, broker=2)
    lab.client.produce(b"c")
    assert lab.settle()

    assert state_of(lab, FIRST).isr == (1, 2, 3)
    assert lab.watch.look()


def test_nothing_is_moved_while_a_directory_is_offline_or_to_one_that_is_not_there() -> None:
    lab = jbod(log_dirs=3)
    fail(lab, 1, 2)

    assert move(lab, FIRST, 3) == Code.KAFKA_STORAGE_ERROR
    assert move(lab, FIRST, 2) == Code.KAFKA_STORAGE_ERROR
    assert move(lab, FIRST, 7) == Code.LOG_DIR_NOT_FOUND
    assert move(lab, TopicPartition("orders", 9), 3) == Code.UNKNOWN_TOPIC_OR_PARTITION


def test_copy_goes_with_its_topic() -> None:
    lab = jbod()
    lab.client.produce(b"a")
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, SLOWNESS)
    move(lab, FIRST, 2)

    lab.cluster.delete_topic("orders")
    lab.cluster.brokers[1].disk.set_slowness(lab.world.now_us, 1)
    lab.run(60)

    assert lab.events(ReplicaMoved) == []
    assert list(futures_by_topic_id(lab.cluster.brokers[1].disk.directories[1])) == []
