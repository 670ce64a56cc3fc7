"""`send_many` is a loop over `send`, only faster: the same records in the same order, a future for each."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from producer import Interceptor, Producer
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
from tests.unit.producer.drivers.patience import eventually, knows

WAIT_S = 30
PARTITIONS = 4

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"many-{next(names)}"


@pytest.fixture
def producer(bootstrap: str) -> Iterator[Producer]:
    with Producer({"bootstrap.servers": bootstrap}) as one:
        yield one


@pytest.mark.parametrize("sizes", [(20,), (0, 1, 70, 9_000)], ids=["one shape", "mixed"])
def test_each_record_arrives_once_in_its_keys_order_and_where_its_future_says(
    bootstrap: str, producer: Producer, topic: str, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "RUN_RECORDS", 700)  # so that a call goes over its columns in pieces
    keys = [b"key-%d" % (number % 37) for number in range(3_000)]
    values = [b"%06d" % number + bytes(sizes[number % len(sizes)]) for number in range(3_000)]

    futures = producer.send_many(topic, values, keys=keys)
    told = [future.result(WAIT_S) for future in futures]

    assert [one.partition for one in told] == [partition_for_key(key, PARTITIONS) for key in keys]
    found = {(one.partition, one.offset): (one.key, one.value) for one in read_back(bootstrap, topic, len(values))}
    assert [found[one.partition, one.offset] for one in told] == list(zip(keys, values, strict=True))
    for key in set(keys):
        offsets = [one.offset for one, its in zip(told, keys, strict=True) if its == key]
        assert offsets == sorted(offsets)


def test_without_keys_records_spread_over_partitions(producer: Producer, topic: str) -> None:
    futures = producer.send_many(topic, [bytes(200)] * 5_000)

    told = [future.result(WAIT_S) for future in futures]

    assert {one.partition for one in told} == set(range(PARTITIONS))
    assert len({(one.partition, one.offset) for one in told}) == 5_000


def test_nothing_is_nothing(producer: Producer, topic: str) -> None:
    assert list(producer.send_many(topic, [])) == []


def test_null_values_and_sends_between_keep_their_order(bootstrap: str, producer: Producer, topic: str) -> None:
    futures = list(producer.send_many(topic, [b"1", None], keys=[b"k", b"k"]))
    futures.append(producer.send(topic, b"3", key=b"k"))
    futures += producer.send_many(topic, [b"4"], keys=[b"k"])

    offsets = [future.result(WAIT_S).offset for future in futures]

    assert offsets == sorted(offsets)
    found = sorted(read_back(bootstrap, topic, 4), key=lambda one: one.offset)
    assert [one.value for one in found] == [b"1", None, b"3", b"4"]


def test_each_delivery_is_called_back(producer: Producer, topic: str) -> None:
    told: list[Any] = []
    producer.send_many(topic, [b"a", b"b", b"c"], on_delivery=lambda metadata, error: told.append((metadata, error)))
    producer.flush(WAIT_S)

    assert [error for _, error in told] == [None] * 3
    assert all(isinstance(metadata, RecordMetadata) for metadata, _ in told)


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
    properties = {"bootstrap.servers": bootstrap, "max.request.size": 20_000}
    with Producer(properties, interceptors=[louder]) as producer:
        futures = producer.send_many(
            topic, [b"a", bytes(30_000), b"b"], keys=[b"k"] * 3, on_delivery=lambda _, error: told.append(error)
        )
        producer.flush(WAIT_S)

    assert [one.value for one in read_back(bootstrap, topic, 2)] == [b"A", b"B"]
    assert [type(futures[place].exception(0)) for place in range(3)] == [type(None), RecordTooLargeError, type(None)]
    assert sorted(louder.heard) == ["None", "None", "RecordTooLargeError"]
    assert len(told) == 3


@pytest.mark.parametrize(
    ("values", "keys", "says"),
    [
        ([b"v", "text"], None, "value 1 is a str, must be bytes or None"),
        ([b"v", b"v"], [b"k", None], "key 1 is a NoneType, must be bytes"),
        ([b"v", b"v"], [b"k"], "1 keys and 2 values, must be as many"),
        ([bytearray(b"v")], [b"k"], "value 0 is a bytearray"),
    ],
)
def test_a_wrong_column_is_named_and_nothing_is_sent(
    producer: Producer, topic: str, values: Any, keys: Any, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        producer.send_many(topic, values, keys=keys)

    assert producer.metrics().value("record-send-total") == 0


def test_a_closed_producer_takes_no_columns(bootstrap: str, topic: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.close()

    with pytest.raises(ProducerClosedError):
        producer.send_many(topic, [b"v"])


def test_one_record_too_large_ends_alone(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "max.request.size": 20_000}) as producer:
        futures = producer.send_many(topic, [b"small", bytes(30_000), b"small"], keys=[b"k"] * 3)

        assert isinstance(futures[1].exception(WAIT_S), RecordTooLargeError)
        assert [futures[place].exception(WAIT_S) for place in (0, 2)] == [None, None]


def test_without_brokers_the_wait_is_one_and_every_future_ends(topic: str) -> None:
    with Producer({"bootstrap.servers": "127.0.0.1:1", "max.block.ms": 100}) as producer:
        futures = producer.send_many(topic, [b"v"] * 50)

        assert all(isinstance(future.exception(0), MetadataTimeoutError) for future in futures)


def test_a_full_buffer_ends_the_rest_once(topic: str) -> None:
    with failing_cluster() as cluster:
        properties = {"bootstrap.servers": cluster.bootstrap, "buffer.memory": 40_000, "max.block.ms": 200}
        with Producer(properties) as producer:
            eventually(lambda: knows(producer, topic))
            cluster.fail_next_produce([Code.NOT_ENOUGH_REPLICAS] * 1_000)

            futures = producer.send_many(topic, [bytes(1_000)] * 200, keys=[b"k"] * 200)

            refused = [future for future in futures if future.done()]
            assert 100 < len(refused) < 200
            assert all(isinstance(future.exception(0), BufferExhaustedError) for future in refused)
            cluster.clear()
            queued = [futures[place] for place in range(200) if place not in futures.errors()]
            assert [future.exception(WAIT_S) for future in queued] == [None] * len(queued)
