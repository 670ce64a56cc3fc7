"""`AsyncProducer.send_many` is a loop over `send`, only faster, and lets the event loop work meanwhile."""

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from producer import AsyncProducer, Interceptor
from producer.drivers import columns
from producer.errors import (
    BufferExhaustedError,
    Code,
    MetadataTimeoutError,
    ProducerClosedError,
    ProducerError,
    RecordTooLargeError,
    UsageError,
)
from producer.partitioners.keyed import partition_for_key
from producer.records import Headers, Record, RecordMetadata
from tests.librdkafka.failing_cluster import failing_cluster
from tests.librdkafka.reading import read_back
from tests.unit.producer.drivers.patience import until, until_it_knows

WAIT_S = 30
PARTITIONS = 4

T = TypeVar("T")

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"async-many-{next(names)}"


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(story, WAIT_S))


@pytest.mark.parametrize("sizes", [(20,), (0, 1, 70, 9_000)], ids=["one shape", "mixed"])
def test_each_record_arrives_once_in_its_keys_order_and_where_its_future_says(
    bootstrap: str, topic: str, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "RUN_RECORDS", 700)  # so that a call goes over its columns in pieces
    keys = [b"key-%d" % (number % 37) for number in range(3_000)]
    values = [b"%06d" % number + bytes(sizes[number % len(sizes)]) for number in range(3_000)]

    async def story() -> list[RecordMetadata]:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            futures = await producer.send_many(topic, values, keys=keys)
            return [await future for future in futures]

    told = run(story())

    assert [one.partition for one in told] == [partition_for_key(key, PARTITIONS) for key in keys]
    found = {(one.partition, one.offset): (one.key, one.value) for one in read_back(bootstrap, topic, len(values))}
    assert [found[one.partition, one.offset] for one in told] == list(zip(keys, values, strict=True))
    for key in set(keys):
        offsets = [one.offset for one, its in zip(told, keys, strict=True) if its == key]
        assert offsets == sorted(offsets)


def test_without_keys_records_spread_over_partitions(bootstrap: str, topic: str) -> None:
    async def story() -> list[RecordMetadata]:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            futures = await producer.send_many(topic, [bytes(200)] * 5_000)
            await producer.flush(WAIT_S)
            assert not futures.errors()
            return [future.result() for future in futures]

    told = run(story())

    assert {one.partition for one in told} == set(range(PARTITIONS))
    assert len({(one.partition, one.offset) for one in told}) == 5_000


def test_null_values_and_sends_between_keep_their_order(bootstrap: str, topic: str) -> None:
    async def story() -> list[int]:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            futures = list(await producer.send_many(topic, [b"1", None], keys=[b"k", b"k"]))
            futures.append(await producer.send(topic, b"3", key=b"k"))
            futures += await producer.send_many(topic, [b"4"], keys=[b"k"])
            futures += await producer.send_many(topic, [])
            return [(await future).offset for future in futures]

    offsets = run(story())

    assert offsets == sorted(offsets)
    found = sorted(read_back(bootstrap, topic, 4), key=lambda one: one.offset)
    assert [one.value for one in found] == [b"1", None, b"3", b"4"]


class Louder(Interceptor):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_send(self, record: Record) -> Record:
        return record._replace(value=(record.value or b"").upper())

    def on_acknowledgement(self, metadata: RecordMetadata, error: ProducerError | None, headers: Headers) -> None:
        self.heard.append("None" if error is None else type(error).__name__)


def test_interceptors_see_each_record_and_hear_once_of_each(bootstrap: str, topic: str) -> None:
    louder = Louder()
    told: list[Any] = []

    async def story() -> list[type]:
        properties = {"bootstrap.servers": bootstrap, "max.request.size": 20_000}
        async with AsyncProducer(properties, interceptors=[louder]) as producer:
            futures = await producer.send_many(
                topic, [b"a", bytes(30_000), b"b"], keys=[b"k"] * 3, on_delivery=lambda _, error: told.append(error)
            )
            await producer.flush(WAIT_S)
            return [type(future.exception()) for future in futures]

    assert run(story()) == [type(None), RecordTooLargeError, type(None)]
    assert [one.value for one in read_back(bootstrap, topic, 2)] == [b"A", b"B"]
    assert sorted(louder.heard) == ["None", "None", "RecordTooLargeError"]
    assert len(told) == 3


@pytest.mark.parametrize(
    ("values", "keys", "says"),
    [
        ([b"v", "text"], None, "value 1 is a str, must be bytes or None"),
        ([b"v", b"v"], [b"k", None], "key 1 is a NoneType, must be bytes"),
        ([b"v", b"v"], [b"k"], "1 keys and 2 values, must be as many"),
    ],
)
def test_a_wrong_column_is_named_and_nothing_is_sent(
    bootstrap: str, topic: str, values: Any, keys: Any, says: str
) -> None:
    async def story() -> float:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            with pytest.raises(UsageError, match=says):
                await producer.send_many(topic, values, keys=keys)
            return producer.metrics().value("record-send-total")

    assert run(story()) == 0


def test_a_closed_producer_takes_no_columns(bootstrap: str, topic: str) -> None:
    async def story() -> None:
        producer = AsyncProducer({"bootstrap.servers": bootstrap})
        await producer.close()
        with pytest.raises(ProducerClosedError):
            await producer.send_many(topic, [b"v"])

    run(story())


def test_without_brokers_the_wait_is_one_and_every_future_ends(topic: str) -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": "127.0.0.1:1", "max.block.ms": 100}) as producer:
            futures = await producer.send_many(topic, [b"v"] * 50)
            assert all(isinstance(future.exception(), MetadataTimeoutError) for future in futures)

    run(story())


def test_a_full_buffer_ends_the_rest_once_and_what_was_queued_is_delivered(topic: str) -> None:
    async def story() -> None:
        with failing_cluster() as cluster:
            properties = {"bootstrap.servers": cluster.bootstrap, "buffer.memory": 40_000, "max.block.ms": 200}
            async with AsyncProducer(properties) as producer:
                await until_it_knows(producer, topic)
                cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 1_000)

                futures = await producer.send_many(topic, [bytes(1_000)] * 200, keys=[b"k"] * 200)

                refused = [future for future in futures if future.done()]
                assert 100 < len(refused) < 200
                assert all(isinstance(future.exception(), BufferExhaustedError) for future in refused)
                cluster.clear()
                await producer.flush(WAIT_S)
                assert len(futures.errors()) == len(refused)

    run(story())


def test_little_memory_makes_it_wait_and_other_tasks_go_on_meanwhile(bootstrap: str, topic: str) -> None:
    properties = {"bootstrap.servers": bootstrap, "buffer.memory": 40_000, "batch.size": 2_000}
    rounds = 0

    async def tick() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    async def story() -> int:
        async with AsyncProducer(properties) as producer:
            ticking = asyncio.create_task(tick())
            futures = await producer.send_many(topic, [bytes(100)] * 5_000, keys=[b"k"] * 5_000)
            await producer.flush(WAIT_S)
            ticking.cancel()
            assert [future.result().offset for future in futures] == list(range(5_000))
        return rounds

    # Some 250 batches leave; the loop has a round for each of them at least.
    assert run(story()) > 250


def test_cancelled_while_it_waits_it_queues_no_more_and_what_it_queued_is_delivered_and_told() -> None:
    told: list[Any] = []

    async def story(bootstrap: str) -> int:
        properties = {"bootstrap.servers": bootstrap, "buffer.memory": 40_000}
        async with AsyncProducer(properties) as producer:
            await producer.partitions_for("orders")
            sending = asyncio.create_task(
                producer.send_many(
                    "orders", [bytes(1_000)] * 200, keys=[b"k"] * 200, on_delivery=lambda *it: told.append(it)
                )
            )
            await until(lambda: producer._engine._buffer.waiters)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert not producer._engine._buffer.has_waiters
            await producer.flush(WAIT_S)
            assert producer._answers.outstanding._waiting == [], "nobody waits for what was never queued"
            return (await producer.send_and_wait("orders", b"after", key=b"k")).offset

    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 3)
        after = run(story(cluster.bootstrap))

    assert 0 < len(told) < 200
    assert [metadata.offset for metadata, _ in told] == list(range(len(told)))
    assert after == len(told)
