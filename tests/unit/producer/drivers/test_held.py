"""A producer whose thread or loop is held past a request's time: the answer lies in the socket by then, and is taken."""

from __future__ import annotations

import asyncio
import select
import threading
from typing import Any

from producer import AsyncProducer
from producer.drivers.connection import Connection
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, calm, eventually, skipping

HELD_S = 90
"""Longer than a request may take, and shorter than a record."""


def has_answer(connections: dict[int, Connection]) -> bool:
    """Wait until bytes lie in a socket that nobody reads meanwhile."""
    sockets: list[Any] = [connection.socket for connection in connections.values()]  # type: ignore[attr-defined]
    return bool(select.select(sockets, [], [], WAIT_S)[0])


def test_an_answer_that_came_while_the_producers_thread_was_held_is_no_time_out() -> None:
    answers = threading.Event()
    with OneBroker() as broker, calm(broker) as producer, skipping() as skip:
        producer.send(TOPIC, b"first").result(WAIT_S)
        broker.when_taken = lambda: answers.wait(WAIT_S)
        second = producer.send(TOPIC, b"second")
        eventually(lambda: len(broker.values) == 2)
        with producer._lock:
            answers.set()
            assert has_answer(producer._driver._connections)
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
            # Nobody has looked since the answer came, and the request's time is up.
            assert has_answer(producer._driver._connections)
            skip(HELD_S)
            await second
            return (await producer.send_and_wait(TOPIC, b"third")).offset

    with OneBroker() as broker, skipping() as skip:
        third = asyncio.run(asyncio.wait_for(story(broker), HELD_S + WAIT_S))

    assert third == 2
    assert broker.values == [b"first", b"second", b"third"]
