"""Transactions before a coordinator that nobody here wrote: librdkafka's mock cluster, which knows those of the first kind."""

import asyncio
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer
from confluent_kafka import Producer as LibrdkafkaProducer

from producer import (
    AsyncProducer,
    ConsumerGroupMetadata,
    Producer,
    SendError,
    TopicPartition,
    TransactionAbortedError,
    TransactionStateError,
    UsageError,
)
from tests.librdkafka.reading import read_back

GROUP = ConsumerGroupMetadata("transactional-group")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).replace("_", "-")


@pytest.fixture
def producer(bootstrap: str, name: str) -> Iterator[Producer]:
    with Producer({"bootstrap.servers": bootstrap, "transactional.id": name}) as one:
        one.init_transactions()
        yield one


def test_the_coordinator_takes_a_commit_and_an_abort_of_ours(producer: Producer, bootstrap: str, name: str) -> None:
    with producer.transaction():
        futures = [producer.send(name, b"%d" % number, partition=number % 2) for number in range(10)]
    assert [future.result(0).partition for future in futures] == [0, 1] * 5

    producer.begin_transaction()
    sent = producer.send(name, b"aborted", partition=0)
    producer.flush()
    unsent = producer.send(name, b"dropped", partition=1)
    producer.abort_transaction()

    assert sent.result(0).partition == 0
    assert isinstance(unsent.exception(0), TransactionAbortedError)
    # The mock cluster writes no markers: what was aborted is there for every reader.
    read = [one.value or b"" for one in read_back(bootstrap, name, 11)]
    assert sorted(read) == sorted([*(b"%d" % number for number in range(10)), b"aborted"])


def test_a_block_that_an_exception_leaves_is_aborted_and_the_exception_goes_on(producer: Producer, name: str) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_within(producer, name)

    with producer.transaction():
        assert producer.send(name, b"v", partition=0).result(10).partition == 0


def fail_within(producer: Producer, topic: str) -> None:
    with producer.transaction():
        producer.send(topic, b"v")
        raise ZeroDivisionError


def test_records_outside_of_a_transaction_are_refused_by_every_way_to_send(producer: Producer, name: str) -> None:
    with producer.transaction():
        producer.send(name, b"v", partition=0).result(10)

    with pytest.raises(TransactionStateError, match="begin_transaction first"):
        producer.send(name, b"v")
    for future in producer.send_many(name, [b"v"] * 3):
        assert isinstance(future.exception(0), TransactionStateError)
    with producer.transaction():
        for future in producer.send_many(name, [b"v"] * 3):
            assert future.result(10).topic == name


def test_a_group_s_offsets_are_committed_with_the_transaction(producer: Producer, bootstrap: str, name: str) -> None:
    with producer.transaction() as transaction:
        producer.send(name, b"v", partition=0)
        transaction.send_offsets({TopicPartition(name, 0): 1, TopicPartition(name, 1): 7}, GROUP)

    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": GROUP.group_id, "log_level": 0})
    reader.close()


def test_asyncio_does_the_same(bootstrap: str, name: str) -> None:
    async def work() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap, "transactional.id": name}) as producer:
            await producer.init_transactions()
            async with producer.transaction() as transaction:
                future = await producer.send(name, b"a")
                await transaction.send_offsets({TopicPartition(name, 0): 1}, "async-group")
            assert (await future).topic == name
            producer.begin_transaction()
            dropped = await producer.send(name, b"b")
            await producer.abort_transaction()
            with pytest.raises(SendError):
                await dropped
            with pytest.raises(TransactionStateError):
                await producer.send(name, b"c")

    asyncio.run(work())


def test_a_delivery_callback_cannot_wait_for_a_transaction(producer: Producer, name: str) -> None:
    heard: list[BaseException] = []

    def commit(_metadata: object, _error: object) -> None:
        try:
            producer.commit_transaction()
        except UsageError as error:
            heard.append(error)

    with producer.transaction():
        producer.send(name, b"v", on_delivery=commit)

    assert len(heard) == 1
    assert "wait for itself" in str(heard[0])


def test_metrics_tell_how_long_transactions_took(producer: Producer, name: str) -> None:
    with producer.transaction():
        producer.send(name, b"v")

    spent = {one.name: value for one, value in producer.metrics().items() if one.name.startswith("txn-")}
    assert spent["txn-init-time-ns-total"] > 0
    assert spent["txn-commit-time-ns-total"] > 0
    assert spent["txn-abort-time-ns-total"] == 0


def test_librdkafka_s_producer_and_ours_commit_in_turn_under_one_id(
    producer: Producer, bootstrap: str, name: str
) -> None:
    """The mock cluster fences nobody; Apache Kafka does (tests/interop/test_transactions.py)."""
    theirs = LibrdkafkaProducer({"bootstrap.servers": bootstrap, "transactional.id": name, "log_level": 0})
    theirs.init_transactions(10)
    for number in range(3):
        theirs.begin_transaction()
        theirs.produce(name, b"theirs", partition=0)
        theirs.commit_transaction(10)
        with producer.transaction():
            assert producer.send(name, b"ours", partition=0).result(10).offset > number
