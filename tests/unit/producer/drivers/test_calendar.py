"""Records' times are those of the wall clock when they are sent: somebody may set it, and it goes on while a machine sleeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from producer import AsyncProducer
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm

HOUR_MS = 3_600_000
real_ns = time.time_ns


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the wall clock so many milliseconds ahead, or behind; the monotonic one goes on as it did."""

    def ahead(offset_ms: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: real_ns() + offset_ms * 1_000_000)

    return ahead


def hours(timestamps_ms: list[int]) -> list[int]:
    """By how many hours each is ahead of the true time."""
    now_ms = real_ns() // 1_000_000
    return [round((timestamp_ms - now_ms) / HOUR_MS) for timestamp_ms in timestamps_ms]


def test_every_way_of_sending_takes_the_time_as_it_is_then(step: Callable[[int], None]) -> None:
    with OneBroker() as broker, calm(broker, linger_ms=300) as producer, Stopwatch():
        producer.partitions_for(TOPIC)
        futures = []
        for hour in (0, 1, -5, 7):
            step(hour * HOUR_MS)
            # All of these but the first find a batch that is open already.
            futures.append(producer.send(TOPIC, b"short"))
            futures.append(producer.send(TOPIC, b"long", headers=[("h", b"v")]))
            futures += producer.send_many(TOPIC, [b"many"] * 2)
        given = producer.send(TOPIC, b"its own", timestamp_ms=1_000)
        told = [future.result(WAIT_S).timestamp_ms for future in futures]

        assert hours(told) == [0] * 4 + [1] * 4 + [-5] * 4 + [7] * 4
        assert given.result(WAIT_S).timestamp_ms == 1_000


def test_on_a_loop_too(step: Callable[[int], None]) -> None:
    async def story(broker: OneBroker) -> list[int]:
        futures = []
        async with AsyncProducer({"bootstrap.servers": broker.address} | CALM | {"linger.ms": 300}) as producer:
            await producer.partitions_for(TOPIC)
            for hour in (0, 1, -5, 7):
                step(hour * HOUR_MS)
                futures.append(await producer.send(TOPIC, b"short"))
                futures.append(await producer.send(TOPIC, b"long", headers=[("h", b"v")]))
                futures += await producer.send_many(TOPIC, [b"many"] * 2)
            return [(await future).timestamp_ms for future in futures]

    with OneBroker() as broker, Stopwatch():
        told = asyncio.run(asyncio.wait_for(story(broker), WAIT_S))

    assert hours(told) == [0] * 4 + [1] * 4 + [-5] * 4 + [7] * 4
