"""Clients of other makes write and read through a gateway, and none of them goes past it."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError as AioKafkaError
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError as PythonKafkaError

from sim.serve.stage import Stage
from tests.gateway.rules import SECRET, Rules
from tests.gateway.standing import Standing
from tests.serve.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGE = Stage(topics=("orders:3:3",), settings=(("group.initial.rebalance.delay.ms", "0"),))
SENT = [b"one", b"card " + SECRET, b"two"]
STORED = [b"one", b"card ****", b"two"]
LIMIT_S = 30


@pytest.fixture(scope="module")
def cluster() -> Iterator[Served]:
    with Served(STAGE) as served:
        yield served


@pytest.fixture(params=[False, True], ids=["at once", "on threads"])
def standing(cluster: Served, request: pytest.FixtureRequest) -> Iterator[Standing]:
    with Standing(Rules(may_block=request.param), cluster.bootstrap) as gate:
        yield gate


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in request.node.name)


def read_directly(cluster: Served, topic: str, count: int) -> list[bytes | None]:
    """Read at the brokers, without the gateway: what lies in the log of the topic's first partition."""
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "none", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[bytes | None] = []
    until = monotonic() + LIMIT_S
    while len(found) < count and monotonic() < until:
        found += [one.value() for one in consumer.consume(count, timeout=0.1) if one.error() is None]
    consumer.close()
    return found


def test_librdkafka_writes_through_it_and_hears_which_record_was_refused(
    cluster: Served, standing: Standing, topic: str
) -> None:
    told: list[KafkaError | None] = []
    producer = Producer({"bootstrap.servers": standing.bootstrap, "linger.ms": 0, "enable.idempotence": True})
    for value in (*SENT, b"bad", b"after"):
        producer.produce(topic, value, on_delivery=lambda error, _: told.append(error))
        producer.flush(LIMIT_S)

    assert [None if error is None else error.code() for error in told] == [
        None,
        None,
        None,
        KafkaError.INVALID_RECORD,
        None,
    ]
    assert read_directly(cluster, topic, 4) == [*STORED, b"after"]


def test_kafka_python_writes_and_reads_through_it(cluster: Served, standing: Standing, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=standing.bootstrap, acks="all")
    for value in SENT:
        producer.send(topic, value).get(LIMIT_S)
    with pytest.raises(PythonKafkaError, match=r"(?i)invalid"):
        producer.send(topic, b"bad").get(LIMIT_S)
    producer.close()
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=standing.bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=1_000 * LIMIT_S,
    )

    assert [next(consumer).value for _ in SENT] == STORED
    consumer.close()
    assert read_directly(cluster, topic, 3) == STORED


def test_aiokafka_writes_and_reads_through_it(cluster: Served, standing: Standing, topic: str) -> None:
    async def both() -> list[bytes | None]:
        async with AIOKafkaProducer(bootstrap_servers=standing.bootstrap, enable_idempotence=True) as producer:
            for value in SENT:
                await producer.send_and_wait(topic, value)
            with pytest.raises(AioKafkaError):
                await producer.send_and_wait(topic, b"bad")
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=standing.bootstrap, auto_offset_reset="earliest", group_id="readers"
        ) as consumer:
            return [(await asyncio.wait_for(consumer.getone(), LIMIT_S)).value for _ in SENT]

    assert asyncio.run(both()) == STORED
    assert read_directly(cluster, topic, 3) == STORED


def test_a_group_reads_through_it_and_the_brokers_see_the_gateway_alone(
    cluster: Served, standing: Standing, topic: str
) -> None:
    producer = Producer({"bootstrap.servers": standing.bootstrap})
    for number in range(30):
        producer.produce("orders", str(number).encode(), partition=number % 3)
    assert producer.flush(LIMIT_S) == 0
    reader = Consumer({"bootstrap.servers": standing.bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    reader.subscribe(["orders"])

    read: set[int] = set()
    while len(read) < 30:
        read |= {int(one.value() or b"") for one in reader.consume(30, timeout=LIMIT_S) if one.error() is None}
    reader.commit(asynchronous=False)

    ports = {int(address.rsplit(":", 1)[1].split("/")[0]) for address in brokers_told(reader)}
    reader.close()
    assert len(ports) == 3
    assert ports.isdisjoint(cluster.address(number)[1] for number in (1, 2, 3))


def brokers_told(client: Consumer) -> list[str]:
    return [f"{one.host}:{one.port}" for one in client.list_topics(timeout=LIMIT_S).brokers.values()]


def test_a_crashed_leader_is_survived_through_it() -> None:
    quick = (("broker.session.timeout.ms", "1000"), ("broker.heartbeat.interval.ms", "200"))
    with (
        Served(Stage(topics=("orders:1:3",), settings=quick)) as served,
        Standing(Rules(), served.bootstrap) as gate,
    ):
        told: list[KafkaError | None] = []
        producer = Producer({"bootstrap.servers": gate.bootstrap, "enable.idempotence": True, "linger.ms": 0})
        for number in range(100):
            producer.produce("orders", str(number).encode(), on_delivery=lambda error, _: told.append(error))
            if number == 50:
                producer.flush(LIMIT_S)
                served.strike("crash leader(orders-0)")
        assert producer.flush(LIMIT_S) == 0

        assert told == [None] * 100
        assert [int(value or b"") for value in read_directly(served, "orders", 100)] == list(range(100))
