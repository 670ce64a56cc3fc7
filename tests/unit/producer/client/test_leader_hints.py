"""Hints at leaders that moved (KIP-951): taken if they are news, and if somebody can be there."""

import pytest

from producer.client.cluster_view import ClusterView
from producer.client.last_seen import Leader
from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.leaders import NodeEndpoint
from producer.wire.messages.metadata import MetadataBroker, MetadataPartition, MetadataResponse, MetadataTopic
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

ORDERS_0 = TopicPartition("orders", 0)


def hinted(epoch: int, *endpoints: NodeEndpoint, leader: int = 2) -> ScriptedCluster:
    """Broker 1 leads partition 0, and 2 leads 1. A producer is told by 1 who leads 0 now, in answer to its first record."""
    cluster = ScriptedCluster(brokers=2, partitions=2, enable_idempotence=False, linger_ms=0)
    cluster.send_alone(b"v", partition=0)
    cluster.keeps_metadata = True
    cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER, current_leader=(leader, epoch), node_endpoints=endpoints)
    cluster.advance(SECOND_US)
    return cluster


def test_a_hint_that_is_news_moves_a_broker() -> None:
    cluster = hinted(6, NodeEndpoint(2, "b9", 9092))

    assert cluster.engine.cluster().brokers[2] == ("b9", 9092)
    assert [request.broker for request in cluster.waiting] == [9]


@pytest.mark.parametrize("epoch", [-1, 4, 5])
def test_a_stale_hint_moves_neither_the_leader_nor_a_broker(epoch: int) -> None:
    cluster = hinted(epoch, NodeEndpoint(1, "b9", 9092), NodeEndpoint(2, "b9", 9092))

    cluster.disconnect_all()
    cluster.advance(SECOND_US)
    cluster.send(b"w", partition=1)

    assert cluster.engine.cluster().brokers == {1: ("b1", 9092), 2: ("b2", 9092)}
    assert [one.leader for one in cluster.engine.partitions("orders")] == [1, 2]
    assert sorted(connected.broker for connected in cluster.connections.values()) == [1, 2]


@pytest.mark.parametrize(
    "endpoint", [NodeEndpoint(2, "b9", 0), NodeEndpoint(2, "b9", 70_000), NodeEndpoint(2, "", 9092)]
)
def test_where_nobody_can_be_a_hint_moves_no_broker_but_the_leader_is_believed(endpoint: NodeEndpoint) -> None:
    cluster = hinted(6, endpoint)

    assert cluster.engine.cluster().brokers[2] == ("b2", 9092)
    assert [request.broker for request in cluster.waiting] == [2]


def test_a_leader_that_can_be_nowhere_is_not_believed() -> None:
    cluster = hinted(6, NodeEndpoint(7, "b7", 0), leader=7)

    assert 7 not in cluster.engine.cluster().brokers
    assert [one.leader for one in cluster.engine.partitions("orders")] == [1, 2]


def told(leader_epoch: int) -> MetadataResponse:
    return MetadataResponse(
        brokers=(MetadataBroker(1, "b1", 9092), MetadataBroker(2, "b2", 9092)),
        topics=(MetadataTopic(0, "orders", partitions=(MetadataPartition(0, 0, 1, leader_epoch),)),),
    )


def test_a_hint_older_than_one_that_was_forgotten_moves_nothing() -> None:
    view = ClusterView()
    view.update(told(leader_epoch=5))
    assert view.learn_leader(ORDERS_0, Leader(2, 9), None)
    view.forget_all()
    view.update(told(leader_epoch=-1))

    assert not view.learn_leader(ORDERS_0, Leader(1, 8), NodeEndpoint(1, "b9", 9092))

    assert view.brokers[1] == ("b1", 9092)
