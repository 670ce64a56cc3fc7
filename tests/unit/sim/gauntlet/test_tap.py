"""Which records a Produce request brings is read from its bytes, however they come in."""

from __future__ import annotations

from typing import Any

import pytest

from producer.events import BatchSent, RecordAccepted
from producer.records import NO_SEQUENCE
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages.metadata import MetadataRequest
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic
from producer.wire.record_batch import encode_batch
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.gauntlet.producer import NUMBER
from sim.gauntlet.tap import Tap
from sim.trace.trace import Trace
from sim.world.kernel import World

SETTLED_US = 5_000_000


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    made = Cluster(World(seed=0), Trace(), ClusterConfig(topics=(TopicConfig("orders"),)))
    made.start()
    made.world.run_until(SETTLED_US)
    return made


def a_batch(*numbers: int, **more: Any) -> bytes:
    return encode_batch([(None, b"v", ((NUMBER, str(one).encode()),), 1_000) for one in numbers], **more)


def a_produce(topic: ProduceTopic, *, version: int = 9, correlation_id: int = 1) -> bytes:
    body = encode(ProduceRequest(acks=-1, timeout_ms=1, topic_data=(topic,)), version)
    return api.encode_request(ApiKey.PRODUCE, version, correlation_id, "them", body)


def to_orders(batch: bytes, **more: Any) -> bytes:
    return a_produce(ProduceTopic("orders", partition_data=(ProducePartition(0, batch),)), **more)


def seen(cluster: Cluster, *pieces: bytes, connection: int = 4) -> list[Any]:
    """What the trace says of a client that sends those over one connection to b2."""
    tap = Tap(cluster, "app")
    tap.connected(connection, 2)
    before = len(cluster.trace)
    for piece in pieces:
        tap.received(connection, piece)
    return cluster.trace.events[before:]


def test_a_request_says_which_records_are_in_which_batch_and_which_request_carries_it(cluster: Cluster) -> None:
    batch = a_batch(5, 7, producer_id=3, producer_epoch=1, base_sequence=40)

    first, second, sent = seen(cluster, to_orders(batch, correlation_id=9))

    assert [(one.client, one.token, one.batch, one.topic, one.partition) for one in (first, second)] == [
        ("app", 5, 1, "orders", 0),
        ("app", 7, 1, "orders", 0),
    ]
    assert isinstance(first, RecordAccepted)
    assert isinstance(sent, BatchSent)
    assert (sent.broker, sent.connection, sent.correlation_id, sent.attempt) == (2, 4, 9, 1)
    assert (sent.producer_id, sent.producer_epoch, sent.base_sequence, sent.record_count) == (3, 1, 40, 2)


@pytest.mark.parametrize("size", [1, 3, 17, 1_000])
def test_a_request_may_come_in_pieces_and_several_at_once(cluster: Cluster, size: int) -> None:
    body = api.encode_request(ApiKey.METADATA, 9, 1, "them", encode(MetadataRequest(topics=None), 9))
    whole = body + to_orders(a_batch(1)) + body + to_orders(a_batch(2, 3), correlation_id=2)
    pieces = [whole[begin : begin + size] for begin in range(0, len(whole), size)]

    sent = [one for one in seen(cluster, *pieces) if isinstance(one, BatchSent)]

    assert [(one.batch, one.record_count, one.correlation_id) for one in sent] == [(1, 1, 1), (2, 2, 2)]


def test_a_batch_that_comes_again_is_the_same_and_the_same_records_batched_anew_are_another(cluster: Cluster) -> None:
    once, anew = to_orders(a_batch(1, 2)), to_orders(a_batch(1, 2, 3))

    events = seen(cluster, once, once, anew)

    assert [(one.batch, one.attempt) for one in events if isinstance(one, BatchSent)] == [(1, 1), (1, 2), (2, 1)]
    assert [(one.token, one.batch) for one in events if isinstance(one, RecordAccepted)] == [
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
        (3, 2),
    ]


def test_a_topic_that_is_named_by_its_id_is_known(cluster: Cluster) -> None:
    topic_id = cluster.controller.metadata.topics["orders"].topic_id
    topic = ProduceTopic(topic_id=topic_id, partition_data=(ProducePartition(0, a_batch(1)),))

    *_, sent = seen(cluster, a_produce(topic, version=13))

    assert sent.topic == "orders"


def test_a_sequence_without_a_producer_id_counts_nothing(cluster: Cluster) -> None:
    *_, sent = seen(cluster, to_orders(a_batch(1, base_sequence=0)))

    assert sent.base_sequence == NO_SEQUENCE


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02\x00\x00",
        to_orders(b"no batch at all"),
        to_orders(a_batch(1)[:-1]),
        a_produce(ProduceTopic("orders", partition_data=(ProducePartition(0, None),))),
    ],
    ids=["negative length", "no header", "no batch", "cut short", "null"],
)
def test_what_cannot_be_read_is_left_to_the_broker(cluster: Cluster, nonsense: bytes) -> None:
    assert seen(cluster, nonsense) == []


def test_a_connection_that_is_over_says_nothing_more(cluster: Cluster) -> None:
    tap = Tap(cluster, "app")
    tap.connected(4, 2)
    whole = to_orders(a_batch(1))
    tap.received(4, whole[:10])
    tap.ended(4)
    before = len(cluster.trace)

    tap.received(4, whole[10:])

    assert len(cluster.trace) == before
