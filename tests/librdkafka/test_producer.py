"""Our producer against librdkafka's brokers, read back by librdkafka's consumer."""

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from producer import Producer
from producer.errors import MetadataTimeoutError, ProducerClosedError, UsageError
from tests.librdkafka.airports import airports
from tests.librdkafka.reading import read_back
from tests.unit.producer.drivers.patience import eventually, says

WAIT_S = 30

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"airports-{next(names)}"


@pytest.fixture
def producer(bootstrap: str) -> Iterator[Producer]:
    with Producer({"bootstrap.servers": bootstrap}) as one:
        yield one


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("idempotent", [True, False], ids=["idempotent", "plain"])
def test_librdkafka_reads_back_the_same_bytes_in_order_per_key(
    bootstrap: str, topic: str, codec: str, idempotent: bool
) -> None:
    records = airports()
    properties: dict[str, Any] = {"compression.type": codec, "enable.idempotence": idempotent}

    with Producer({"bootstrap.servers": bootstrap} | properties) as producer:
        futures = [producer.send(topic, value, key=key) for key, value in records]
    told = [future.result(0) for future in futures]
    found = read_back(bootstrap, topic, len(records))

    assert sorted((one.key, one.value) for one in found) == sorted(records)
    by_place = {(one.partition, one.offset): (one.key, one.value) for one in found}
    assert [by_place[one.partition, one.offset] for one in told] == records
    for key in {key for key, _ in records}:
        assert [one.value for one in found if one.key == key] == [value for other, value in records if other == key]


def test_keys_go_to_the_partitions_that_librdkafka_chooses(bootstrap: str, topic: str, producer: Producer) -> None:
    keys = sorted({key for key, _ in airports()} | {b"", b"a", b"\x00\xff" * 9})
    theirs = LibrdkafkaProducer({"bootstrap.servers": bootstrap, "partitioner": "murmur2", "log_level": 0})
    for key in keys:
        theirs.produce(f"{topic}-theirs", key=key, value=b"v")
    theirs.flush(WAIT_S)
    expected = {one.key: one.partition for one in read_back(bootstrap, f"{topic}-theirs", len(keys))}

    chosen = {key: producer.send(topic, b"v", key=key) for key in keys}

    assert {key: future.result(WAIT_S).partition for key, future in chosen.items()} == expected


@pytest.mark.parametrize("acks", ["0", "1", "all"])
def test_every_acks_delivers(bootstrap: str, topic: str, acks: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "acks": acks}) as producer:
        futures = [producer.send(topic, b"%d" % index, key=b"k") for index in range(100)]
        producer.flush(WAIT_S)
        offsets = [future.result(0).offset for future in futures]

    assert offsets == ([-1] * 100 if acks == "0" else list(range(100)))
    assert [one.value for one in read_back(bootstrap, topic, 100)] == [b"%d" % index for index in range(100)]


def test_headers_nulls_partition_and_timestamp_arrive(bootstrap: str, topic: str, producer: Producer) -> None:
    producer.send(
        topic, None, key=None, partition=2, headers=[("h", b"1"), ("h", None)], timestamp_ms=1_700_000_000_000
    ).result(WAIT_S)

    (found,) = read_back(bootstrap, topic, 1)

    assert (found.partition, found.key, found.value, found.timestamp_ms) == (2, None, None, 1_700_000_000_000)
    assert found.headers == [("h", b"1"), ("h", None)]


def test_many_threads_may_send_and_each_keeps_its_order(bootstrap: str, topic: str, producer: Producer) -> None:
    threads, each = 8, 500

    def send(thread: int) -> None:
        for index in range(each):
            producer.send(topic, b"%d" % index, key=b"t%d" % thread)

    workers = [threading.Thread(target=send, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(WAIT_S)
    producer.flush(WAIT_S)
    found = read_back(bootstrap, topic, threads * each)

    for thread in range(threads):
        assert [one.value for one in found if one.key == b"t%d" % thread] == [b"%d" % index for index in range(each)]


def test_a_callback_hears_where_its_record_lies(topic: str, producer: Producer) -> None:
    heard: list[Any] = []

    future = producer.send(
        topic, b"v", partition=1, on_delivery=lambda metadata, error: heard.append((metadata, error))
    )
    producer.flush(WAIT_S)

    assert heard == [(future.result(0), None)]
    assert future.result(0)[:3] == (topic, 1, 0)


def test_a_callback_that_raises_ends_no_other_record(topic: str, producer: Producer) -> None:
    def fail(_metadata: object, _error: object) -> None:
        raise ValueError("the application's own")

    producer.send(topic, b"a", on_delivery=fail)
    producer.flush(WAIT_S)

    assert producer.send(topic, b"b").result(WAIT_S).serialized_value_size == 1


def test_a_partition_that_does_not_exist_is_waited_for_and_then_named(bootstrap: str, topic: str) -> None:
    named = f"partition 99 of topic {topic!r} not in metadata (it has 4) after 300 ms"
    with Producer({"bootstrap.servers": bootstrap, "max.block.ms": 300}) as producer:
        eventually(lambda: says(lambda: producer.send(topic, b"v", partition=99), MetadataTimeoutError, named))


def test_nobody_listening_is_reported_with_the_address() -> None:
    with (
        Producer({"bootstrap.servers": "127.0.0.1:1", "max.block.ms": 200}) as producer,
        pytest.raises(MetadataTimeoutError, match=r"no answer from 127\.0\.0\.1:1 after 200 ms"),
    ):
        producer.send("orders", b"v")


def test_a_thread_that_waits_for_room_hears_of_the_close() -> None:
    producer = Producer({"bootstrap.servers": "127.0.0.1:1"})
    raised: list[BaseException] = []

    def send() -> None:
        try:
            producer.send("orders", b"v")
        except ProducerClosedError as error:
            raised.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    while not producer._engine._metadata_waits:
        sender.join(0.001)
    producer.close()
    sender.join(WAIT_S)

    assert len(raised) == 1


def test_a_closed_producer_and_a_value_that_is_not_bytes_are_refused(topic: str, producer: Producer) -> None:
    with pytest.raises(UsageError, match="value is a str, must be bytes"):
        producer.send(topic, "text")
    producer.close()
    producer.close()

    with pytest.raises(ProducerClosedError):
        producer.send(topic, b"v")
