"""What a client believes of leaders and racks follows metadata, and the hints of leaders that moved."""

from producer.client.cluster_view import ClusterView
from producer.client.last_seen import Leader
from producer.records import TopicPartition
from producer.wire.messages.leaders import NodeEndpoint
from producer.wire.messages.metadata import MetadataBroker, MetadataPartition, MetadataResponse, MetadataTopic

ORDERS_1 = TopicPartition("orders", 1)


def told(*leaders: int) -> ClusterView:
    """Brokers 1 in rack `a`, 2 in rack `b`, 3 in none; a topic with these leaders, in epoch 5."""
    view = ClusterView()
    view.update(
        MetadataResponse(
            brokers=(
                MetadataBroker(1, "b1", 9092, "a"),
                MetadataBroker(2, "b2", 9092, "b"),
                MetadataBroker(3, "b3", 9092),
            ),
            topics=(
                MetadataTopic(
                    0, "orders", partitions=tuple(MetadataPartition(0, i, node, 5) for i, node in enumerate(leaders))
                ),
            ),
        )
    )
    return view


def test_a_partition_without_a_leader_is_not_available_until_a_hint_names_one() -> None:
    view = told(1, -1, 3)
    topic = view.topics["orders"]
    assert (topic.count, topic.available) == (3, (0, 2))

    assert view.learn_leader(ORDERS_1, Leader(2, 6), None)

    assert topic.available == (0, 1, 2)


def test_a_partition_is_in_the_rack_of_its_leader() -> None:
    view = told(1, 2, 3, -1)

    assert [view.leader_rack("orders", partition) for partition in range(5)] == ["a", "b", None, None, None]
    assert view.leader_rack("nowhere", 0) is None


def test_a_hint_tells_the_rack_of_a_broker_that_was_not_known() -> None:
    view = told(1, 1)

    assert view.learn_leader(ORDERS_1, Leader(4, 6), NodeEndpoint(4, "b4", 9092, "c"))

    assert view.brokers[4] == ("b4", 9092)
    assert view.leader_rack("orders", 1) == "c"


def test_a_hint_without_a_rack_takes_none_away() -> None:
    view = told(1, 1)

    assert view.learn_leader(ORDERS_1, Leader(2, 6), NodeEndpoint(2, "b2", 9092))

    assert view.leader_rack("orders", 1) == "b"
