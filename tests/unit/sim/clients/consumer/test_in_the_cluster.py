"""The consumer on the simulated cluster: every record once and in order, whatever happens to leaders meanwhile."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.records import Record, TopicPartition
from sim.clients.consumer import EARLIEST, ConsumedRecord, Consumer, ReadSettings
from sim.clients.drivers import SimProducer
from sim.clients.virtual_driver import VirtualDriver
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US

RECORDS = 60


class Library:
    """A cluster with two topics, somebody who writes, and a consumer."""

    def __init__(self, **consumer: Any) -> None:
        self.world = World(seed=4)
        topics = (TopicConfig("orders", partitions=3), TopicConfig("bills", partitions=1))
        self.cluster = Cluster(self.world, Trace(), ClusterConfig(topics=topics))
        self.cluster.start()
        self.run(10)
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        self.producer = SimProducer(self.cluster, ProducerConfig.from_properties({"bootstrap.servers": servers}))
        self.records: list[ConsumedRecord] = []
        self.consumer = Consumer(
            bootstrap=self.cluster.bootstrap,
            chance=self.world.chance("client/consumer-1"),
            now_us=self.world.now_us,
            **consumer,
        )
        self.driver = VirtualDriver(
            self.cluster, self.cluster.network.add_host("consumer-1"), self.consumer, self._hear
        )
        self.driver.attend()

    def _hear(self) -> None:
        self.records += self.consumer.take_records()

    def run(self, seconds: float) -> None:
        self.world.run_until(self.world.now_us + int(seconds * SECOND_US))

    def write(self, first: int = 0) -> None:
        self.world.story(self._write(first))

    def _write(self, first: int) -> Generator[Any, Any, None]:
        for number in range(first, first + RECORDS):
            topic = "bills" if number % 4 == 0 else "orders"
            yield from self.producer.send(Record(topic, b"%d" % number, b"k%d" % (number % 7)), number)
            yield self.world.timeout(20_000)

    @property
    def numbers(self) -> list[int]:
        return sorted(int(record.value or b"-1") for record in self.records)

    def assert_in_order(self) -> None:
        offsets: dict[tuple[str, int], list[int]] = {}
        for record in self.records:
            offsets.setdefault((record.topic, record.partition), []).append(record.offset)
        assert all(each == sorted(set(each)) for each in offsets.values())


@pytest.mark.parametrize("uses_sessions", [False, True])
def test_two_topics_are_read_once_and_in_order_while_leaders_move_and_die(uses_sessions: bool) -> None:
    library = Library(topics=["orders", "bills"], reading=ReadSettings(uses_sessions=uses_sessions))
    library.write()

    library.run(0.3)
    library.cluster.move_leader(TopicPartition("orders", 0), 2)
    library.run(0.3)
    library.cluster.crash(library.cluster.leader_of(TopicPartition("bills", 0)))
    library.run(60)

    assert library.numbers == list(range(RECORDS))
    library.assert_in_order()
    assert library.consumer.error is None


def test_what_one_owner_gave_up_another_goes_on_with() -> None:
    library = Library()
    orders = [TopicPartition("orders", index) for index in range(3)]
    library.consumer.assign(dict.fromkeys(orders, EARLIEST), library.world.now_us)
    library.driver.attend()
    library.write()
    library.run(0.5)

    places = {partition: library.consumer.position(partition) for partition in orders[:2]}
    library.consumer.revoke(orders[:2], library.world.now_us)
    library.driver.attend()
    library.run(2)
    told = {record.partition for record in library.records[-3:]}
    assert told == {2}
    library.consumer.assign({partition: place or 0 for partition, place in places.items()}, library.world.now_us)
    library.driver.attend()
    library.run(5)

    assert library.numbers == [number for number in range(RECORDS) if number % 4]
    library.assert_in_order()


def test_a_client_that_is_content_does_not_look_at_every_partition() -> None:
    library = Library(topics=["orders", "bills"])
    library.run(5)

    assert library.consumer._readers.wishing() == [], "all wait for their leaders"
