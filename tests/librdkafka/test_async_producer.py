"""AsyncProducer against librdkafka's brokers: the same engine, semantics and errors as the threaded one."""

import asyncio
import itertools
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from producer import AsyncProducer, Interceptor, Producer
from producer.errors import (
    Code,
    PurgedError,
    RecordTooLargeError,
    SendError,
    UsageError,
)
from producer.large_payloads import chunking
from producer.records import Record, RecordMetadata
from tests.builds import pure_only
from tests.librdkafka.airports import airports
from tests.librdkafka.failing_cluster import failing_cluster
from tests.librdkafka.reading import read_back

WAIT_S = 30


T = TypeVar("T")


names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"async-{next(names)}"


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(story, WAIT_S))


@pytest.mark.parametrize("codec", ["none", "lz4"])
def test_records_arrive_as_sent_in_order_per_key(bootstrap: str, topic: str, codec: str) -> None:
    records = airports()

    async def story() -> list[RecordMetadata]:
        async with AsyncProducer({"bootstrap.servers": bootstrap, "compression.type": codec}) as producer:
            futures = [await producer.send(topic, value, key=key) for key, value in records]
        return [future.result() for future in futures]

    told = run(story())
    found = read_back(bootstrap, topic, len(records))

    by_place = {(one.partition, one.offset): (one.key, one.value) for one in found}
    assert [by_place[one.partition, one.offset] for one in told] == records


def test_both_drivers_give_a_key_the_same_partition(bootstrap: str, topic: str) -> None:
    keys = sorted({key for key, _ in airports()})

    async def story() -> list[int]:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            return [(await producer.send_and_wait(topic, b"v", key=key)).partition for key in keys[:20]]

    with Producer({"bootstrap.servers": bootstrap}) as producer:
        threaded = [producer.send(topic, b"v", key=key).result(WAIT_S).partition for key in keys[:20]]

    assert run(story()) == threaded


def test_no_thread_is_started_but_for_names(bootstrap: str, topic: str) -> None:
    async def story() -> set[str]:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            await producer.send_and_wait(topic, b"v")
            return {thread.name for thread in threading.enumerate()} - before

    before = {thread.name for thread in threading.enumerate()}

    assert {name.partition("_")[0] for name in run(story())} <= {"asyncio"}


def test_a_thousand_tasks_send_and_each_hears_of_its_own(bootstrap: str, topic: str) -> None:
    async def story() -> list[RecordMetadata]:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            return await asyncio.gather(
                *(producer.send_and_wait(topic, b"%d" % index, partition=0) for index in range(1_000))
            )

    told = run(story())

    assert [one.value for one in read_back(bootstrap, topic, 1_000)] == [b"%d" % index for index in range(1_000)]
    assert [one.offset for one in told] == list(range(1_000))


def test_little_memory_makes_senders_wait_and_loses_nothing(bootstrap: str, topic: str) -> None:
    properties = {"bootstrap.servers": bootstrap, "buffer.memory": 4_096, "batch.size": 512}

    async def story() -> list[int]:
        async with AsyncProducer(properties) as producer:
            told = await asyncio.gather(
                *(producer.send_and_wait(topic, b"%0100d" % index, partition=0) for index in range(500))
            )
        return sorted(one.offset for one in told)

    assert run(story()) == list(range(500))


def test_interceptors_see_records_verdicts_and_refusals(bootstrap: str, topic: str) -> None:
    class Noting(Interceptor):
        def __init__(self) -> None:
            self.notes: list[Any] = []

        def on_send(self, record: Record) -> Record:
            return record._replace(headers=(("seen", b"1"),))

        def on_acknowledgement(self, metadata: Any, error: Any, headers: Any) -> None:
            self.notes.append((metadata.offset, type(error), headers))

        def close(self) -> None:
            self.notes.append("closed")

    noting = Noting()

    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}, interceptors=[noting]) as producer:
            await producer.send_and_wait(topic, b"v", partition=0)
            with pytest.raises(RecordTooLargeError):
                await producer.send(topic, bytes(2_000_000))

    run(story())

    seen = (("seen", b"1"),)
    assert noting.notes == [(0, type(None), seen), (-1, RecordTooLargeError, seen), "closed"]


def test_a_producer_belongs_to_the_loop_that_it_was_made_in(bootstrap: str) -> None:
    async def make() -> AsyncProducer:
        producer = AsyncProducer({"bootstrap.servers": bootstrap})
        await producer.close()
        return producer

    producer = run(make())

    with pytest.raises(UsageError, match="belongs to the event loop"):
        run(producer.send("orders", b"v"))
    with pytest.raises(RuntimeError, match="no running event loop"):
        AsyncProducer({"bootstrap.servers": bootstrap})


def test_flush_waits_for_what_was_sent_and_callbacks_have_been_called(bootstrap: str, topic: str) -> None:
    async def story() -> tuple[list[bool], list[Any]]:
        heard: list[Any] = []
        async with AsyncProducer({"bootstrap.servers": bootstrap, "linger.ms": 5_000}) as producer:
            futures = [
                await producer.send(topic, b"v", on_delivery=lambda metadata, error: heard.append((metadata, error)))
                for _ in range(10)
            ]
            await producer.flush(WAIT_S)
            return [future.done() for future in futures], heard

    done, heard = run(story())

    assert done == [True] * 10
    assert len(heard) == 10
    assert all(error is None for _, error in heard)


def test_a_callback_that_raises_ends_no_other_record(bootstrap: str, topic: str) -> None:
    def fail(_metadata: object, _error: object) -> None:
        raise ValueError("the application's own")

    async def story() -> int:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            await producer.send(topic, b"a", on_delivery=fail)
            await producer.flush(WAIT_S)
            return (await producer.send_and_wait(topic, b"b")).serialized_value_size

    assert run(story()) == 1


def test_partitions_for_waits_for_them_and_names_leaders(bootstrap: str, topic: str) -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            told = await producer.partitions_for(topic)
            assert [one.partition for one in told] == [0, 1, 2, 3]
            assert all(one.leader in producer.cluster().brokers for one in told)

    run(story())


def test_bad_arguments_are_refused_as_by_the_threaded_producer(bootstrap: str, topic: str) -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            with pytest.raises(UsageError, match="value is a str, must be bytes"):
                await producer.send(topic, "text")
            with pytest.raises(RecordTooLargeError, match=r"does not fit max\.request\.size"):
                await producer.send(topic, bytes(2_000_000))
            future = await producer.send(topic, b"v")
            with pytest.raises(asyncio.InvalidStateError):
                future.result()

    run(story())


def test_a_refusal_by_the_broker_ends_the_future_with_its_code() -> None:
    async def story(bootstrap: str) -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            with pytest.raises(SendError) as caught:
                await producer.send_and_wait("orders", b"v", partition=0)
            assert caught.value.code.name == "TOPIC_AUTHORIZATION_FAILED"
            assert (await producer.send_and_wait("orders", b"w", partition=0)).offset == 0

    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.TOPIC_AUTHORIZATION_FAILED])
        run(story(cluster.bootstrap))


def test_purge_ends_each_future_once_and_the_producer_goes_on(bootstrap: str, topic: str) -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap, "linger.ms": 5_000}) as producer:
            futures = [await producer.send(topic, b"gone", partition=0) for _ in range(10)]
            producer.purge()
            for future in futures:
                with pytest.raises(PurgedError, match="purged by the application"):
                    await future
            kept = await producer.send(topic, b"kept", partition=0)
            await producer.flush(WAIT_S)
            assert (await kept).offset == 0

    run(story())


@pure_only("it puts a method of its own into an engine")
def test_an_engine_that_fails_is_told_to_whoever_waits(bootstrap: str, topic: str) -> None:
    async def story() -> None:
        producer = AsyncProducer({"bootstrap.servers": bootstrap, "linger.ms": 50})
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        await producer.partitions_for(topic)

        def fail(now_us: int, seen_us: int | None = None) -> None:
            raise AssertionError("a planted bug")

        future = await producer.send(topic, b"v")
        producer._engine.timer_fired = fail  # type: ignore[method-assign]
        with pytest.raises(SendError, match="not written: the engine failed: AssertionError: a planted bug"):
            await future
        with pytest.raises(RuntimeError, match="the producer's engine failed"):
            await producer.send(topic, b"v")
        await producer.close()

    run(story())


@pytest.mark.parametrize(
    "properties", [{"partitioner.class": "round_robin"}, {"partitioner.ignore.keys": "true"}], ids=str
)
def test_a_partition_is_chosen_once_for_a_record_that_goes_in_parts(
    bootstrap: str, topic: str, properties: dict[str, str]
) -> None:
    async def story() -> list[list[int]]:
        async with AsyncProducer({"bootstrap.servers": bootstrap, "batch.size": 4_000} | properties) as producer:
            places = []
            for _ in range(8):
                record = Record(topic, bytes(20_000), b"k")
                parts = chunking.split(record, chunk_bytes=1_000, partition=await producer.choose_partition(record))
                told = [await producer.send_record(part) for part in parts]
                places.append([(await one).partition for one in told])
            with pytest.raises(UsageError, match="value is a str"):
                await producer.choose_partition(Record(topic, "text"))  # type: ignore[arg-type]
        return places

    places = run(story())

    assert [len(set(one)) for one in places] == [1] * 8
    assert len({one[0] for one in places}) > 1
