"""A producer whose thread or loop is held past a request's time: the answer lies in the socket by then, and is taken."""

from __future__ import annotations

import asyncio
import select
import threading
from typing import Any

from producer import AsyncProducer
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, calm, eventually, skipping

HELD_S = 90
"""Longer than a request may take, and shorter than a record."""


def test_an_answer_that_came_while_the_producers_thread_was_held_is_no_time_out() -> None:
    answers = threading.Event()
    with OneBroker() as broker, calm(broker) as producer, skipping() as skip:
        producer.send(TOPIC, b"first").result(WAIT_S)
        broker.when_taken = lambda: answers.wait(WAIT_S)
        second = producer.send(TOPIC, b"second")
        driver = producer._driver
        eventually(lambda: len(broker.values) == 2 and driver.sleeps_until_us)
        with producer._lock:
            answers.set()
            # The answer wakes the thread, which can do nothing with it before it has the lock.
            eventually(lambda: not driver.sleeps_until_us)
            skip(HELD_S)
        assert second.result(WAIT_S).offset == 1
        third = producer.send(TOPIC, b"third").result(WAIT_S)

    assert third.offset == 2
    assert broker.values == [b"first", b"second", b"third"]


def test_an_answer_that_came_while_the_loop_was_held_is_no_time_out() -> None:
    answers = threading.Event()

    async def story(broker: OneBroker) -> int:
        async with AsyncProducer({"bootstrap.servers": broker.address} | CALM) as producer:
            await producer.send_and_wait(TOPIC, b"first")
            broker.when_taken = lambda: answers.wait(WAIT_S)
            second = await producer.send(TOPIC, b"second")
            await asyncio.to_thread(eventually, lambda: len(broker.values) == 2)
            answers.set()
            sockets: list[Any] = [one.socket for one in producer._driver._connections.values()]  # type: ignore[attr-defined]
            assert select.select(sockets, [], [], WAIT_S)[0]
            # Nobody has looked since the answer came, and the request's time is up.
            skip(HELD_S)
            await second
            return (await producer.send_and_wait(TOPIC, b"third")).offset

    with OneBroker() as broker, skipping() as skip:
        third = asyncio.run(asyncio.wait_for(story(broker), HELD_S + WAIT_S))

    assert third == 2
    assert broker.values == [b"first", b"second", b"third"]
