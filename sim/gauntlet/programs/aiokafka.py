"""aiokafka."""

from __future__ import annotations

import asyncio
from asyncio import Future
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from sim.gauntlet.programs.conversation import Send, acknowledged, begun, closed, failed, told


async def main() -> None:
    """Send what is told, in turn: whoever awaits `send` has a place in the queue."""
    producer = AIOKafkaProducer(**await asyncio.to_thread(begun))
    await producer.start()
    words = told()
    while (word := await asyncio.to_thread(next, words, None)) is not None:
        if isinstance(word, Send):
            await _send(producer, word)
    await producer.stop()
    closed()


async def _send(producer: Any, asked: Send) -> None:
    try:
        sent: Future[Any] = await producer.send(
            asked.topic,
            value=asked.value,
            key=asked.key,
            partition=asked.partition,
            timestamp_ms=asked.timestamp_ms,
            headers=list(asked.headers),
        )
    except (KafkaError, ValueError, AssertionError) as error:
        failed(asked.number, error, is_certain=True)
        return

    def done(future: Future[Any]) -> None:
        error = future.exception()
        if error is None:
            told_of = future.result()
            acknowledged(asked.number, told_of.partition, told_of.offset, told_of.timestamp)
        else:
            failed(asked.number, error, code=getattr(error, "errno", -1))

    sent.add_done_callback(done)


if __name__ == "__main__":
    asyncio.run(main())
