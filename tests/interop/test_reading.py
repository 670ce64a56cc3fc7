"""Our consumer on Apache Kafka: transactions as librdkafka reads them, sessions and leader epochs while leaders die; coordinators."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer as LibrdkafkaConsumer
from confluent_kafka import Producer as LibrdkafkaProducer
from confluent_kafka import TopicPartition as LibrdkafkaPartition

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import Done
from producer.drivers.clock import now_us
from producer.drivers.sockets import SocketDriver
from producer.records import TopicPartition
from sim.clients.consumer import EARLIEST, Consumer, Isolation, ReadSettings
from tests.interop.apache_kafka import ApacheKafka
from tests.unit.producer.client.bare_client import BareClient
from tests.unit.producer.client.desk import Question

WAIT_US = 60_000_000
ROUND_US = 100_000


def addresses(kafka: ApacheKafka) -> tuple[tuple[str, int], ...]:
    hosts = (server.rsplit(":", 1) for server in kafka.bootstrap.split(","))
    return tuple((host, int(port)) for host, port in hosts)


class Reading:
    """Our consumer on sockets, and what it read."""

    def __init__(self, kafka: ApacheKafka, topic: str, **reading: Any) -> None:
        self.consumer = Consumer(
            bootstrap=addresses(kafka),
            chance=random.Random(1),
            now_us=now_us(),
            reading=ReadSettings()._replace(**reading),
        )
        self.consumer.assign({TopicPartition(topic, 0): EARLIEST}, now_us())
        self.driver = SocketDriver(self.consumer)
        self.values: list[bytes | None] = []

    def until(self, *, count: int | None = None) -> list[bytes | None]:
        """Read so many records, or up to the end."""
        until_us = now_us() + WAIT_US
        while now_us() < until_us and self.consumer.error is None:
            self.driver.poll(ROUND_US)
            self.values += [record.value for record in self.consumer.take_records()]
            if self.consumer.is_at_end if count is None else len(self.values) >= count:
                return self.values
        raise AssertionError(f"{len(self.values)} records read, error: {self.consumer.error}")

    def close(self) -> None:
        self.consumer.close(now_us())
        self.driver.close()


@pytest.fixture
def readings() -> Iterator[list[Reading]]:
    made: list[Reading] = []
    yield made
    for reading in made:
        reading.close()


def transactional(kafka: ApacheKafka, name: str) -> LibrdkafkaProducer:
    producer = LibrdkafkaProducer({"bootstrap.servers": kafka.bootstrap, "transactional.id": name, "linger.ms": 0})
    producer.init_transactions(60)
    return producer


def write(producer: LibrdkafkaProducer, topic: str, values: Iterable[bytes], *, commits: bool | None) -> None:
    """One transaction; None leaves it open."""
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value, partition=0)
        producer.flush(60)
    if commits is not None:
        (producer.commit_transaction if commits else producer.abort_transaction)(60)


def read_by_librdkafka(kafka: ApacheKafka, topic: str, *, count: int) -> list[bytes | None]:
    consumer = LibrdkafkaConsumer(
        {"bootstrap.servers": kafka.bootstrap, "group.id": "unused", "isolation.level": "read_committed"}
    )
    consumer.assign([LibrdkafkaPartition(topic, 0, 0)])
    values: list[bytes | None] = []
    while len(values) < count:
        message = consumer.poll(30)
        assert message is not None, f"{len(values)} of {count} records"
        assert message.error() is None
        values.append(message.value())
    consumer.close()
    return values


@pytest.mark.parametrize("uses_sessions", [False, True])
def test_committed_records_are_read_as_by_librdkafka_up_to_the_open_transaction(
    kafka: ApacheKafka, topic: str, readings: list[Reading], uses_sessions: bool
) -> None:
    one, other = transactional(kafka, f"{topic}-1"), transactional(kafka, f"{topic}-2")
    plain = LibrdkafkaProducer({"bootstrap.servers": kafka.bootstrap})
    write(one, topic, [b"a1", b"a2"], commits=False)
    write(other, topic, [b"b1"], commits=None)
    write(one, topic, [b"a3"], commits=True)
    plain.produce(topic, b"p1", partition=0)
    plain.flush(60)
    other.abort_transaction(60)
    write(other, topic, [b"b2", b"b3"], commits=True)
    write(one, topic, [b"a4"], commits=None)
    plain.produce(topic, b"behind", partition=0)
    plain.flush(60)

    reading = Reading(kafka, topic, isolation=Isolation.READ_COMMITTED, stops_at_end=True, uses_sessions=uses_sessions)
    readings.append(reading)
    ours = reading.until()

    assert ours == [b"a3", b"p1", b"b2", b"b3"]
    assert ours == read_by_librdkafka(kafka, topic, count=4)
    everything = Reading(kafka, topic, stops_at_end=True, uses_sessions=uses_sessions)
    readings.append(everything)
    assert everything.until() == [b"a1", b"a2", b"b1", b"a3", b"p1", b"b2", b"b3", b"a4", b"behind"]
    one.abort_transaction(60)


def test_each_record_is_read_once_while_leaders_die(kafka: ApacheKafka, topic: str, readings: list[Reading]) -> None:
    plain = LibrdkafkaProducer({"bootstrap.servers": kafka.bootstrap})
    reading = Reading(kafka, topic)
    readings.append(reading)
    sent: list[bytes | None] = []
    for round_number in range(3):
        for number in range(5):
            value = b"%d-%d" % (round_number, number)
            plain.produce(topic, value, partition=0)
            sent.append(value)
        plain.flush(60)
        reading.until(count=len(sent))
        leader = kafka.admin.leader(topic, 0)
        if round_number == 0:
            kafka.kill(leader)
            kafka.admin.wait_new_leader(topic, 0, after=leader)

    assert reading.values == sent


@pytest.mark.parametrize("kind", list(CoordinatorType))
def test_coordinators_are_found_and_asked(kafka: ApacheKafka, kind: CoordinatorType) -> None:
    bare = BareClient(bootstrap=addresses(kafka), now_us=now_us())
    question = Question(f"finds-a-{kind.name}", target=CoordinatorKey(kind, "some"))
    bare.client.control.ask(question)
    driver = SocketDriver(bare)
    until_us = now_us() + WAIT_US

    while not question.endings and now_us() < until_us:
        driver.poll(ROUND_US)

    bare.client.close(now_us())
    driver.close()
    assert question.endings == [Done()]
