"""A task of an AsyncProducer's that a collector takes: on whatever thread it does, the engine is the loop's own matter."""

from __future__ import annotations

import asyncio
import threading

from producer import AsyncProducer
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, Stopwatch


def test_a_task_that_is_collected_on_another_thread_leaves_its_place_in_the_queue_in_the_loop() -> None:
    async def story(broker: OneBroker) -> int:
        async with AsyncProducer({"bootstrap.servers": broker.address} | CALM) as producer:
            await producer.send_and_wait(TOPIC, b"first")
            waits = producer.partitions_for("elsewhere")
            waits.send(None)
            collector = threading.Thread(target=waits.close)
            collector.start()
            collector.join()
            assert producer._engine._metadata_waits, "the engine was touched by a thread that is not the loop's"
            await asyncio.sleep(0)
            assert not producer._engine._metadata_waits
            return (await producer.send_and_wait(TOPIC, b"second")).offset

    with OneBroker() as broker, Stopwatch():
        assert asyncio.run(story(broker)) == 1
    assert broker.values == [b"first", b"second"]
