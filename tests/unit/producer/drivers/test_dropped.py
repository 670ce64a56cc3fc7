"""Producers that are dropped without close: what they were given still leaves, and then nothing of them is left."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from producer import AsyncProducer, Interceptor, Partitioner, Producer
from producer.dead_letters import DeadLetterPolicy, DeadLetterProducer
from producer.errors import SendError
from producer.facades import confluent, kafka_python
from producer.records import Record
from tests.unit.producer.drivers.holdings import back_to, holdings
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm, eventually

pytestmark = pytest.mark.usefixtures("nobody_looks_at_what_lived_before")

PRODUCERS = 10


def ours(broker: OneBroker, delivered: bool) -> None:
    producer = calm(broker)
    if delivered:
        producer.send(TOPIC, b"v").result(WAIT_S)


def dead_letters(broker: OneBroker, delivered: bool) -> None:
    policy = DeadLetterPolicy(topic=lambda topic: topic)
    producer = DeadLetterProducer(calm(broker, max_request_size=1_000), policy)
    if delivered:
        assert producer.send(TOPIC, b"v").result(WAIT_S).offset >= 0
        # Its letter leaves without the value.
        assert producer.send(TOPIC, bytes(2_000)).exception(WAIT_S) is not None


def as_confluent(broker: OneBroker, delivered: bool) -> None:
    producer = confluent.Producer({"bootstrap.servers": broker.address})
    producer.produce(TOPIC, b"v")
    if delivered:
        assert producer.flush(WAIT_S) == 0


def as_kafka_python(broker: OneBroker, delivered: bool) -> None:
    producer = kafka_python.KafkaProducer(bootstrap_servers=broker.address, linger_ms=60_000)
    if delivered:
        producer.send(TOPIC, b"v")
        producer.flush(WAIT_S)


@pytest.mark.parametrize("delivers", [True, False], ids=["delivering", "hung"])
@pytest.mark.parametrize("make", [ours, dead_letters, as_confluent, as_kafka_python])
def test_of_what_was_dropped_nothing_is_left(make: Callable[[OneBroker, bool], None], delivers: bool) -> None:
    with OneBroker(is_mute=not delivers) as broker, Stopwatch():
        make(broker, delivers)
        before = holdings()._replace(threads=0)
        for _ in range(PRODUCERS):
            make(broker, delivers)
        back_to(before)


@pytest.mark.parametrize("delivers", [True, False], ids=["delivering", "hung"])
def test_of_what_was_dropped_nothing_is_left_on_a_loop(delivers: bool) -> None:
    async def use(broker: OneBroker) -> None:
        producer = AsyncProducer({"bootstrap.servers": broker.address} | CALM)
        if delivers:
            await producer.send_and_wait(TOPIC, b"v")
            await producer.send_many(TOPIC, [b"v"] * 3)
            await producer.flush()

    async def story(broker: OneBroker) -> None:
        # A loop that ended before the last of them would leave its sockets to the collector.
        before = holdings()
        for _ in range(PRODUCERS):
            await use(broker)
        await asyncio.to_thread(back_to, before)

    with OneBroker(is_mute=not delivers) as broker, Stopwatch():
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))


def test_what_was_sent_before_it_was_dropped_arrives_and_its_futures_end() -> None:
    with OneBroker() as broker, Stopwatch():
        future = calm(broker, linger_ms=60_000).send(TOPIC, b"v")
        futures = calm(broker, linger_ms=60_000).send_many(TOPIC, [b"w"] * 3)
        gc.collect()

        assert future.result(WAIT_S).topic == TOPIC
        assert [one.result(WAIT_S).topic for one in futures] == [TOPIC] * 3
    assert sorted(broker.values, key=bytes) == [b"v", b"w", b"w", b"w"]  # type: ignore[arg-type]


def test_on_a_loop_too() -> None:
    async def story(broker: OneBroker) -> None:
        properties = {"bootstrap.servers": broker.address} | CALM | {"linger.ms": 50}
        before = holdings()
        future = await AsyncProducer(properties).send(TOPIC, b"v")
        gc.collect()
        assert (await future).topic == TOPIC
        # The future has the producer; and a loop that ended now would leave its sockets to the collector.
        del future
        await asyncio.to_thread(back_to, before)

    with OneBroker() as broker, Stopwatch():
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))
    assert broker.values == [b"v"]


def test_a_dropped_producer_gives_up_when_its_records_time_is_up() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        before = holdings()
        future = calm(broker, request_timeout_ms=200, delivery_timeout_ms=500).send(TOPIC, b"v")
        gc.collect()

        assert isinstance(future.exception(WAIT_S), SendError)
        eventually(lambda: holdings().threads == before.threads)


def test_what_belongs_to_it_is_closed_with_it() -> None:
    closed: list[str] = []

    class Closing(Interceptor, Partitioner):
        def close(self) -> None:
            closed.append("interceptor" if self.is_interceptor else "partitioner")

        def __init__(self, is_interceptor: bool) -> None:
            self.is_interceptor = is_interceptor

        def partition(self, _record: Record, _partitions: Any) -> int:
            return 0

    def properties(broker: OneBroker) -> dict[str, Any]:
        return {"bootstrap.servers": broker.address, "partitioner.class": Closing(False)} | CALM

    async def story(broker: OneBroker) -> None:
        AsyncProducer(properties(broker), interceptors=[Closing(True)])
        gc.collect()
        await asyncio.to_thread(eventually, lambda: len(closed) == 4)

    with OneBroker() as broker, Stopwatch():
        Producer(properties(broker), interceptors=[Closing(True)])
        gc.collect()
        eventually(lambda: len(closed) == 2)
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))

    assert closed == ["interceptor", "partitioner"] * 2


def test_who_drops_the_last_reference_in_a_callback_waits_for_nothing() -> None:
    with OneBroker() as broker, Stopwatch():
        before = holdings()
        held = [calm(broker)]
        gone = weakref.ref(held[0])
        future = held[0].send(TOPIC, b"v", on_delivery=lambda *_: held.clear())
        assert future.result(WAIT_S).offset == 0

        eventually(lambda: gone() is None)
        eventually(lambda: holdings().threads == before.threads)
