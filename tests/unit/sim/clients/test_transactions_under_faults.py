"""Transactions while brokers crash and stand still: what was committed is read whole, what was aborted not at all, and every call ends.

The application is told by the errors alone how to go on, as docs/producer.md says: the same call again, an abort, or another producer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.errors import FatalTransactionError, TransactionAbortableError, TransactionTimeoutError
from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, Record, TopicPartition
from sim.clients.consumer import EARLIEST, Isolation, ReadSettings
from sim.clients.drivers import SimProducer
from sim.clients.reader import SimReader
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import RecordAcknowledged, RecordRead, RecordSent
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US

SEEDS = range(6)
TRIES_MAX = 200
TOPIC = "orders"
LAST = b"last"

Story = Generator[Any, Any, Any]


class Playing:
    """One application, and what it was told of each of its transactions: `committed`, `aborted` or `unknown`."""

    def __init__(self, seed: int, level: int) -> None:
        self.chance = random.Random(seed)
        self.world = World(seed=seed)
        self.trace = Trace()
        topic = TopicConfig(TOPIC, partitions=3)
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(topics=(topic,), transaction_version=level))
        self.cluster.start()
        self.world.run_until(10 * SECOND_US)
        self.fates: dict[bytes, str] = {}
        self._records = 0

    def play(self, *stories: Story) -> None:
        processes = [self.world.story(story) for story in stories]
        self.world.run_while(
            lambda: not all(one.triggered for one in processes),
            until_us=self.world.now_us + 3_000 * SECOND_US,
            events_max=30_000_000,
        )
        assert all(one.triggered for one in processes), f"a call never ended; until then {self.fates}"

    def producer(self, name: str) -> SimProducer:
        properties = {
            "bootstrap.servers": ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap),
            "transactional.id": "t",
            "max.block.ms": self.chance.choice([2_000, 20_000]),
            "linger.ms": self.chance.choice([0, 5]),
            "request.timeout.ms": 3_000,
            "delivery.timeout.ms": self.chance.choice([6_000, 30_000]),
            "transaction.timeout.ms": self.chance.choice([8_000, 60_000]),
        }
        return SimProducer(self.cluster, ProducerConfig.from_properties(properties), name=name)

    # -- the application ---------------------------------------------------------------------------------------------

    def application(self) -> Story:
        producer: SimProducer | None = None
        for number in range(self.chance.randrange(3, 9)):
            if producer is None:
                producer = self.producer(f"life-{number}")
                yield from again(producer.transactions.init)
            value = b"%d" % number
            self.fates[value] = "unknown"
            try:
                yield from self.transaction(producer, value)
            except FatalTransactionError:
                producer.leave()
                producer = None
        if producer is not None:
            yield from producer.close()

    def transaction(self, producer: SimProducer, value: bytes) -> Story:
        calls, chance = producer.transactions, self.chance
        calls.begin()
        try:
            for _ in range(chance.randrange(12)):
                yield from self.send(producer, value, chance.randrange(3))
                if chance.random() < 0.2:
                    yield from producer.sleep(chance.randrange(3 * SECOND_US))
            if chance.random() < 0.3:
                offsets = {TopicPartition(TOPIC, 0): OffsetAndMetadata(1)}
                yield from again(lambda: calls.send_offsets(offsets, ConsumerGroupMetadata("readers")))
            if chance.random() < 0.75:
                yield from again(calls.commit)
                self.fates[value] = "committed"
                return
        except TransactionAbortableError:
            pass
        # Told or not, from here on it can only be aborted: by this call, or by whoever takes the id next.
        self.fates[value] = "aborted"
        yield from again(calls.abort)

    def send(self, producer: SimProducer, value: bytes, partition: int) -> Story:
        number = self._records
        self._records += 1
        yield from producer.send(Record(TOPIC, value, partition=partition), number)

    def faults(self) -> Story:
        for _ in range(self.chance.randrange(8)):
            yield self.world.timeout(self.chance.randrange(4 * SECOND_US))
            broker = self.cluster.brokers[self.chance.randrange(1, 4)]
            lasts_us = self.chance.randrange(SECOND_US // 10, 12 * SECOND_US)
            if self.chance.random() < 0.5:
                broker.crash()
                yield self.world.timeout(lasts_us)
                broker.start()
            else:
                broker.pause()
                yield self.world.timeout(lasts_us)
                broker.resume()

    def successor(self) -> Story:
        """Take the id, which ends whatever was left open, and commit a record."""
        producer = self.producer("successor")
        yield from again(producer.transactions.init)
        producer.transactions.begin()
        yield from self.send(producer, LAST, 0)
        yield from again(producer.transactions.commit)
        yield from producer.close()
        # Markers follow the answer.
        yield self.world.timeout(30 * SECOND_US)

    # -- what came of it ---------------------------------------------------------------------------------------------

    def reading(self) -> Story:
        settings = ReadSettings(reset_to=EARLIEST, stops_at_end=True, isolation=Isolation.READ_COMMITTED)
        reader = SimReader(self.cluster, TOPIC, reading=settings)
        while not reader.is_at_end and (yield from reader.wait(None)):
            pass
        reader.end()

    def check(self) -> None:
        read = Counter(event.value for event in self.trace if isinstance(event, RecordRead))
        acknowledged = {event.record for event in self.trace if isinstance(event, RecordAcknowledged)}
        sent: dict[bytes, list[int]] = {}
        for event in self.trace:
            if isinstance(event, RecordSent):
                assert event.value is not None
                sent.setdefault(event.value, []).append(event.record)
        for value, fate in self.fates.items():
            whole = len(sent.get(value, ()))
            if fate == "committed":
                assert read[value] == whole
                assert acknowledged.issuperset(sent.get(value, ()))
            elif fate == "aborted":
                assert read[value] == 0
            else:
                assert read[value] in (0, whole)
        assert read[LAST] == 1


def again(make: Callable[[], Story]) -> Story:
    """Make a call, and make it again as long as it only ran out of time."""
    for _ in range(TRIES_MAX):
        try:
            yield from make()
        except TransactionTimeoutError:
            continue
        return
    raise AssertionError(f"{TRIES_MAX} calls ran out of time")


@pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_transaction_is_whole_or_nothing_and_every_call_ends(seed: int, level: int) -> None:
    playing = Playing(seed, level)

    playing.play(playing.application(), playing.faults())
    playing.play(playing.successor())
    playing.play(playing.reading())

    playing.check()
