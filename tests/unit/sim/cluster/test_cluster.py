"""The verbs of a cluster: what they do, and what they refuse."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from sim.cluster.cluster import Cluster
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import (
    BatchReplicated,
    BecameFollower,
    BecameLeader,
    BrokerFenced,
    IsrChanged,
    LeaderElected,
    PartitionsAdded,
    TopicCreated,
)
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

STORY = """
from sim.cluster.broker import DiskLoss
from tests.unit.sim.raw_client import Lab, send_batch, ORDERS
lab = Lab(seed=5)
connection = lab.client.connect(1)
for number in range(20):
    connection.wait(send_batch(connection, b"%d" % number))
lab.cluster.crash(1, DiskLoss.UNFLUSHED_LOST)
lab.run(15)
lab.client.produce(b"after")
lab.cluster.heal()
lab.settle()
print(lab.trace.digest())
"""


def test_the_same_seed_gives_the_same_trace_in_any_process() -> None:
    digests = [
        subprocess.run(
            [sys.executable, "-c", STORY],
            env={"PYTHONPATH": ".", "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert digests[0] == digests[1]
    assert len(digests[0].strip()) == 32


def test_another_seed_gives_another_trace() -> None:
    assert Lab(seed=1).trace.digest() != Lab(seed=2).trace.digest()


def test_topics_exist_once_every_broker_is_in_service_and_leaders_are_spread() -> None:
    lab = Lab(TopicConfig("orders", partitions=4))

    assert [lab.cluster.leader_of(TopicPartition("orders", number)) for number in range(4)] == [1, 2, 3, 1]
    assert lab.cluster.followers_of(ORDERS) == (2, 3)
    assert lab.cluster.bootstrap == (("b1", 9092), ("b2", 9092), ("b3", 9092))


def test_an_explicit_assignment_is_kept() -> None:
    lab = Lab(TopicConfig("orders", partitions=2, replicas=((3, 1), (2,))))

    assert lab.cluster.leader_of(ORDERS) == 3
    assert lab.cluster.followers_of(TopicPartition("orders", 1)) == ()


def test_a_moved_leader_leads_and_the_old_one_sends_clients_there() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    lab.cluster.move_leader(ORDERS, 3)
    lab.run_to(BecameFollower, broker=1, leader=3)
    answer = connection.wait(send_batch(connection, b"late"))

    assert part_of(answer).error_code == Code.NOT_LEADER_OR_FOLLOWER
    assert part_of(answer).current_leader == (3, 1)
    assert lab.client.produce(b"right").error_code == Code.NONE
    lab.cluster.move_leader(ORDERS)
    assert lab.cluster.leader_of(ORDERS) == 1


def test_a_move_of_the_leader_loses_nothing_and_ends_a_waiting_produce() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.shrink_isr(ORDERS, (3,), 20 * SECOND_US)
    lab.run(1)
    lab.cluster.network.hold("b1", "b2")
    correlation_id = send_batch(connection, b"in flight")
    lab.run(0.1)

    lab.cluster.move_leader(ORDERS, 2)
    answer = part_of(connection.wait(correlation_id))
    lab.cluster.heal()
    lab.settle()

    assert (answer.error_code, answer.base_offset) == (Code.NOT_LEADER_OR_FOLLOWER, 0)


def test_a_follower_out_of_the_isr_returns_when_its_time_is_over() -> None:
    lab = Lab()
    began_us = lab.world.now_us

    lab.cluster.shrink_isr(ORDERS, (2,), 3 * SECOND_US)
    shrunk = lab.run_to(IsrChanged)
    lab.client.produce(b"without it")
    expanded = lab.run_to(IsrChanged)

    assert shrunk.isr == (1, 3)
    assert shrunk.at_us - began_us < 10_000
    assert sorted(expanded.isr) == [1, 2, 3]
    assert 3 * SECOND_US <= expanded.at_us - began_us < 5 * SECOND_US
    assert lab.settle()


def test_healing_ends_a_shrunken_isr_at_once() -> None:
    lab = Lab()
    lab.cluster.shrink_isr(ORDERS, (2,), 1_000 * SECOND_US)
    lab.run(2)

    lab.cluster.heal()

    assert lab.settle(within_us=3 * SECOND_US)


def test_a_follower_that_lags_leaves_the_isr_after_30_to_45_seconds() -> None:
    lab = Lab()
    lab.cluster.network.cut("b1", "b2")
    began_us = lab.world.now_us

    shrunk = lab.run_to(IsrChanged)

    assert shrunk.isr == (1, 3)
    assert 30 * SECOND_US <= shrunk.at_us - began_us < 46 * SECOND_US
    lab.cluster.heal()
    assert lab.settle()


def test_a_topic_and_partitions_may_be_added_later() -> None:
    lab = Lab()

    lab.cluster.create_topic(TopicConfig("more", replication_factor=2))
    lab.cluster.add_partitions("more", 3)
    lab.settle()

    assert [event.topic for event in lab.events(TopicCreated)] == ["orders", "more"]
    assert lab.events(PartitionsAdded)[0].partitions == 3
    assert lab.client.produce(b"new", tp=TopicPartition("more", 2)).error_code == Code.NONE


def test_a_topic_is_created_for_a_client_only_where_the_cluster_does_that() -> None:
    for does_create in (False, True):
        lab = Lab(auto_create_topics=does_create)
        connection = lab.client.connect(2)
        wanted = metadata.MetadataRequest(topics=metadata.named("fresh"))

        first = connection.call(ApiKey.METADATA, wanted).topics[0]
        lab.run(0.1)
        second = connection.call(ApiKey.METADATA, wanted).topics[0]

        assert first.error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
        assert second.error_code == (Code.NONE if does_create else Code.UNKNOWN_TOPIC_OR_PARTITION)


def test_a_broker_cut_off_from_the_controller_tells_stale_metadata() -> None:
    lab = Lab()
    lab.cluster.network.cut("b3", "controller")

    lab.cluster.move_leader(ORDERS, 2)
    lab.run(1)

    leaders = [
        lab.client.connect(broker)
        .call(ApiKey.METADATA, metadata.MetadataRequest(None))
        .topics[0]
        .partitions[0]
        .leader_id
        for broker in (1, 2, 3)
    ]
    assert leaders == [2, 2, 1]


def test_metadata_lists_living_brokers_and_no_leader_where_there_is_none() -> None:
    lab = Lab(TopicConfig("orders", replicas=((3,),), min_insync_replicas=1))
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced)
    lab.run(0.1)

    answer = lab.client.connect(1).call(ApiKey.METADATA, metadata.MetadataRequest(None))

    partition = answer.topics[0].partitions[0]
    assert [broker.node_id for broker in answer.brokers] == [1, 2]
    assert (partition.error_code, partition.leader_id) == (Code.LEADER_NOT_AVAILABLE, -1)
    assert partition.offline_replicas == (3,)


def test_a_restarted_broker_waits_until_its_former_session_is_over() -> None:
    lab = Lab()
    lab.cluster.crash(2)
    crashed_us = lab.world.now_us

    lab.cluster.restart(2)
    lab.settle()

    fenced = lab.events(BrokerFenced)
    assert [event.broker for event in fenced] == [2]
    assert 6.9 * SECOND_US < fenced[0].at_us - crashed_us < 9.1 * SECOND_US


def test_a_healed_cluster_settles_whatever_was_done_to_it() -> None:
    lab = Lab(TopicConfig("orders", partitions=3))
    lab.cluster.network.cut("b1", "b2")
    lab.cluster.network.hold("b3", "controller", one_way=True)
    lab.cluster.pause(2)
    lab.cluster.crash(3)
    lab.run(20)
    assert not lab.cluster.is_settled()

    lab.cluster.heal()

    assert lab.settle(within_us=40 * SECOND_US)


def test_a_cluster_of_one_elects_itself_again() -> None:
    lab = Lab(TopicConfig("orders", replication_factor=1), brokers=1)
    assert lab.client.produce(b"a").error_code == Code.NONE

    lab.cluster.crash(1)
    lab.cluster.restart(1)

    assert lab.settle()
    assert lab.client.read() == [b"a"]
    assert lab.events(BecameLeader)[-1].leader_epoch > 0
    assert lab.events(LeaderElected)[-1].leader == 1


@pytest.mark.parametrize(
    "misuse, named",
    [
        (lambda cluster: cluster.crash(9), "broker 9"),
        (lambda cluster: cluster.restart(1), "broker 1 is running already"),
        (lambda cluster: cluster.resume(1), "broker 1 is not paused"),
        (lambda cluster: cluster.move_leader(ORDERS, 9), "broker 9"),
        (lambda cluster: cluster.move_leader(TopicPartition("none", 0)), "none-0"),
        (lambda cluster: cluster.shrink_isr(ORDERS, (1,), 5), "broker 1"),
        (lambda cluster: cluster.shrink_isr(ORDERS, (9,), 5), "broker 9"),
        (lambda cluster: cluster.create_topic(TopicConfig("orders")), "orders"),
        (lambda cluster: cluster.add_partitions("none", 2), "none"),
        (lambda cluster: cluster.add_partitions("orders", 1), "1 wanted"),
        (lambda cluster: cluster.leader_of(TopicPartition("none", 0)), "none-0"),
    ],
)
def test_a_verb_that_makes_no_sense_says_why(misuse: Callable[[Cluster], object], named: str) -> None:
    lab = Lab()

    with pytest.raises(ValueError, match=named):
        misuse(lab.cluster)


def test_a_broker_that_is_down_can_neither_crash_nor_pause() -> None:
    lab = Lab()
    lab.cluster.crash(2)

    with pytest.raises(ValueError, match="broker 2 is down"):
        lab.cluster.crash(2)
    with pytest.raises(ValueError, match="broker 2 is down"):
        lab.cluster.pause(2)


def test_a_follower_joins_the_isr_only_when_it_has_everything_up_to_the_high_watermark() -> None:
    lab = Lab(replica_fetch_bytes_max=100)
    lab.cluster.shrink_isr(ORDERS, (3,), 5 * SECOND_US)
    lab.run(0.1)
    for _ in range(30):
        lab.client.produce(b"x")

    expanded = lab.run_to(IsrChanged)

    caught_up = lab.events(BatchReplicated, broker=3, last_offset=29)[0]
    assert sorted(expanded.isr) == [1, 2, 3]
    assert expanded.at_us > caught_up.at_us > lab.events(BatchReplicated, broker=3, last_offset=0)[0].at_us
