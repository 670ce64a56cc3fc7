"""Clients for a benchmark in transactions: the same records without any, and in transactions of so many records one behind the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice

from tests.bench.case import Case, Measured, setting, stopwatch
from tests.bench.clients import ANSWER_S_MAX, LINGER_MS, WARM_UP, Load, acklab, confluent_kafka
from tests.bench.mock_cluster import TOPIC

IN_TRANSACTION = 1_000
TRANSACTIONAL_ID = "bench"

KeyValue = tuple[bytes, bytes]


def transactions_of(load: Load, records: int) -> Iterator[Sequence[KeyValue]]:
    """The records of each transaction."""
    left = load.keys_and_values(records)
    for _ in count():
        one = list(islice(left, IN_TRANSACTION))
        if not one:
            return
        yield one


def acklab_in_transactions(load: Load) -> Measured:
    from producer import Producer

    with Producer(load.properties(setting()) | {"transactional.id": TRANSACTIONAL_ID}) as producer:

        def write(records: Sequence[KeyValue]) -> None:
            with producer.transaction():
                for key, value in records:
                    producer.send(TOPIC, value, key=key)

        producer.init_transactions()
        return _measured(load, write)


def confluent_kafka_in_transactions(load: Load) -> Measured:
    from confluent_kafka import Producer

    more = {"partitioner": "murmur2_random", "queue.buffering.max.messages": load.records}
    producer = Producer(load.properties(setting()) | more | {"transactional.id": TRANSACTIONAL_ID})

    def write(records: Sequence[KeyValue]) -> None:
        producer.begin_transaction()
        for key, value in records:
            producer.produce(TOPIC, value=value, key=key)
        producer.commit_transaction(ANSWER_S_MAX)

    producer.init_transactions(ANSWER_S_MAX)
    return _measured(load, write)


def _measured(load: Load, write: Callable[[Sequence[KeyValue]], None]) -> Measured:
    transactions = list(transactions_of(load, load.records))
    for one in transactions_of(load, WARM_UP):
        write(one)
    with stopwatch() as watch:
        for one in transactions:
            write(one)
    return watch.measured(load.records)


def aiokafka_in_transactions(load: Load) -> Measured:
    from aiokafka import AIOKafkaProducer

    async def produce() -> Measured:
        producer = AIOKafkaProducer(
            bootstrap_servers=setting(),
            transactional_id=TRANSACTIONAL_ID,
            linger_ms=LINGER_MS,
            max_batch_size=load.batch_bytes,
        )

        async def write(records: Sequence[KeyValue]) -> None:
            async with producer.transaction():
                for key, value in records:
                    await producer.send(TOPIC, value=value, key=key)

        transactions = list(transactions_of(load, load.records))
        await producer.start()
        for one in transactions_of(load, WARM_UP):
            await write(one)
        with stopwatch() as watch:
            for one in transactions:
                await write(one)
        await producer.stop()
        return watch.measured(load.records)

    return asyncio.run(produce())


def cases(load: Load) -> tuple[Case, ...]:
    """Each client without transactions, and with them; ours without any is what ratios refer to."""
    clients: dict[str, Callable[[Load], Measured]] = {
        "acklab, no transactions": acklab,
        "acklab, in transactions": acklab_in_transactions,
        "confluent-kafka, no transactions": partial(confluent_kafka, calls_back=False),
        "confluent-kafka, in transactions": confluent_kafka_in_transactions,
        "aiokafka, in transactions": aiokafka_in_transactions,
    }
    return tuple(
        Case(
            name,
            "records",
            partial(client, load),
            reference=client is acklab,
            is_foreign=not name.startswith("acklab"),
        )
        for name, client in clients.items()
    )
