"""AsyncProducer on librdkafka's brokers: waits that are cancelled, in vain, or over, and that nothing is lost by them."""

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from producer import AsyncProducer
from producer.errors import (
    BufferExhaustedError,
    Code,
    MetadataTimeoutError,
    ProducerClosedError,
    SendError,
)
from producer.records import RecordMetadata
from tests.librdkafka.failing_cluster import failing_cluster
from tests.librdkafka.reading import read_back
from tests.unit.producer.drivers.patience import until, until_it_knows

WAIT_S = 30


T = TypeVar("T")


names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"async-cancelled-{next(names)}"


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(story, WAIT_S))


def test_a_task_cancelled_while_it_awaits_its_record_loses_neither_record_nor_verdict(
    bootstrap: str, topic: str
) -> None:
    async def story() -> RecordMetadata:
        async with AsyncProducer({"bootstrap.servers": bootstrap, "linger.ms": 200}) as producer:
            future = await producer.send(topic, b"v", partition=0)
            impatient = asyncio.ensure_future(future)
            await asyncio.sleep(0)
            impatient.cancel()
            with pytest.raises(asyncio.CancelledError):
                await impatient
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(future, 0.001)
            assert not future.done()
            return await future

    told = run(story())

    assert (told.partition, told.offset) == (0, 0)
    assert [one.value for one in read_back(bootstrap, topic, 1)] == [b"v"]


def test_a_task_cancelled_while_it_waits_for_room_has_sent_nothing_and_lets_the_next_one_in() -> None:
    async def story(bootstrap: str) -> list[bytes]:
        properties = {"bootstrap.servers": bootstrap, "buffer.memory": 1_000, "batch.size": 1_000, "linger.ms": 0}
        async with AsyncProducer(properties) as producer:
            await producer.partitions_for("orders")
            first = await producer.send("orders", b"first", partition=0)
            buffer = producer._engine._buffer
            blocked = asyncio.create_task(producer.send("orders", b"cancelled", partition=1))
            behind = asyncio.create_task(producer.send("orders", b"behind", partition=2))
            await until(lambda: buffer.waiters == 2)
            blocked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await blocked
            cluster.clear()
            await first
            await (await behind)
            assert buffer.waiters == 0
        return sorted(one.value or b"" for one in read_back(bootstrap, "orders", 2))

    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 1_000)
        assert run(story(cluster.bootstrap)) == [b"behind", b"first"]


def test_a_close_that_is_cancelled_tells_every_future() -> None:
    async def story(bootstrap: str) -> None:
        producer = AsyncProducer({"bootstrap.servers": bootstrap, "retry.backoff.ms": 1_000})
        future = await producer.send("orders", b"v", partition=0)
        closing = asyncio.create_task(producer.close())
        await asyncio.sleep(0.1)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert isinstance(future.exception(), SendError)

    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 20)
        run(story(cluster.bootstrap))


def test_a_flush_whose_time_is_up_says_so_and_loses_nothing() -> None:
    async def story(bootstrap: str) -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            future = await producer.send("orders", b"v", partition=0)
            with pytest.raises(TimeoutError, match="not everything was answered within"):
                await producer.flush(0.05)
            cluster.clear()
            assert (await future).offset == 0

    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 1_000)
        run(story(cluster.bootstrap))


@pytest.mark.parametrize("call", ["send", "partitions_for"])
def test_nobody_listening_is_reported_with_the_address(call: str) -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": "127.0.0.1:1", "max.block.ms": 200}) as producer:
            with pytest.raises(MetadataTimeoutError, match=r"no answer from 127\.0\.0\.1:1 after 200 ms"):
                await getattr(producer, call)("orders")

    run(story())


def test_no_room_in_time_is_reported() -> None:
    async def story(bootstrap: str) -> None:
        properties = {"bootstrap.servers": bootstrap, "buffer.memory": 1_000, "batch.size": 1_000, "max.block.ms": 50}
        async with AsyncProducer(properties) as producer:
            await until_it_knows(producer, "orders")
            kept = await producer.send("orders", b"v", partition=0)
            with pytest.raises(BufferExhaustedError, match=r"no room for 1000 bytes in buffer\.memory of 1000"):
                await producer.send("orders", b"v", partition=1)
            cluster.clear()
            assert (await kept).offset == 0

    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 1_000)
        run(story(cluster.bootstrap))


def test_a_task_that_waits_for_metadata_hears_of_the_close() -> None:
    async def story() -> None:
        producer = AsyncProducer({"bootstrap.servers": "127.0.0.1:1"})
        waiting = asyncio.create_task(producer.send("orders", b"v"))
        await asyncio.sleep(0.01)
        await producer.close()
        with pytest.raises(ProducerClosedError):
            await waiting
        with pytest.raises(ProducerClosedError):
            await producer.send("orders", b"v")
        await producer.close()

    run(story())


def test_an_exception_on_its_way_out_does_not_wait_for_a_broker() -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": "127.0.0.1:1"}):
            raise ValueError("the application's own")

    with pytest.raises(ValueError, match="the application's own"):
        run(story())
