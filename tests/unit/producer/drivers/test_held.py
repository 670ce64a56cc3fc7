"""A producer whose thread or loop is held past a request's time: the answer lies in the socket by then, and is taken."""

from __future__ import annotations

import asyncio
import time

from producer import AsyncProducer, Producer
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import eventually

WAIT_S = 30
HELD_S = 0.5
HASTY = {"linger.ms": 0, "request.timeout.ms": 200, "delivery.timeout.ms": 30_000, "retry.backoff.ms": 10}


def test_an_answer_that_came_while_the_producers_thread_was_held_is_no_time_out() -> None:
    with OneBroker() as broker, Producer({"bootstrap.servers": broker.address} | HASTY) as producer:
        producer.send(TOPIC, b"first").result(WAIT_S)
        second = producer.send(TOPIC, b"second")
        eventually(lambda: len(broker.values) == 2 or second.done())
        with producer._lock:
            time.sleep(HELD_S)
        third = producer.send(TOPIC, b"third").result(WAIT_S)

    assert third.offset == 2
    assert broker.values == [b"first", b"second", b"third"]


def test_an_answer_that_came_while_the_loop_was_held_is_no_time_out() -> None:
    async def story(broker: OneBroker) -> int:
        async with AsyncProducer({"bootstrap.servers": broker.address} | HASTY) as producer:
            await producer.send_and_wait(TOPIC, b"first")
            second = await producer.send(TOPIC, b"second")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            # The request has left by now; its answer comes while nobody looks.
            eventually(lambda: len(broker.values) == 2)
            asyncio.get_running_loop().call_soon(time.sleep, HELD_S)
            await second
            return (await producer.send_and_wait(TOPIC, b"third")).offset

    with OneBroker() as broker:
        third = asyncio.run(asyncio.wait_for(story(broker), WAIT_S))

    assert third == 2
    assert broker.values == [b"first", b"second", b"third"]
