"""librdkafka's transactional producer: what it commits is read, what it aborts is not, a zombie is fenced, and a coordinator may crash."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from sim.serve.attempt import Fate
from sim.serve.stage import Stage
from tests.serve.served import Served

TRANSACTION = "transfer"
GROUP = "shop"
SETTINGS = (
    ("broker.session.timeout.ms", "1000"),
    ("broker.heartbeat.interval.ms", "200"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"),
)
STAGE = Stage(topics=("orders:2:3", "paid:1:3"), settings=SETTINGS)
LIMIT_S = 30


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE) as served:
        yield served


def producer(cluster: Served, **config: Any) -> Producer:
    made = Producer({"bootstrap.servers": cluster.bootstrap, "transactional.id": TRANSACTION, **config})
    made.init_transactions(LIMIT_S)
    return made


def write(made: Producer, *values: bytes, topic: str = "orders") -> None:
    for value in values:
        made.produce(topic, value)


def read(cluster: Served, topic: str, *, isolation: str = "read_committed") -> list[bytes]:
    """Everything in a topic, as a consumer of that isolation is given it."""
    reader = Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": f"reader-{isolation}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": isolation,
        }
    )
    partitions = reader.list_topics(topic, LIMIT_S).topics[topic].partitions
    reader.assign([TopicPartition(topic, number, 0) for number in partitions])
    found: list[bytes] = []
    ended: set[int] = set()
    until = monotonic() + LIMIT_S
    while len(ended) < len(partitions) and monotonic() < until:
        message = reader.poll(0.1)
        if message is None:
            continue
        error = message.error()
        if error is None:
            found.append(message.value() or b"")
        elif error.code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition() or 0)
    reader.close()
    assert len(ended) == len(partitions), f"{topic} was not read to its end in {LIMIT_S} s"
    return sorted(found)


def test_what_is_committed_is_read_and_what_is_aborted_is_not(cluster: Served) -> None:
    made = producer(cluster)

    made.begin_transaction()
    write(made, b"1", b"2")
    made.commit_transaction(LIMIT_S)
    made.begin_transaction()
    write(made, b"3")
    made.flush(LIMIT_S)
    made.abort_transaction(LIMIT_S)
    made.begin_transaction()
    write(made, b"4")
    made.commit_transaction(LIMIT_S)

    assert read(cluster, "orders") == [b"1", b"2", b"4"]
    assert read(cluster, "orders", isolation="read_uncommitted") == [b"1", b"2", b"3", b"4"]


def test_a_zombie_is_fenced_by_its_successor(cluster: Served) -> None:
    zombie = producer(cluster)
    zombie.begin_transaction()
    write(zombie, b"zombie")
    zombie.flush(LIMIT_S)

    successor = producer(cluster)
    with pytest.raises(KafkaException) as fenced:
        zombie.commit_transaction(LIMIT_S)
    successor.begin_transaction()
    write(successor, b"successor")
    successor.commit_transaction(LIMIT_S)

    assert fenced.value.args[0].code() in (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
    assert read(cluster, "orders") == [b"successor"]


def test_positions_and_records_of_one_transaction_are_committed_together_or_not_at_all(cluster: Served) -> None:
    source = Producer({"bootstrap.servers": cluster.bootstrap})
    write(source, b"1", b"2", b"3", topic="paid")
    assert source.flush(LIMIT_S) == 0
    made = producer(cluster)
    consumer = Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe(["paid"])

    def process(count: int, *, is_commit: bool) -> None:
        made.begin_transaction()
        for _ in range(count):
            message = consumer.poll(LIMIT_S)
            assert message is not None
            write(made, b"order " + (message.value() or b""))
        made.send_offsets_to_transaction(
            consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), LIMIT_S
        )
        if is_commit:
            made.commit_transaction(LIMIT_S)
        else:
            made.flush(LIMIT_S)
            made.abort_transaction(LIMIT_S)

    process(1, is_commit=True)
    process(2, is_commit=False)
    committed = consumer.committed([TopicPartition("paid", 0)], LIMIT_S)[0].offset
    consumer.close()

    assert committed == 1
    assert read(cluster, "orders") == [b"order 1"]


@pytest.mark.parametrize("strike", ["crash transaction_coordinator(transfer)", "crash leader(orders-0)"])
def test_a_transaction_goes_on_when_its_coordinator_or_a_leader_crashes(cluster: Served, strike: str) -> None:
    made = producer(cluster)
    made.begin_transaction()
    write(made, b"before")
    made.flush(LIMIT_S)

    assert cluster.strike(strike).fate is Fate.FIRED
    write(made, b"after")
    made.commit_transaction(LIMIT_S)

    assert read(cluster, "orders") == [b"after", b"before"]


def test_a_transaction_that_nobody_ends_is_aborted_when_its_time_is_over(cluster: Served) -> None:
    made = producer(cluster, **{"transaction.timeout.ms": 1_000})
    made.begin_transaction()
    write(made, b"late")
    made.flush(LIMIT_S)
    other = Producer({"bootstrap.servers": cluster.bootstrap})
    write(other, b"plain")
    assert other.flush(LIMIT_S) == 0

    until = monotonic() + LIMIT_S
    while read(cluster, "orders") != [b"plain"] and monotonic() < until:
        pass

    assert read(cluster, "orders") == [b"plain"]
