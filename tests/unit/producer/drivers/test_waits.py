"""Whoever waits for room, an answer or the end waits no longer than he said: on real sockets, with both drivers."""

from __future__ import annotations

import asyncio
import threading

import pytest

from producer import AsyncProducer
from producer.errors import (
    BufferExhaustedError,
    Outcome,
    ProducerClosedError,
    SendError,
)
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm, eventually, knows, skipping


def test_flush_and_close_give_up_in_their_time_and_each_record_is_told() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = calm(broker)
        sent = producer.send(TOPIC, b"v")
        eventually(lambda: broker.values)
        with pytest.raises(TimeoutError, match=r"not everything was answered within 0\.1 s"):
            producer.flush(0.1)
        producer.close(0.1)

        error = sent.exception(0)
        assert isinstance(error, SendError)
        assert error.outcome is Outcome.UNKNOWN
        with pytest.raises(ProducerClosedError):
            producer.send(TOPIC, b"v")


def test_an_asyncio_producer_gives_up_in_its_time_too() -> None:
    async def story(broker: OneBroker) -> None:
        producer = AsyncProducer({"bootstrap.servers": broker.address} | CALM)
        sent = await producer.send(TOPIC, b"v")
        with pytest.raises(TimeoutError):
            await producer.flush(0.1)
        await producer.close(0.1)
        assert isinstance(sent.exception(), SendError)

    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))


def test_a_full_buffer_is_waited_for_no_longer_than_max_block_ms() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = calm(broker, max_block_ms=300, buffer_memory=1_000, batch_size=1_000)
        eventually(lambda: knows(producer, TOPIC))
        producer.send(TOPIC, bytes(800))
        with pytest.raises(BufferExhaustedError, match=r"no room for 1000 bytes in buffer.memory of 1000 \(0 free\)"):
            producer.send(TOPIC, bytes(800))
        producer.close(0)


def test_who_waits_behind_one_that_gives_up_is_served_then() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch(), skipping() as skip:
        producer = calm(broker, buffer_memory=3_000, batch_size=1_000)
        producer.send(TOPIC, bytes(1_500))
        refused: list[BaseException] = []

        def send_a_large_one() -> None:
            try:
                producer.send(TOPIC, bytes(2_500))
            except BufferExhaustedError as error:
                refused.append(error)

        def let_the_first_lose_patience() -> None:
            eventually(lambda: producer._engine._buffer.waiters == 2)
            skip(40)
            with producer._changed:
                producer._changed.notify_all()

        sender = threading.Thread(target=send_a_large_one)
        sender.start()
        eventually(lambda: producer._engine._buffer.waiters == 1)
        skip(40)
        other = threading.Thread(target=let_the_first_lose_patience)
        other.start()
        # There is room for this one, but the first who waits is served first. It gives up before this one would.
        producer.send(TOPIC, bytes(500))
        for thread in (sender, other):
            thread.join(WAIT_S)

        assert len(refused) == 1
        producer.close(0)


def test_the_longest_time_there_is_can_be_waited() -> None:
    with OneBroker() as broker, calm(broker, max_block_ms=2**63 - 1) as producer, Stopwatch():
        assert producer.send(TOPIC, b"v").result(WAIT_S).offset == 0
