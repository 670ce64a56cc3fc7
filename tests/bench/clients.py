"""The same records through each client, as fast as it takes them: what `tcp` and `kafka` measure on their brokers."""

import asyncio
import itertools
import random
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.case import Case, Measured, Skip, setting, stopwatch
from tests.bench.mock_cluster import TOPIC

WARM_UP = 1_000
KEYS = [b"customer-%07d" % number for number in range(1_000)]
LINGER_MS = 5
BATCH_BYTES = 65_536
ANSWER_S_MAX = 120
MANY = 10_000
"""Records in one call of `send_many`."""
WORDS = b"order shipped paid returned customer street city total amount currency item price quantity discount".split()


@dataclass(frozen=True)
class Load:
    """Records that are all alike to a client: keyed, idempotent if `acks` is all."""

    records: int
    value_bytes: int
    compression: str = "none"
    batch_bytes: int = BATCH_BYTES
    acks: str = "all"

    def values(self) -> Sequence[bytes]:
        """Some values that compress as text does, not as zeros do."""
        if self.compression == "none":
            return [b"v" * self.value_bytes]
        chance = random.Random(self.value_bytes)
        values = []
        for _ in range(100):
            words = b" ".join(
                b"%b=%d" % (chance.choice(WORDS), chance.randrange(10_000)) for _ in range(self.value_bytes)
            )
            values.append(words[: self.value_bytes])
        return values

    def keys_and_values(self, count: int) -> Iterator[tuple[bytes, bytes]]:
        return itertools.islice(zip(itertools.cycle(KEYS), itertools.cycle(self.values()), strict=False), count)

    def properties(self, bootstrap: str) -> dict[str, Any]:
        """Kafka's own names."""
        return {
            "bootstrap.servers": bootstrap,
            "linger.ms": LINGER_MS,
            "batch.size": self.batch_bytes,
            "compression.type": self.compression,
            "acks": self.acks,
            "enable.idempotence": self.is_idempotent,
        }

    @property
    def offset_min(self) -> int:
        """The lowest that a record that was delivered can be told; -1 where no broker says it."""
        return -1 if self.acks == "0" else 0

    @property
    def is_idempotent(self) -> bool:
        """As Kafka has it where nothing is said of it."""
        return self.acks == "all"


def acklab(load: Load) -> Measured:
    from producer import Producer

    records = list(load.keys_and_values(load.records))
    with Producer(load.properties(setting())) as producer:
        for key, value in load.keys_and_values(WARM_UP):
            producer.send(TOPIC, value, key=key)
        producer.flush()
        with stopwatch() as watch:
            futures = [producer.send(TOPIC, value, key=key) for key, value in records]
            producer.flush()
        assert all(future.result(ANSWER_S_MAX).offset >= load.offset_min for future in futures)
    return watch.measured(load.records)


def acklab_send_many(load: Load) -> Measured:
    from producer import Producer

    keys, values = (list(column) for column in zip(*load.keys_and_values(load.records), strict=True))
    with Producer(load.properties(setting())) as producer:
        for key, value in load.keys_and_values(WARM_UP):
            producer.send(TOPIC, value, key=key)
        producer.flush()
        with stopwatch() as watch:
            sent = [
                producer.send_many(TOPIC, values[begin : begin + MANY], keys=keys[begin : begin + MANY])
                for begin in range(0, load.records, MANY)
            ]
            producer.flush()
            failed = sum(len(futures.errors()) for futures in sent)
        assert failed == 0
        assert all(futures[-1].result(ANSWER_S_MAX).offset >= load.offset_min for futures in sent)
    return watch.measured(load.records)


def acklab_asyncio(load: Load) -> Measured:
    from producer import AsyncProducer

    async def produce() -> Measured:
        records = list(load.keys_and_values(load.records))
        async with AsyncProducer(load.properties(setting())) as producer:
            for key, value in load.keys_and_values(WARM_UP):
                await producer.send(TOPIC, value, key=key)
            await producer.flush()
            with stopwatch() as watch:
                futures = [await producer.send(TOPIC, value, key=key) for key, value in records]
                await producer.flush()
            assert all(future.result().offset >= load.offset_min for future in futures)
        return watch.measured(load.records)

    return asyncio.run(produce())


def acklab_asyncio_send_many(load: Load) -> Measured:
    from producer import AsyncProducer

    async def produce() -> Measured:
        keys, values = (list(column) for column in zip(*load.keys_and_values(load.records), strict=True))
        async with AsyncProducer(load.properties(setting())) as producer:
            for key, value in load.keys_and_values(WARM_UP):
                await producer.send(TOPIC, value, key=key)
            await producer.flush()
            with stopwatch() as watch:
                sent = [
                    await producer.send_many(TOPIC, values[begin : begin + MANY], keys=keys[begin : begin + MANY])
                    for begin in range(0, load.records, MANY)
                ]
                await producer.flush()
                failed = sum(len(futures.errors()) for futures in sent)
            assert failed == 0
            assert all(futures[-1].result().offset >= load.offset_min for futures in sent)
        return watch.measured(load.records)

    return asyncio.run(produce())


def kafka_python(load: Load) -> Measured:
    from kafka import KafkaProducer

    # The mock answers an unknown ApiVersions malformed, which this client does not survive.
    return _through_kafka_python(load, KafkaProducer, api_version=(2, 3))


def acklab_as_kafka_python(load: Load) -> Measured:
    from producer.facades.kafka_python import KafkaProducer

    return _through_kafka_python(load, KafkaProducer)


def _through_kafka_python(load: Load, producer_class: Any, **more: Any) -> Measured:
    records = list(load.keys_and_values(load.records))
    producer = producer_class(
        bootstrap_servers=setting().split(","),
        acks=load.acks if load.acks == "all" else int(load.acks),
        enable_idempotence=load.is_idempotent,
        linger_ms=LINGER_MS,
        batch_size=load.batch_bytes,
        compression_type=None if load.compression == "none" else load.compression,
        **more,
    )
    for key, value in load.keys_and_values(WARM_UP):
        producer.send(TOPIC, value=value, key=key)
    producer.flush(ANSWER_S_MAX)
    with stopwatch() as watch:
        futures = [producer.send(TOPIC, value=value, key=key) for key, value in records]
        producer.flush(ANSWER_S_MAX)
    assert all(future.get(ANSWER_S_MAX).offset >= load.offset_min for future in futures)
    producer.close()
    return watch.measured(load.records)


def aiokafka(load: Load) -> Measured:
    from aiokafka import AIOKafkaProducer

    async def produce() -> Measured:
        records = list(load.keys_and_values(load.records))
        producer = AIOKafkaProducer(
            bootstrap_servers=setting(),
            acks=load.acks if load.acks == "all" else int(load.acks),
            enable_idempotence=load.is_idempotent,
            linger_ms=LINGER_MS,
            max_batch_size=load.batch_bytes,
            compression_type=None if load.compression == "none" else load.compression,
        )
        await producer.start()
        for key, value in load.keys_and_values(WARM_UP):
            await producer.send(TOPIC, value=value, key=key)
        await producer.flush()
        with stopwatch() as watch:
            futures = [await producer.send(TOPIC, value=value, key=key) for key, value in records]
            await producer.flush()
        assert all(metadata.offset >= load.offset_min for metadata in await asyncio.gather(*futures))
        await producer.stop()
        return watch.measured(load.records)

    return asyncio.run(produce())


def confluent_kafka(load: Load, *, calls_back: bool) -> Measured:
    from confluent_kafka import Producer

    return _through_confluent_kafka(load, Producer, calls_back=calls_back)


def acklab_as_confluent_kafka(load: Load, *, calls_back: bool) -> Measured:
    from producer.facades.confluent import Producer

    return _through_confluent_kafka(load, Producer, calls_back=calls_back)


def _through_confluent_kafka(load: Load, producer_class: Any, *, calls_back: bool) -> Measured:
    delivered = 0

    def on_delivery(error: object, _: object) -> None:
        nonlocal delivered
        assert error is None, str(error)
        delivered += 1

    records = list(load.keys_and_values(load.records))
    more = {"partitioner": "murmur2_random", "queue.buffering.max.messages": load.records}
    producer = producer_class(load.properties(setting()) | more)
    for key, value in load.keys_and_values(WARM_UP):
        producer.produce(TOPIC, value=value, key=key)
    producer.flush(ANSWER_S_MAX)
    with stopwatch() as watch:
        if calls_back:
            for key, value in records:
                producer.produce(TOPIC, value=value, key=key, on_delivery=on_delivery)
        else:
            for key, value in records:
                producer.produce(TOPIC, value=value, key=key)
        left = producer.flush(ANSWER_S_MAX)
    assert left == 0
    assert delivered == (load.records if calls_back else 0)
    return watch.measured(load.records)


def java(load: Load) -> Measured:
    """Java's ProducerPerformance: it has no keys, and its processor time includes the start of the virtual machine."""
    from tests.interop.jars import class_path
    from tests.interop.requirements import missing

    if lacking := missing():
        raise Skip("; ".join(lacking))
    with tempfile.TemporaryDirectory() as folder:
        payloads = Path(folder) / "payloads"
        payloads.write_bytes(b"\n".join(load.values()))
        properties = [f"{name}={value}" for name, value in (load.properties(setting()) | {"acks": "all"}).items()]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began_s = time.perf_counter()
        done = subprocess.run(
            ["java", "-cp", class_path(), "org.apache.kafka.tools.ProducerPerformance", "--topic", TOPIC,
             "--num-records", str(load.records), "--payload-file", str(payloads), "--throughput", "-1",
             "--command-property", *properties],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        elapsed_s = time.perf_counter() - began_s
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = re.findall(r"^(\d+) records sent, ([\d.,]+) records/sec", done.stdout, re.MULTILINE)[-1]
    assert int(told[0]) == load.records, done.stdout
    # Its own figure: the machine's start is no fault of the producer's. Where it is not to be had, the whole run's.
    rate = float(told[1].replace(",", "")) or load.records / elapsed_s
    return Measured(load.records, load.records / rate, cpu_s)


CLIENTS: dict[str, Callable[[Load], Measured]] = {
    "acklab send()": acklab,
    "acklab send_many()": acklab_send_many,
    "acklab AsyncProducer send()": acklab_asyncio,
    "acklab AsyncProducer send_many()": acklab_asyncio_send_many,
    "acklab as kafka-python": acklab_as_kafka_python,
    "acklab as confluent-kafka, a callback each": partial(acklab_as_confluent_kafka, calls_back=True),
    "acklab as confluent-kafka, no callback": partial(acklab_as_confluent_kafka, calls_back=False),
    "kafka-python": kafka_python,
    "aiokafka": aiokafka,
    "confluent-kafka, a callback each": partial(confluent_kafka, calls_back=True),
    "confluent-kafka, no callback": partial(confluent_kafka, calls_back=False),
}


def cases(load: Load, **more: Callable[[Load], Measured]) -> tuple[Case, ...]:
    """One case a client, aiokafka being what ratios refer to; `more` are others."""
    return tuple(
        Case(
            name,
            "records",
            partial(client, load),
            reference=name == "aiokafka",
            is_foreign=not name.startswith("acklab"),
        )
        for name, client in (CLIENTS | more).items()
    )
