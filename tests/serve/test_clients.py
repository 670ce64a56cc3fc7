"""Clients of other makes produce and read through faults, and what became of their records is told at the end."""

import asyncio
from collections.abc import Iterator
from time import monotonic

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as AioTopicPartition
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as KafkaTopicPartition

from producer.records import TopicPartition as Partition
from sim.judges.verdict import State
from sim.serve.attempt import Fate
from sim.serve.stage import Stage
from tests.serve.served import Served

ORDERS = TopicPartition("orders", 0)
QUICK = (("broker.session.timeout.ms", "1000"), ("broker.heartbeat.interval.ms", "200"))
"""A dead leader is missed after a second, not nine."""
STAGE = Stage(topics=("orders:3:3",), settings=QUICK)
LIMIT_S = 60


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE) as served:
        yield served


def produced(cluster: Served, values: range, **config: object) -> Producer:
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "linger.ms": 0, **config})
    for value in values:
        producer.produce("orders", str(value).encode(), partition=0)
    return producer


def read_back(cluster: Served, count: int) -> list[int]:
    """Read `count` values of the partition, and make sure that there are no more."""
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "none", "enable.auto.commit": False})
    consumer.assign([TopicPartition("orders", 0, 0)])
    found: list[int] = []
    until = monotonic() + LIMIT_S
    while monotonic() < until:
        try:
            low, high = consumer.get_watermark_offsets(ORDERS, timeout=LIMIT_S)
        except KafkaException:
            continue  # whom it asked is down: it asks another one
        found += [int(one.value() or b"") for one in consumer.consume(count, timeout=0.1) if one.error() is None]
        if len(found) >= count and len(found) == high - low:
            break
    consumer.close()
    return found


def test_an_idempotent_librdkafka_loses_nothing_and_doubles_nothing_when_its_leader_crashes() -> None:
    with Served(STAGE) as cluster:
        producer = produced(cluster, range(100), **{"enable.idempotence": True})
        assert producer.flush(LIMIT_S) == 0
        assert cluster.strike("crash leader(orders-0)").fate is Fate.FIRED
        for value in range(100, 200):
            producer.produce("orders", str(value).encode(), partition=0)

        assert producer.flush(LIMIT_S) == 0
        assert read_back(cluster, 200) == list(range(200))

    assert cluster.judgement.state is State.HOLDS
    assert cluster.judgement.acknowledged_records == 200


def test_librdkafka_waits_for_a_paused_leader_and_is_answered_when_it_goes_on(cluster: Served) -> None:
    producer = produced(cluster, range(1))
    assert producer.flush(LIMIT_S) == 0
    cluster.strike("pause leader(orders-0)")
    producer.produce("orders", b"1", partition=0)
    assert producer.flush(0.2) == 1

    cluster.strike("resume b1")

    assert producer.flush(LIMIT_S) == 0
    assert read_back(cluster, 2) == [0, 1]


def test_a_lost_answer_makes_a_producer_without_idempotence_write_twice_and_that_is_told() -> None:
    with Served(STAGE) as cluster:
        cluster.strike("drop Produce orders-0 x1 by leader(orders-0) then reset")
        producer = produced(cluster, range(1), **{"enable.idempotence": False})

        assert producer.flush(LIMIT_S) == 0
        assert read_back(cluster, 2) == [0, 0]

    assert cluster.judgement.state is State.VIOLATED
    assert [(str(one.tp), one.first_offset, one.again_offset) for one in cluster.judgement.twice] == [
        ("orders-0", 0, 1)
    ]


def test_the_same_lost_answer_is_no_duplicate_where_the_producer_is_idempotent() -> None:
    with Served(STAGE) as cluster:
        cluster.strike("drop Produce orders-0 x1 by leader(orders-0) then reset")
        producer = produced(cluster, range(1), **{"enable.idempotence": True})

        assert producer.flush(LIMIT_S) == 0
        assert read_back(cluster, 1) == [0]

    assert cluster.judgement.state is State.HOLDS
    assert cluster.judgement.acknowledged_records == 1


def test_what_a_leader_acknowledged_alone_and_took_with_it_is_told_as_lost() -> None:
    with Served(STAGE) as cluster:
        producer = produced(cluster, range(1), acks=1)
        assert producer.flush(LIMIT_S) == 0
        for follower in ("b2", "b3"):
            cluster.strike(f"cut b1 <-> {follower}")
        for value in range(1, 11):
            producer.produce("orders", str(value).encode(), partition=0)
        assert producer.flush(LIMIT_S) == 0

        cluster.strike("crash b1")
        for follower in ("b2", "b3"):
            cluster.strike(f"open b1 <-> {follower}")
        assert read_back(cluster, 1) == [0]

    judgement = cluster.judgement
    assert judgement.state is State.VIOLATED
    assert judgement.acknowledged_records == 11
    assert judgement.lost_records == 10
    assert {(one.first_offset, one.last_offset, one.on_disks) for one in judgement.lost} == {(1, 10, (1,))}


def test_kafka_python_produces_and_reads_through_broken_connections(cluster: Served) -> None:
    producer = KafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all")
    for value in range(20):
        producer.send("orders", str(value).encode(), partition=1).get(LIMIT_S)
        if value == 10:
            cluster.strike("reset b2 <-> *")
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=cluster.bootstrap, consumer_timeout_ms=LIMIT_S * 1_000)
    partition = KafkaTopicPartition("orders", 1)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)

    assert [int(next(consumer).value) for _ in range(20)] == list(range(20))
    consumer.close()


def test_aiokafka_produces_and_reads_through_a_paused_leader(cluster: Served) -> None:
    async def produce_and_read() -> list[bytes | None]:
        loop = asyncio.get_running_loop()
        producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        await producer.send_and_wait("orders", b"0", partition=2)
        await loop.run_in_executor(None, cluster.strike, "pause leader(orders-2)")
        waiting = await producer.send("orders", b"1", partition=2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)
        await loop.run_in_executor(None, cluster.strike, "resume b3")
        await waiting
        await producer.stop()
        consumer = AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap)
        await consumer.start()
        partition = AioTopicPartition("orders", 2)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        values = [(await consumer.getone()).value for _ in range(2)]
        await consumer.stop()
        return values

    assert asyncio.run(produce_and_read()) == [b"0", b"1"]


def test_a_topic_that_does_not_exist_is_made_by_whoever_writes_to_it(cluster: Served) -> None:
    producer = Producer({"bootstrap.servers": cluster.bootstrap})
    producer.produce("made-by-writing", b"1")

    assert producer.flush(LIMIT_S) == 0


def test_records_that_are_sent_again_in_a_batch_of_another_make_are_told_as_there_twice() -> None:
    with Served(STAGE) as cluster:
        cluster.strike("drop Produce orders-0 x1 by leader(orders-0) then reset")
        # What is produced while the first batch waits for its turn joins it when it is sent again.
        producer = produced(cluster, range(2), **{"enable.idempotence": False, "retry.backoff.ms": 300})
        for value in range(2, 30):
            producer.produce("orders", str(value).encode(), partition=0)
            producer.poll(0.02)

        assert producer.flush(LIMIT_S) == 0
        found = read_back(cluster, cluster.server.simulation.cluster.committed()[Partition("orders", 0)])

    doubled = sorted({value for value in found if found.count(value) == 2})
    assert doubled
    assert cluster.judgement.doubled_records == len(doubled)
