"""Whatever is called at the end of a producer, behind it, or twice: nothing fails that has nothing left to do."""

from __future__ import annotations

import asyncio
import threading

from producer import AsyncProducer
from producer.errors import SendError
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm


def test_behind_close_there_is_nothing_to_purge_to_flush_or_to_close() -> None:
    async def story(broker: OneBroker) -> None:
        producer = AsyncProducer({"bootstrap.servers": broker.address} | CALM)
        await producer.send_and_wait(TOPIC, b"v")
        await producer.close()
        producer.purge()
        await producer.flush(WAIT_S)
        await producer.close()
        producer.purge()

    with OneBroker() as broker, Stopwatch():
        producer = calm(broker)
        producer.send(TOPIC, b"v").result(WAIT_S)
        producer.close()
        producer.purge()
        producer.flush(WAIT_S)
        producer.close()
        producer.purge()
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))


def test_closed_by_many_at_once_it_is_closed_once() -> None:
    failures: list[Exception] = []
    with OneBroker(Behaviour.SILENT) as broker, Stopwatch():
        producer = calm(broker)
        sent = producer.send(TOPIC, b"v")
        began = threading.Barrier(8)

        def close(number: int) -> None:
            began.wait(WAIT_S)
            try:
                # Some wait for an answer that never comes, until one has no time to.
                producer.close(0 if number % 2 else None)
                producer.purge()
            except (OSError, RuntimeError) as error:
                failures.append(error)

        threads = [threading.Thread(target=close, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)

        assert failures == []
        assert isinstance(sent.exception(WAIT_S), SendError)
        assert not producer._thread.is_alive()


def test_on_a_loop_it_is_closed_once_too() -> None:
    async def story(broker: OneBroker) -> None:
        producer = AsyncProducer({"bootstrap.servers": broker.address} | CALM)
        sent = await producer.send(TOPIC, b"v")
        await asyncio.gather(*(producer.close(None if number % 2 else 0) for number in range(8)))
        producer.purge()
        assert isinstance(sent.exception(), SendError)

    with OneBroker(Behaviour.SILENT) as broker, Stopwatch():
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))
