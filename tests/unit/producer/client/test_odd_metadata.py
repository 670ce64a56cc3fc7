"""What a broker says wrongly in a Metadata answer costs that item: what it says of the others is taken, on the same connection."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.client.cluster_view import ClusterView
from producer.client.last_seen import NOBODY, Leader
from producer.client.plausible import LEFT_OUT_MAX
from producer.errors import Code, UsageError
from producer.events import ConnectionLost
from producer.records import Record, TopicPartition
from producer.wire.messages.leaders import NodeEndpoint
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


# -- topics that are refused -------------------------------------------------------------------------------------------


def refused(cluster: ScriptedCluster) -> str:
    """What `send` raises to somebody who waits for metadata."""
    record = Record("orders", b"v")
    wait = cluster.engine.send(record, "token", now_us=cluster.now_us)
    assert wait is not None
    cluster.advance(2 * SECOND_US)
    with pytest.raises(UsageError) as error:
        cluster.engine.send(record, "token", now_us=cluster.now_us, wait=wait)
    return str(error.value)


def refusing(code: int, **properties: Any) -> ScriptedCluster:
    cluster = ScriptedCluster(enable_idempotence=False, **properties)
    cluster.topic_error = code  # type: ignore[assignment]
    return cluster


FOR_GOOD = pytest.mark.parametrize(
    "code", [Code.TOPIC_AUTHORIZATION_FAILED, Code.INVALID_TOPIC_EXCEPTION, Code.UNKNOWN_SERVER_ERROR, 999]
)


@FOR_GOOD
def test_a_topic_refused_for_good_is_asked_for_once_and_again_when_metadata_is_old(code: int) -> None:
    cluster = refusing(code, metadata_max_age_ms=60_000)

    refused(cluster)
    cluster.advance(50 * SECOND_US)
    assert len(cluster.asked) == 1

    cluster.advance(20 * SECOND_US)
    assert len(cluster.asked) == 2


def test_a_topic_that_may_come_is_asked_for_until_it_does() -> None:
    cluster = refusing(Code.LEADER_NOT_AVAILABLE)
    assert cluster.engine.send(Record("orders", b"v"), 0, now_us=0) is not None

    cluster.advance(10 * SECOND_US)

    assert 10 <= len(cluster.asked) <= 16


def test_who_sends_again_to_a_topic_that_was_refused_asks_again_and_hears_what_is_so_now() -> None:
    cluster = refusing(Code.TOPIC_AUTHORIZATION_FAILED)
    assert "TOPIC_AUTHORIZATION_FAILED" in refused(cluster)
    assert "TOPIC_AUTHORIZATION_FAILED" in refused(cluster)
    assert len(cluster.asked) == 2

    cluster.topic_error = Code.NONE
    cluster.send_alone(b"now")
    cluster.answer()

    assert cluster.delivered == [b"now"]
    assert len(cluster.asked) == 3


def test_who_is_woken_before_the_answer_hears_no_old_refusal() -> None:
    cluster = refusing(Code.TOPIC_AUTHORIZATION_FAILED)
    refused(cluster)
    record = Record("orders", b"v")

    wait = cluster.engine.send(record, 0, now_us=cluster.now_us)
    assert wait is not None
    cluster.topic_error = Code.NONE
    wait = cluster.engine.send(record, 0, now_us=cluster.now_us, wait=wait)
    assert wait is not None
    cluster.advance(2 * SECOND_US)

    assert cluster.engine.send(record, 0, now_us=cluster.now_us, wait=wait) is None


def test_no_topic_ever_has_an_invalid_name_so_nobody_is_asked_again() -> None:
    cluster = refusing(Code.INVALID_TOPIC_EXCEPTION)
    refused(cluster)

    with pytest.raises(UsageError, match="INVALID_TOPIC_EXCEPTION"):
        cluster.engine.send(Record("orders", b"v"), 0, now_us=cluster.now_us)


@FOR_GOOD
def test_other_topics_are_asked_for_as_if_it_were_not_there(code: int) -> None:
    cluster = refusing(code)
    refused(cluster)

    assert cluster.engine.send(Record("other", b"v"), 0, now_us=cluster.now_us) is not None
    cluster.advance(50_000)

    assert cluster.asked[-1].topics == ("orders", "other")


# -- hints (KIP-951) ---------------------------------------------------------------------------------------------------

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


def test_a_hint_older_than_one_that_was_forgotten_moves_nothing() -> None:
    view = ClusterView()
    view.update(told(*led_by(1)))
    assert view.learn_leader(ORDERS_0, Leader(2, 9), None)
    view.forget_all()
    view.update(told(MetadataPartition(0, 0, 1, -1)))

    assert not view.learn_leader(ORDERS_0, Leader(1, 8), NodeEndpoint(1, "b9", 9092))

    assert view.brokers[1] == ("b1", 9092)
