"""What a producer does beside sending: partitions_for, purge, interceptors, dead letters and large values, on brokers."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from producer import DeadLetterPolicy, DeadLetterProducer, Interceptor, Producer
from producer.dead_letters import DeadLetteredError, DeadLetterLostError, read, revive
from producer.errors import (
    Code,
    MetadataTimeoutError,
    ProducerClosedError,
    PurgedError,
    RecordTooLargeError,
    UsageError,
)
from producer.large_payloads import chunking
from producer.large_payloads.claim_check import ClaimCheck
from producer.records import Record
from sim.clients.consumer import ConsumedRecord
from tests.librdkafka.failing_cluster import failing_cluster
from tests.librdkafka.reading import Found, read_back

WAIT_S = 30
LARGE = bytes(range(256)) * 10_000

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"calls-{next(names)}"


@pytest.fixture
def producer(bootstrap: str) -> Iterator[Producer]:
    with Producer({"bootstrap.servers": bootstrap}) as one:
        yield one


def headers_of(found: Found) -> tuple[tuple[str, bytes | None], ...]:
    assert isinstance(found.headers, list)
    return tuple(found.headers)


# -- partitions_for, flush, purge --------------------------------------------------------------------------------------


def test_partitions_for_waits_for_them_and_names_leaders(topic: str, producer: Producer) -> None:
    told = producer.partitions_for(topic)

    assert [(one.topic, one.partition) for one in told] == [(topic, index) for index in range(4)]
    assert all(one.leader in producer.cluster().brokers for one in told)


def test_partitions_for_blocks_no_longer_than_it_may_and_not_on_a_closed_producer() -> None:
    producer = Producer({"bootstrap.servers": "127.0.0.1:1", "max.block.ms": 100})
    with pytest.raises(MetadataTimeoutError, match=r"no answer from 127\.0\.0\.1:1 after 100 ms"):
        producer.partitions_for("orders")
    producer.close()

    with pytest.raises(ProducerClosedError):
        producer.partitions_for("orders")


def test_a_flush_in_a_callback_is_refused_for_it_would_wait_for_itself(topic: str, producer: Producer) -> None:
    heard: list[str] = []

    def flush(_metadata: object, _error: object) -> None:
        try:
            producer.flush()
        except UsageError as error:
            heard.append(str(error))

    producer.send(topic, b"v", on_delivery=flush)
    producer.flush(WAIT_S)

    assert heard == ["flush was called in a delivery callback, where it would wait for itself"]


def test_after_a_flush_every_callback_was_called(topic: str, producer: Producer) -> None:
    heard: list[object] = []
    for sent in range(1, 201):
        producer.send(topic, b"v", on_delivery=lambda metadata, _error: heard.append(metadata))
        producer.flush(WAIT_S)
        assert len(heard) == sent


def test_purge_ends_each_future_once_and_the_producer_goes_on(bootstrap: str, topic: str) -> None:
    ended: list[object] = []
    with Producer({"bootstrap.servers": bootstrap, "linger.ms": 5_000}) as producer:
        futures = [
            producer.send(topic, b"gone", partition=0, on_delivery=lambda *told: ended.append(told)) for _ in range(10)
        ]
        producer.purge()
        errors = [future.exception(WAIT_S) for future in futures]
        kept = producer.send(topic, b"kept", partition=0)
        producer.flush(WAIT_S)

        assert all(isinstance(error, PurgedError) for error in errors)
        assert len(ended) == 10
        assert kept.result(0).offset == 0
    assert [one.value for one in read_back(bootstrap, topic, 1)] == [b"kept"]


def test_purge_while_many_threads_send_loses_no_future(bootstrap: str, topic: str) -> None:
    futures: list[Any] = []
    with Producer({"bootstrap.servers": bootstrap, "linger.ms": 1}) as producer:

        def work(thread: int) -> None:
            futures.extend(producer.send(topic, b"%d" % index, key=b"t%d" % thread) for index in range(500))

        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            producer.purge()
        for thread in threads:
            thread.join(WAIT_S)
        producer.flush(WAIT_S)

        assert len(futures) == 2_000
        assert all(future.done() for future in futures)
        assert {type(future.exception(0)) for future in futures} <= {type(None), PurgedError}


# -- interceptors ------------------------------------------------------------------------------------------------------


class Noting(Interceptor):
    def __init__(self) -> None:
        self.notes: list[Any] = []

    def on_send(self, record: Record) -> Record:
        return record._replace(headers=(*record.headers, ("seen", b"1")))

    def on_acknowledgement(self, metadata: Any, error: Any, headers: Any) -> None:
        self.notes.append((metadata, error, headers))

    def close(self) -> None:
        self.notes.append("closed")


def test_an_interceptor_changes_the_record_and_hears_before_the_callback(bootstrap: str, topic: str) -> None:
    noting = Noting()
    with Producer({"bootstrap.servers": bootstrap}, interceptors=[noting]) as producer:
        future = producer.send(topic, b"v", partition=0, on_delivery=lambda *_: noting.notes.append("callback"))
        told = future.result(WAIT_S)
        producer.flush(WAIT_S)
        with pytest.raises(RecordTooLargeError) as caught:
            producer.send(topic, bytes(2_000_000))

    (found,) = read_back(bootstrap, topic, 1)
    assert headers_of(found) == (("seen", b"1"),)
    assert noting.notes[:2] == [(told, None, (("seen", b"1"),)), "callback"]
    metadata, error, _ = noting.notes[2]
    assert (metadata.partition, metadata.offset, error) == (-1, -1, caught.value)
    assert noting.notes[3:] == ["closed"]


# -- dead letters ------------------------------------------------------------------------------------------------------


def test_a_refused_record_lies_in_the_dead_letter_topic_and_can_be_revived() -> None:
    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.INVALID_RECORD])
        with DeadLetterProducer(Producer({"bootstrap.servers": cluster.bootstrap})) as producer:
            future = producer.send("orders", b"v", key=b"k", partition=1)
            error = future.exception(WAIT_S)

        assert isinstance(error, DeadLetteredError)
        (letter,) = read_back(cluster.bootstrap, "orders.dead", 1)
        told = read(headers_of(letter))
        assert (letter.partition, letter.offset) == (error.metadata.partition, error.metadata.offset)
        assert told is not None
        assert (told.error_name, told.topic, told.partition, told.attempt) == ("INVALID_RECORD", "orders", 1, 1)

        with Producer({"bootstrap.servers": cluster.bootstrap}) as producer_again:
            producer_again.send_record(revive(letter.key, letter.value, headers_of(letter))).result(WAIT_S)
        (found,) = read_back(cluster.bootstrap, "orders", 1)
        assert (found.key, found.value) == (b"k", b"v")


def test_a_dead_letter_that_is_refused_too_is_reported_once() -> None:
    lost: list[Any] = []
    policy = DeadLetterPolicy(on_lost=lambda record, error: lost.append((record.value, error)))
    with failing_cluster() as cluster:
        cluster.fail_next_produce([Code.INVALID_RECORD, Code.INVALID_RECORD])
        with DeadLetterProducer(Producer({"bootstrap.servers": cluster.bootstrap}), policy) as producer:
            future = producer.send("orders", b"v")
            producer.flush(WAIT_S)

    assert isinstance(future.exception(0), DeadLetterLostError)
    assert lost == [(b"v", future.exception(0))]


def test_a_full_buffer_does_not_keep_dead_letters_from_leaving(bootstrap: str, topic: str) -> None:
    properties = {"bootstrap.servers": bootstrap, "buffer.memory": 2_000, "batch.size": 1_000, "linger.ms": 0}
    with DeadLetterProducer(Producer(properties)) as producer:
        futures = [producer.send(topic, bytes(3_000 if index % 2 else 10), key=b"%d" % index) for index in range(40)]
        producer.flush(WAIT_S)

    assert [type(future.exception(0)) for future in futures] == [type(None), DeadLetteredError] * 20
    dead = read_back(bootstrap, f"{topic}.dead", 20)
    assert sorted(one.key or b"" for one in dead) == sorted(b"%d" % index for index in range(1, 40, 2))


# -- large values ------------------------------------------------------------------------------------------------------


def test_a_value_too_large_for_the_broker_goes_through_an_object_store(
    bootstrap: str, topic: str, producer: Producer, tmp_path: Path
) -> None:
    claims = ClaimCheck(f"file://{tmp_path}/claims")

    producer.send_record(claims.check_in(Record(topic, LARGE, b"k"))).result(WAIT_S)
    (found,) = read_back(bootstrap, topic, 1)

    assert found.value != LARGE
    assert claims.redeem(headers_of(found), found.value) == LARGE


def test_a_value_too_large_for_the_broker_goes_in_chunks(bootstrap: str, topic: str, producer: Producer) -> None:
    chunked = chunking.send(producer, Record(topic, LARGE, b"k", headers=(("own", b"1"),)))
    producer.send(topic, b"plain", key=b"k").result(WAIT_S)
    places = chunked.result(WAIT_S)

    assembler = chunking.Assembler()
    whole = [
        assembler.feed(
            ConsumedRecord(topic, one.partition, one.offset, one.timestamp_ms, one.key, one.value,
                           tuple(one.headers or ()))  # type: ignore[arg-type]
        )
        for one in read_back(bootstrap, topic, len(places) + 1)
    ]  # fmt: skip

    assert len(places) == 3
    assert len({place.partition for place in places}) == 1
    assert [(one.value, one.headers) for one in whole if one] == [(LARGE, (("own", b"1"),)), (b"plain", ())]


class ByValue:
    """A partitioner of an application's own, which does not look at the key."""

    def partition(self, record: Record, partitions: Any) -> int:
        return (record.value or b"?")[0] % partitions.count  # type: ignore[no-any-return]

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"partitioner.class": "round_robin"},
        {"partitioner.class": "salted", "acklab.partitioner.salts": "k:4"},
        {"partitioner.ignore.keys": "true"},
        {"partitioner.class": "random"},
        {"partitioner.class": ByValue},
        {"partitioner.class": "consistent_random"},
    ],
    ids=str,
)
@pytest.mark.parametrize("key", [b"k", None], ids=["keyed", "without a key"])
def test_all_chunks_of_a_value_lie_in_the_one_partition_that_was_chosen_for_it(
    bootstrap: str, topic: str, properties: dict[str, Any], key: bytes | None
) -> None:
    values = [bytes([first]) + LARGE[:30_000] for first in range(8)]
    with Producer({"bootstrap.servers": bootstrap, "batch.size": 4_000, "linger.ms": 0} | properties) as producer:
        sent = [chunking.send(producer, Record(topic, value, key), chunk_bytes=1_000) for value in values]
        places = [[place.partition for place in one.result(WAIT_S)] for one in sent]

    assert [len(set(one)) for one in places] == [1] * len(values)
    if properties and "consistent_random" not in properties.values():
        assert len({one[0] for one in places}) > 1, "several values are spread as several records are"
