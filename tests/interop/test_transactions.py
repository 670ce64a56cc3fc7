"""Our transactions on Apache Kafka: V2, as a new cluster has them, and V1, as a cluster that was upgraded may have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from producer import (
    AsyncProducer,
    CommitFailedError,
    ConsumerGroupMetadata,
    Producer,
    ProducerFencedError,
    TopicPartition,
    TransactionAbortableError,
    TransactionError,
    TransactionTimeoutError,
)
from producer.facades.confluent.group_metadata import read_group_metadata
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.conftest import LOGGED, PROPERTIES, topic_name
from tests.interop.transactional import committed_offset, coordinator, member_of, read, wait_for, wait_read

LATE = {"transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000"}
"""Look for transactions that are open too long every second, and not every ten."""


@pytest.fixture(scope="module", params=[2, 1], ids=["V2", "V1"])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApacheKafka]:
    """Three brokers, whose transactions are of one kind."""
    words = ("--feature", f"transaction.version={request.param}")
    folder = tmp_path_factory.mktemp(f"kafka-v{request.param}")
    with ApacheKafka(folder, brokers=3, properties=PROPERTIES | LATE, format_words=words) as kafka:
        request.config.stash[LOGGED]["Apache Kafka"] = kafka
        yield kafka


@pytest.fixture
def is_v2(request: pytest.FixtureRequest, cluster: ApacheKafka) -> bool:
    return "V2" in request.node.name


@pytest.fixture
def topic(kafka: ApacheKafka, request: pytest.FixtureRequest) -> str:
    name = topic_name(request)
    kafka.admin.create_topic(name, partitions=3)
    return name


def transactional(kafka: ApacheKafka, name: str, **properties: Any) -> Producer:
    given = {key.replace("_", "."): value for key, value in properties.items()}
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": name} | given)
    producer.init_transactions()
    assert producer._engine._transactions is not None
    return producer


def speaks_v2(producer: Producer) -> bool:
    transactions = producer._engine._transactions
    assert transactions is not None
    return transactions.is_v2


def send_all(producer: Producer, topic: str, *values: str) -> None:
    for number, value in enumerate(values):
        producer.send(topic, value.encode(), partition=number % 3)


def fail_within_a_transaction(producer: Producer, topic: str, *values: str) -> None:
    with producer.transaction():
        send_all(producer, topic, *values)
        producer.flush()
        raise ZeroDivisionError


def test_what_is_committed_is_read_and_what_is_aborted_is_not(kafka: ApacheKafka, topic: str, is_v2: bool) -> None:
    with transactional(kafka, topic) as producer:
        assert speaks_v2(producer) is is_v2
        with producer.transaction():
            send_all(producer, topic, "a1", "a2", "a3", "a4")
        with pytest.raises(ZeroDivisionError):
            fail_within_a_transaction(producer, topic, "b1", "b2", "b3")
        producer.begin_transaction()
        producer.commit_transaction()
        with producer.transaction():
            send_all(producer, topic, "c1")

    wait_read(kafka.bootstrap, topic, ["a1", "a2", "a3", "a4", "c1"])
    assert {"b1", "b2", "b3"} < set(read(kafka.bootstrap, topic, "read_uncommitted"))


def test_many_transactions_one_behind_the_other_each_whole(kafka: ApacheKafka, topic: str) -> None:
    expected: list[str] = []
    with transactional(kafka, topic) as producer:
        for number in range(30):
            values = [f"{number}-{part}" for part in range(3)]
            producer.begin_transaction()
            send_all(producer, topic, *values)
            if number % 3 == 2:
                producer.abort_transaction()
            else:
                producer.commit_transaction()
                expected += values

    wait_read(kafka.bootstrap, topic, expected)


def test_asyncio_commits_and_aborts_the_same(kafka: ApacheKafka, topic: str) -> None:
    async def fail_within(producer: AsyncProducer) -> None:
        async with producer.transaction():
            await producer.send_and_wait(topic, b"b")
            raise ZeroDivisionError

    async def work() -> None:
        async with AsyncProducer({"bootstrap.servers": kafka.bootstrap, "transactional.id": topic}) as producer:
            await producer.init_transactions()
            async with producer.transaction():
                await producer.send(topic, b"a")
            with pytest.raises(ZeroDivisionError):
                await fail_within(producer)

    asyncio.run(work())

    wait_read(kafka.bootstrap, topic, ["a"])


def test_whoever_takes_the_transactional_id_fences_the_one_before(kafka: ApacheKafka, topic: str) -> None:
    with transactional(kafka, topic) as zombie:
        zombie.begin_transaction()
        zombie.send(topic, b"zombie", partition=0)
        zombie.flush()

        with transactional(kafka, topic) as successor:
            zombie.send(topic, b"late", partition=1)
            with pytest.raises(TransactionError) as refused:
                zombie.commit_transaction()
            if isinstance(refused.value, TransactionAbortableError):
                # A leader refused its epoch; only the coordinator says who has it now.
                with pytest.raises(ProducerFencedError):
                    zombie.abort_transaction()
            with pytest.raises(ProducerFencedError):
                zombie.begin_transaction()
            with successor.transaction():
                successor.send(topic, b"successor", partition=0)

    wait_read(kafka.bootstrap, topic, ["successor"])


def test_a_transaction_open_for_too_long_is_aborted_by_its_coordinator(
    kafka: ApacheKafka, topic: str, is_v2: bool
) -> None:
    with transactional(kafka, topic, transaction_timeout_ms=3_000) as producer:
        producer.begin_transaction()
        producer.send(topic, b"late", partition=0)
        producer.flush()
        # Its last stable offset moves only when the transaction has ended, so whoever reads up to the end then has passed it.
        with transactional(kafka, f"{topic}-other") as other, other.transaction():
            other.send(topic, b"other", partition=0)
        wait_read(kafka.bootstrap, topic, ["other"])

        producer.send(topic, b"later", partition=0)
        with pytest.raises(TransactionError) as refused:
            producer.commit_transaction()
        if is_v2:
            # Its epoch was raised with the abort: a leader refuses it, and an abort brings the next one (KIP-890).
            assert isinstance(refused.value, TransactionAbortableError)
            producer.abort_transaction()
            with producer.transaction():
                producer.send(topic, b"again", partition=0)
        else:
            # Nobody has told it the epoch that the abort took: it is as good as fenced.
            if isinstance(refused.value, TransactionAbortableError):
                with pytest.raises(ProducerFencedError):
                    producer.abort_transaction()
            with pytest.raises(ProducerFencedError):
                producer.begin_transaction()

    wait_read(kafka.bootstrap, topic, ["other", "again"] if is_v2 else ["other"])


def test_a_coordinator_that_is_killed_costs_a_transaction_nothing(kafka: ApacheKafka, topic: str) -> None:
    with transactional(kafka, topic) as producer:
        producer.begin_transaction()
        send_all(producer, topic, "a1", "a2", "a3")
        kafka.kill(coordinator(kafka.bootstrap))
        send_all(producer, topic, "a4", "a5", "a6")
        producer.commit_transaction()
        with producer.transaction():
            send_all(producer, topic, "b1", "b2", "b3")

    wait_read(kafka.bootstrap, topic, ["a1", "a2", "a3", "a4", "a5", "a6", "b1", "b2", "b3"])


def test_a_commit_that_runs_out_of_time_is_made_again_and_goes_on(kafka: ApacheKafka, topic: str) -> None:
    with transactional(kafka, topic) as producer:
        producer.begin_transaction()
        producer.send(topic, b"a", partition=0)
        producer.flush()
        stopped = coordinator(kafka.bootstrap)
        kafka.pause(stopped)
        try:
            with pytest.raises(TransactionTimeoutError):
                producer.commit_transaction(1)
        finally:
            kafka.resume(stopped)
        producer.commit_transaction()

    wait_read(kafka.bootstrap, topic, ["a"])


def test_a_group_s_offsets_count_with_the_commit_and_not_with_an_abort(kafka: ApacheKafka, topic: str) -> None:
    with Producer({"bootstrap.servers": kafka.bootstrap}) as feeding:
        for number in range(5):
            feeding.send(topic, str(number).encode(), partition=0)
    group = f"{topic}-group"
    consumer = member_of(kafka.bootstrap, group, topic)
    try:
        member = read_group_metadata(consumer.consumer_group_metadata())
        assert member.generation_id >= 0
        with transactional(kafka, topic) as producer:
            producer.begin_transaction()
            producer.send_offsets_to_transaction({TopicPartition(topic, 0): 3}, member)
            producer.abort_transaction()
            with producer.transaction() as transaction:
                producer.send(topic, b"processed", partition=1)
                transaction.send_offsets({TopicPartition(topic, 0): 2}, member)

            wait_for(lambda: committed_offset(kafka.bootstrap, group, topic, 0) == 2, "the offset")

            # Somebody who is no member any more.
            producer.begin_transaction()
            producer.send(topic, b"zombie", partition=1)
            with pytest.raises(CommitFailedError):
                producer.send_offsets_to_transaction(
                    {TopicPartition(topic, 0): 5}, ConsumerGroupMetadata(group, member.generation_id, "nobody")
                )
            producer.abort_transaction()
    finally:
        consumer.close()

    assert committed_offset(kafka.bootstrap, group, topic, 0) == 2
    wait_read(kafka.bootstrap, topic, ["0", "1", "2", "3", "4", "processed"])


def test_close_aborts_what_is_open(kafka: ApacheKafka, topic: str) -> None:
    producer = transactional(kafka, topic)
    producer.begin_transaction()
    send_all(producer, topic, "a", "b", "c")
    producer.close()
    # Nobody waits for an open transaction to run out of its time.
    with transactional(kafka, f"{topic}-other") as other, other.transaction():
        send_all(other, topic, "x", "y", "z")

    wait_read(kafka.bootstrap, topic, ["x", "y", "z"])
    assert {"a", "b", "c"} < set(read(kafka.bootstrap, topic, "read_uncommitted"))
