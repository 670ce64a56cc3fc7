"""A gateway before Apache Kafka: clients of each make write and read through it as they would without, and bad records stay out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError as AioKafkaError
from confluent_kafka import Producer as ConfluentProducer
from kafka import KafkaProducer
from kafka.errors import KafkaError as PythonKafkaError

from producer.errors import Code
from tests.gateway.rules import SECRET, Rules
from tests.gateway.standing import Standing
from tests.interop.driven import JavaProducer, OurProducer
from tests.interop.reading import read_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.interop.apache_kafka import ApacheKafka

RECORDS = 30
BAD = 17
VALUES = ["bad" if number == BAD else f"{number} {SECRET.decode()}" for number in range(RECORDS)]
STORED = [value.replace(SECRET.decode(), "****") for value in VALUES if value != "bad"]
LIMIT_S = 60

Wrote = list[bool]
"""Of each record, whether it was acknowledged."""


@pytest.fixture
def standing(kafka: ApacheKafka) -> Iterator[Standing]:
    with Standing(Rules(), kafka.bootstrap) as gate:
        yield gate


def by_confluent(bootstrap: str, topic: str) -> Wrote:
    told: Wrote = []
    producer = ConfluentProducer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    for value in VALUES:
        producer.produce(topic, value, partition=0, on_delivery=lambda error, _: told.append(error is None))
        producer.flush(LIMIT_S)
    return told


def by_kafka_python(bootstrap: str, topic: str) -> Wrote:
    told: Wrote = []
    # Like aiokafka, an idempotent one numbers on behind a refused batch, and hears of nothing but gaps from then on.
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type="gzip", enable_idempotence=False)
    for value in VALUES:
        try:
            producer.send(topic, value.encode(), partition=0).get(LIMIT_S)
        except PythonKafkaError:
            told.append(False)
        else:
            told.append(True)
    producer.close()
    return told


def by_aiokafka(bootstrap: str, topic: str) -> Wrote:
    async def write() -> Wrote:
        told: Wrote = []
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            for value in VALUES:
                try:
                    await producer.send_and_wait(topic, value.encode(), partition=0)
                except AioKafkaError:
                    told.append(False)
                else:
                    told.append(True)
        return told

    return asyncio.run(write())


@pytest.mark.parametrize("write", [by_confluent, by_kafka_python, by_aiokafka])
def test_what_may_be_written_is_written_as_it_may_be(
    kafka: ApacheKafka, standing: Standing, topic: str, write: Callable[[str, str], Wrote]
) -> None:
    told = write(standing.bootstrap, topic)

    assert told == [number != BAD for number in range(RECORDS)]
    assert [record.value for record in read_topic(kafka.bootstrap, topic)] == STORED
    assert [record.value for record in read_topic(standing.bootstrap, topic)] == STORED


def test_java_and_ours_hear_the_same_of_a_refused_record(
    kafka: ApacheKafka, standing: Standing, topic: str, java_class_path: str, tmp_path: Path
) -> None:
    properties: dict[str, Any] = {"bootstrap.servers": standing.bootstrap, "acks": "all"}
    codes: list[list[str]] = []
    for producer, partition in (
        (OurProducer(properties), 0),
        (JavaProducer(properties, class_path=java_class_path, log=tmp_path / "java.log"), 1),
    ):
        for number, value in enumerate(VALUES):
            producer.send(number, topic, value, key=None, partition=partition)
            producer.flush()
        producer.close()
        producer.end()
        codes.append([producer.told[number][0].code for number in range(RECORDS)])

    ours, java = codes
    assert ours == java
    assert {number for number, code in enumerate(java) if code != Code.NONE.name} == {BAD}
    assert java[BAD] == Code.INVALID_RECORD.name
    written = read_topic(kafka.bootstrap, topic)
    assert [[one.value for one in written if one.partition == partition] for partition in (0, 1)] == [STORED, STORED]


def test_a_leader_that_is_killed_is_survived_through_it(kafka: ApacheKafka, standing: Standing, topic: str) -> None:
    told: list[object] = []
    producer = ConfluentProducer({"bootstrap.servers": standing.bootstrap, "enable.idempotence": True})
    for number in range(300):
        producer.produce(topic, str(number), partition=0, on_delivery=lambda error, _: told.append(error))
        if number == 100:
            producer.flush(LIMIT_S)
            kafka.kill(kafka.admin.leader(topic, 0))
    assert producer.flush(LIMIT_S) == 0

    assert told == [None] * 300
    assert [int(record.value) for record in read_topic(kafka.bootstrap, topic) if record.partition == 0] == list(
        range(300)
    )
