"""Keyed idempotent records of 100 B over TCP to librdkafka's mock cluster (6 partitions, acks=all), client beside client."""

import asyncio
from collections.abc import Iterator

from tests.bench.case import Case, Measured, stopwatch
from tests.bench.mock_cluster import TOPIC, mock_cluster

RECORDS = 100_000
WARM_UP = 500
KEYS = [b"customer-%07d" % number for number in range(1_000)]
VALUE = b"v" * 100
LINGER_MS = 5
BATCH_BYTES = 65_536
ANSWER_S_MAX = 120


def keys(count: int) -> Iterator[bytes]:
    return (KEYS[number % len(KEYS)] for number in range(count))


def acklab() -> Measured:
    from producer import Producer

    with mock_cluster() as bootstrap:
        properties = {"bootstrap.servers": bootstrap, "linger.ms": LINGER_MS, "batch.size": BATCH_BYTES}
        with Producer(properties) as producer:
            for key in keys(WARM_UP):
                producer.send(TOPIC, value=VALUE, key=key)
            producer.flush()
            with stopwatch() as watch:
                futures = [producer.send(TOPIC, value=VALUE, key=key) for key in keys(RECORDS)]
                producer.flush()
            assert all(future.result(ANSWER_S_MAX).offset >= 0 for future in futures)
    return watch.measured(RECORDS)


def kafka_python() -> Measured:
    from kafka import KafkaProducer

    with mock_cluster() as bootstrap:
        producer = KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            batch_size=BATCH_BYTES,
            api_version=(2, 3),  # the mock answers an unknown ApiVersions malformed, which this client does not survive
        )
        for key in keys(WARM_UP):
            producer.send(TOPIC, value=VALUE, key=key)
        producer.flush(ANSWER_S_MAX)
        with stopwatch() as watch:
            futures = [producer.send(TOPIC, value=VALUE, key=key) for key in keys(RECORDS)]
            producer.flush(ANSWER_S_MAX)
        assert all(future.get(ANSWER_S_MAX).offset >= 0 for future in futures)
        producer.close()
    return watch.measured(RECORDS)


def aiokafka() -> Measured:
    from aiokafka import AIOKafkaProducer

    async def produce(bootstrap: str) -> Measured:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
        )
        await producer.start()
        for key in keys(WARM_UP):
            await producer.send(TOPIC, value=VALUE, key=key)
        await producer.flush()
        with stopwatch() as watch:
            futures = [await producer.send(TOPIC, value=VALUE, key=key) for key in keys(RECORDS)]
            await producer.flush()
        assert all(metadata.offset >= 0 for metadata in await asyncio.gather(*futures))
        await producer.stop()
        return watch.measured(RECORDS)

    with mock_cluster() as bootstrap:
        return asyncio.run(produce(bootstrap))


def confluent_kafka() -> Measured:
    from confluent_kafka import KafkaError, Message, Producer

    delivered = 0

    def on_delivery(error: KafkaError | None, message: Message) -> None:
        nonlocal delivered
        assert error is None, str(error)
        delivered += 1

    with mock_cluster() as bootstrap:
        producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": LINGER_MS,
                "batch.size": BATCH_BYTES,
                "queue.buffering.max.messages": RECORDS,
            }
        )
        for key in keys(WARM_UP):
            producer.produce(TOPIC, value=VALUE, key=key)
        producer.flush(ANSWER_S_MAX)
        with stopwatch() as watch:
            for key in keys(RECORDS):
                producer.produce(TOPIC, value=VALUE, key=key, on_delivery=on_delivery)
            producer.flush(ANSWER_S_MAX)
        assert delivered == RECORDS
    return watch.measured(RECORDS)


CASES = (
    Case("acklab", "records", acklab),
    Case("kafka-python", "records", kafka_python),
    Case("aiokafka", "records", aiokafka, reference=True),
    Case("confluent-kafka", "records", confluent_kafka),
)
