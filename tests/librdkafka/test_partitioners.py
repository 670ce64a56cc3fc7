"""Partitioners behind sockets, on librdkafka's brokers."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from producer import AsyncProducer, Partitioner, Producer
from producer.errors import PartitionerError
from producer.partitioners.partitioner import Partitions
from producer.records import Record
from tests.librdkafka.airports import airports
from tests.librdkafka.reading import read_back

WAIT_S = 30

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"partitioners-{next(names)}"


class ByLength(Partitioner):
    """Chooses by the length of the value; refuses empty ones."""

    def __init__(self) -> None:
        self.closed = 0

    def partition(self, record: Record, partitions: Partitions) -> int:
        return len(record.value or b"") - 1

    def close(self) -> None:
        self.closed += 1
        raise OSError("cannot")


def test_a_producer_asks_refuses_and_closes(bootstrap: str, topic: str) -> None:
    partitioner = ByLength()
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner.class": partitioner})

    futures = [producer.send(topic, value) for value in (b"xxx", b"x", b"xx")]
    with pytest.raises(PartitionerError, match="ByLength chose -1"):
        producer.send(topic, b"")
    with pytest.raises(PartitionerError, match="ByLength raised OSError in close: cannot"):
        producer.close(WAIT_S)
    producer.close()

    assert [future.result(0).partition for future in futures] == [2, 0, 1]
    assert partitioner.closed == 1
    assert len(read_back(bootstrap, topic, 3)) == 3


def test_an_async_producer_asks_refuses_and_closes(bootstrap: str, topic: str) -> None:
    partitioner = ByLength()

    async def story() -> Iterator[int]:
        producer = AsyncProducer({"bootstrap.servers": bootstrap, "partitioner.class": partitioner})
        futures = [await producer.send(topic, value) for value in (b"xxx", b"x", b"xx")]
        with pytest.raises(PartitionerError, match="ByLength chose -1"):
            await producer.send(topic, b"")
        with pytest.raises(PartitionerError, match="ByLength raised OSError in close: cannot"):
            await producer.close(WAIT_S)
        await producer.close()
        return (future.result().partition for future in futures)

    assert list(asyncio.run(story())) == [2, 0, 1]
    assert partitioner.closed == 1


def test_round_robin_gives_each_partition_the_same(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "partitioner.class": "round_robin", "batch.size": 50}) as producer:
        futures = [producer.send(topic, b"%d" % number, key=b"k") for number in range(40)]

    chosen = [future.result(0).partition for future in futures]
    assert chosen == [number % 4 for number in range(40)]


def test_columns_of_records_are_asked_for_one_by_one_in_order(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "partitioner.class": "round_robin"}) as producer:
        futures = producer.send_many(topic, [b"%d" % number for number in range(40)], keys=[b"k"] * 40)

    assert [future.result(0).partition for future in futures] == [number % 4 for number in range(40)]


def test_a_topic_of_librdkafkas_keeps_its_keys_partitions_with_its_default_and_not_with_kafkas(
    bootstrap: str, topic: str
) -> None:
    keys = sorted({key for key, _ in airports()})
    theirs = LibrdkafkaProducer({"bootstrap.servers": bootstrap, "log_level": 0})
    for key in keys:
        theirs.produce(topic, key=key, value=b"v")
    theirs.flush(WAIT_S)
    before = {one.key: one.partition for one in read_back(bootstrap, topic, len(keys))}

    def chosen(**properties: str) -> dict[bytes, int]:
        with Producer({"bootstrap.servers": bootstrap} | properties) as producer:
            futures = {key: producer.send(topic, b"v", key=key) for key in keys}
        return {key: future.result(0).partition for key, future in futures.items()}

    assert chosen(partitioner="consistent_random") == before
    assert chosen() != before
    assert chosen(partitioner="murmur2_random") == chosen()
