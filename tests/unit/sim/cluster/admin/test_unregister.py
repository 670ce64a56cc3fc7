"""A broker that is unregistered is forgotten, dead or alive, until a new process of it registers. Asked of Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.describe_cluster import DescribeClusterRequest
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from producer.wire.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BrokerFenced, BrokerRegistered, BrokerUnregistered
from tests.unit.sim.raw_client import ORDERS, Lab

ALONE = TopicConfig("orders", replicas=((1,),), min_insync_replicas=1)


def unregister(lab: Lab, broker: int, *, by: int) -> UnregisterBrokerResponse:
    answer: UnregisterBrokerResponse = lab.client.connect(by).call(
        ApiKey.UNREGISTER_BROKER, UnregisterBrokerRequest(broker)
    )
    return answer


def known(lab: Lab, at: int) -> list[int]:
    """The brokers that one of them tells of, fenced ones as well."""
    answer = lab.client.connect(at).call(ApiKey.DESCRIBE_CLUSTER, DescribeClusterRequest(include_fenced_brokers=True))
    return [one.broker_id for one in answer.brokers]


def orders(lab: Lab, at: int) -> Any:
    answer = lab.client.connect(at).call(ApiKey.METADATA, MetadataRequest((MetadataRequestTopic(name="orders"),)))
    return answer.topics[0].partitions[0]


def test_one_that_is_down_is_forgotten_and_its_replica_is_offline() -> None:
    lab = Lab(TopicConfig("orders", replicas=((3, 1, 2),)))
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.run(1)
    assert known(lab, at=1) == [1, 2, 3]

    assert unregister(lab, 3, by=1) == UnregisterBrokerResponse(error_code=0, error_message="")

    lab.run(1)
    assert known(lab, at=1) == [1, 2]
    partition = orders(lab, at=1)
    assert (partition.replica_nodes, sorted(partition.isr_nodes), partition.offline_replicas) == (
        (3, 1, 2),
        [1, 2],
        (3,),
    )
    again = unregister(lab, 3, by=2)
    assert (again.error_code, again.error_message) == (
        Code.BROKER_ID_NOT_REGISTERED,
        "Broker ID 3 is not currently registered",
    )


def test_it_comes_back_with_what_it_has_when_it_starts_anew() -> None:
    lab = Lab(TopicConfig("orders", replicas=((3, 1, 2),)))
    lab.client.produce(b"one")
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    unregister(lab, 3, by=1)
    lab.run(1)
    assert lab.client.produce(b"two").error_code == 0

    lab.cluster.restart(3)

    assert lab.settle()
    assert known(lab, at=1) == [1, 2, 3]
    assert sorted(orders(lab, at=3).isr_nodes) == [1, 2, 3]
    assert lab.client.read() == [b"one", b"two"]


def test_one_that_is_alive_leads_nothing_any_more_and_does_not_register_by_itself() -> None:
    lab = Lab(ALONE, replica_lag_time_max_us=1_000_000)
    lab.client.produce(b"one")

    assert unregister(lab, 1, by=1).error_code == 0

    lab.run(13)
    assert known(lab, at=2) == [2, 3]
    partition = orders(lab, at=2)
    assert (partition.error_code, partition.leader_id, partition.leader_epoch) == (Code.LEADER_NOT_AVAILABLE, -1, 1)
    assert (partition.isr_nodes, partition.offline_replicas) == ((), (1,))
    assert [event.broker for event in lab.events(BrokerUnregistered)] == [1]
    assert len([event for event in lab.events(BrokerRegistered) if event.broker == 1]) == 1

    lab.cluster.crash(1)
    lab.cluster.restart(1)

    assert lab.settle()
    assert lab.cluster.leader_of(ORDERS) == 1
    assert lab.client.read() == [b"one"]


def test_the_next_controller_does_not_know_it_either() -> None:
    lab = Lab(controllers=3)
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    unregister(lab, 3, by=1)

    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))
    lab.run(20)

    assert unregister(lab, 3, by=1).error_code == Code.BROKER_ID_NOT_REGISTERED
    lab.cluster.restart_controllers()
    lab.cluster.restart(3)
    assert lab.settle()
    assert known(lab, at=2) == [1, 2, 3]
