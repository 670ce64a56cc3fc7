"""What a broker says wrongly in a Metadata answer costs that item: what it says of the others is taken, on the same connection."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.client.cluster_view import ClusterView
from producer.client.last_seen import NOBODY, Leader
from producer.client.plausible import LEFT_OUT_MAX
from producer.events import ConnectionLost
from producer.records import Record
from producer.wire.messages.metadata import MetadataBroker, MetadataPartition, MetadataResponse, MetadataTopic
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

INT_MAX = (1 << 31) - 1
Bend = Callable[[MetadataResponse], MetadataResponse]


def beside(*brokers: MetadataBroker, topics: tuple[MetadataTopic, ...] = ()) -> Bend:
    """Say these as well, first."""
    return lambda told: told._replace(brokers=brokers + told.brokers, topics=topics + told.topics)


def partitions(*listed: MetadataPartition) -> Bend:
    """List these partitions of the topic, and no others."""
    return lambda told: told._replace(topics=(told.topics[0]._replace(partitions=listed),))


def losses(cluster: ScriptedCluster) -> list[ConnectionLost]:
    return [event for event in cluster.observed if isinstance(event, ConnectionLost)]


def led_by(*leaders: int) -> tuple[MetadataPartition, ...]:
    return tuple(MetadataPartition(0, index, leader, 5) for index, leader in enumerate(leaders))


# -- brokers and partitions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bend",
    [
        beside(MetadataBroker(9, "b9", 0)),
        beside(MetadataBroker(9, "b9", -1)),
        beside(MetadataBroker(9, "b9", 70_000)),
        beside(MetadataBroker(9, "", 9092)),
        beside(MetadataBroker(-2, "b9", 9092)),
        beside(topics=(MetadataTopic(0, "other", partitions=(MetadataPartition(0, 1, 1, 5),)),)),
        beside(topics=(MetadataTopic(0, "other", partitions=(MetadataPartition(0, -1, 1, 5),)),)),
        beside(topics=(MetadataTopic(0, "other", partitions=(MetadataPartition(0, INT_MAX, 1, 5),)),)),
        beside(topics=(MetadataTopic(0, "other"), MetadataTopic(0, None), MetadataTopic(0, ""))),
        partitions(*led_by(1, -7, 1)),
        partitions(*led_by(1, -2, 1)),
        partitions(*led_by(1, 9, 1)),
        partitions(MetadataPartition(0, 0, 1, 5), MetadataPartition(0, 2, 1, 5)),
        partitions(*led_by(1), MetadataPartition(0, -1, 1, 5), MetadataPartition(0, INT_MAX, 1, 5)),
        partitions(*led_by(1), *led_by(1)),
    ],
    ids=["port 0", "negative port", "large port", "no host", "bootstrap's id", "hole in another topic", "negative partition",
         "huge partition", "empty topics", "no such leader", "led by a bootstrap server", "led by nobody named", "hole",
         "odd partitions", "a partition twice"],
)  # fmt: skip
def test_what_is_healthy_goes_on(bend: Bend) -> None:
    cluster = ScriptedCluster(partitions=3, enable_idempotence=False, linger_ms=0)
    cluster.bends_metadata = bend

    cluster.send(b"v", partition=0)
    cluster.advance(10 * SECOND_US)
    cluster.answer()

    assert cluster.delivered == [b"v"]
    assert losses(cluster) == []
    assert len(cluster.asked) == 1, "what nobody waits for is not asked for again"


@pytest.mark.parametrize("listed", [led_by(1, -2, 1), led_by(1, 9, 1), (led_by(1)[0], led_by(1, 1, 1)[2])])
def test_records_without_a_key_go_where_there_is_a_leader(listed: tuple[MetadataPartition, ...]) -> None:
    cluster = ScriptedCluster(partitions=3, enable_idempotence=False, batch_size=100)
    cluster.bends_metadata = partitions(*listed)

    for number in range(30):
        cluster.send(b"value %d" % number)

    assert sorted(cluster.placed()) == [0, 2]


def test_a_broker_that_is_known_stays_where_it_is_if_it_cannot_be_where_it_is_said_to_be() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2, enable_idempotence=False, linger_ms=0)
    cluster.send_alone(b"v", partition=1)
    cluster.answer()
    connections = dict(cluster.connections)
    cluster.bends_metadata = lambda told: told._replace(brokers=(told.brokers[0], MetadataBroker(2, "b2", 0)))

    cluster.want_metadata()
    cluster.advance(SECOND_US)
    cluster.send_alone(b"w", partition=1)
    cluster.answer()

    assert cluster.delivered == [b"v", b"w"]
    assert cluster.engine.cluster().brokers[2] == ("b2", 9092)
    assert cluster.connections == connections


def test_a_record_for_what_was_left_out_leaves_when_it_is_told() -> None:
    cluster = ScriptedCluster(partitions=3, enable_idempotence=False, linger_ms=0)
    cluster.bends_metadata = partitions(led_by(1)[0], led_by(1, 1, 1)[2])
    cluster.send(b"v", partition=1)
    assert not cluster.waiting

    cluster.bends_metadata = partitions(*led_by(1, 1, 1))
    cluster.advance(2 * SECOND_US)
    cluster.answer()

    assert cluster.delivered == [b"v"]
    assert losses(cluster) == []


def told(*listed: MetadataPartition) -> MetadataResponse:
    return MetadataResponse(
        brokers=(MetadataBroker(1, "b1", 9092), MetadataBroker(2, "b2", 9092)),
        topics=(MetadataTopic(0, "orders", bytes(15) + b"\x01", partitions=listed),),
    )


def test_a_partition_that_an_answer_leaves_out_is_led_by_whom_it_was() -> None:
    view = ClusterView()
    view.update(told(*led_by(1, 2, 1)))

    view.update(told(MetadataPartition(0, 0, 2, 6), MetadataPartition(0, 2, 1, 5)))

    assert view.topics["orders"].leaders == [Leader(2, 6), Leader(2, 5), Leader(1, 5)]


def test_of_a_partition_that_is_listed_twice_the_newer_leader_is_believed() -> None:
    view = ClusterView()

    view.update(told(MetadataPartition(0, 0, 2, 6), MetadataPartition(0, 0, 1, 5)))

    assert view.topics["orders"].leaders == [Leader(2, 6)]


def test_an_answer_cannot_make_the_list_of_partitions_much_longer_than_itself() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.bends_metadata = partitions(
        *led_by(1), MetadataPartition(0, LEFT_OUT_MAX, 1, 5), MetadataPartition(0, INT_MAX, 1, 5)
    )

    cluster.send(b"v")

    assert cluster.engine.partition_count("orders") == LEFT_OUT_MAX + 1
    assert [one.leader for one in cluster.engine.partitions("orders")][1:-1] == [NOBODY.node_id] * (LEFT_OUT_MAX - 1)


def test_an_answer_that_names_nobody_who_can_be_asked_is_none() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.bends_metadata = lambda told: told._replace(brokers=(MetadataBroker(1, "b1", 0),))
    wait = cluster.engine.send(Record("orders", b"v"), 0, now_us=0)
    assert wait is not None
    cluster.advance(SECOND_US)
    error = cluster.engine.give_up(wait, Record("orders", b"v"), now_us=cluster.now_us)
    assert str(error).endswith("; the latest answer names nobody who can be asked: broker 1 at 'b1', port 0")

    cluster.bends_metadata = lambda told: told
    cluster.advance(2 * SECOND_US)

    assert cluster.engine.partition_count("orders") == 1
    assert losses(cluster) == []


BROKERS = st.tuples(
    st.sampled_from([-INT_MAX, -2, -1, 0, 2, INT_MAX]),
    st.sampled_from(["", "b1", "b2", "\0", "x" * 300]),
    st.sampled_from([-1, 0, 9092, 65_536, INT_MAX]),
).map(lambda drawn: MetadataBroker(*drawn))
PARTITIONS = st.tuples(
    st.sampled_from([0, 5, -1]),
    st.sampled_from([-INT_MAX, -1, 0, 1, 2, 7, INT_MAX]),
    st.sampled_from([-INT_MAX, -2, -1, 0, 1, 2, 9]),
    st.sampled_from([-INT_MAX, -1, 0, 5, INT_MAX]),
).map(lambda drawn: MetadataPartition(*drawn))
TOPICS = st.tuples(
    st.sampled_from([0, 3, 5, 17, 29, -1, 999]),
    st.sampled_from(["", "other", "x" * 300]),
    st.lists(PARTITIONS, max_size=4),
).map(lambda drawn: MetadataTopic(drawn[0], drawn[1], partitions=tuple(drawn[2])))


@given(st.lists(BROKERS, max_size=4), st.lists(TOPICS, max_size=4), st.sampled_from([7, 8, 9, 12]))
def test_whatever_is_said_beside_it_a_healthy_topic_goes_on(
    brokers: list[MetadataBroker], topics: list[MetadataTopic], version: int
) -> None:
    cluster = ScriptedCluster(partitions=2, enable_idempotence=False, linger_ms=0)
    cluster.metadata_max = version
    cluster.down = [broker.host for broker in brokers if broker.host != "b1"]
    cluster.bends_metadata = beside(*brokers, topics=tuple(topics))

    for partition in (0, 1):
        cluster.send(b"%d" % partition, partition=partition)
        cluster.advance(SECOND_US)
        cluster.answer()

    assert cluster.delivered == [b"0", b"1"]
    assert losses(cluster) == []


# -- leader epochs before version 9 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "epoch"), [(6, -1), (7, -1), (8, -1), (9, 5)])
def test_leader_epochs_are_believed_from_version_nine_on(version: int, epoch: int) -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.metadata_max = version

    cluster.send(b"v")

    assert [one.leader_epoch for one in cluster.engine.partitions("orders")] == [epoch]


def test_a_leader_that_an_old_broker_names_is_followed_though_its_epoch_goes_back() -> None:
    cluster = ScriptedCluster(brokers=2, enable_idempotence=False, linger_ms=0)
    cluster.metadata_max = 8
    cluster.leaders[0] = (1, 5)
    cluster.send_alone(b"v")
    cluster.answer()
    cluster.leaders[0] = (2, 4)

    cluster.want_metadata()
    cluster.advance(SECOND_US)

    assert cluster.send_alone(b"w").broker == 2
