"""aiokafka."""

from __future__ import annotations

import asyncio
from asyncio import Future
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced

from sim.gauntlet.programs.conversation import Send, acknowledged, begun, closed, done, failed, refused, told


async def main() -> None:
    """Send what is told, in turn: whoever awaits `send` has a place in the queue."""
    properties = await asyncio.to_thread(begun)
    producer = AIOKafkaProducer(**properties)
    if "transactional_id" not in properties:
        await producer.start()
    words = told()
    while (word := await asyncio.to_thread(next, words, None)) is not None:
        if isinstance(word, Send):
            await _send(producer, word)
        elif word in CALLS:
            await _carry_out(producer, word)
    await producer.stop()
    closed()


CALLS = {
    # It has no call of that name: to start is to take the id over.
    "init": AIOKafkaProducer.start,
    "begin": AIOKafkaProducer.begin_transaction,
    "commit": AIOKafkaProducer.commit_transaction,
    "abort": AIOKafkaProducer.abort_transaction,
}


async def _carry_out(producer: Any, call: str) -> None:
    try:
        await CALLS[call](producer)
    except ProducerFenced as error:
        refused(call, error, "fenced", getattr(error, "errno", -1))
    except KafkaError as error:
        refused(call, error, "abortable", getattr(error, "errno", -1))
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its answer
        refused(call, error, "fatal", -1)
    else:
        done(call)


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

    def ended(future: Future[Any]) -> None:
        error = future.exception()
        if error is None:
            told_of = future.result()
            acknowledged(asked.number, told_of.partition, told_of.offset, told_of.timestamp)
        else:
            failed(asked.number, error, code=getattr(error, "errno", -1))

    sent.add_done_callback(ended)


if __name__ == "__main__":
    asyncio.run(main())
