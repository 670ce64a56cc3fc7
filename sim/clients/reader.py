"""The consumer in virtual time: somebody who reads a topic, on a host of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.clients.consumer import EARLIEST, LATEST, Consumer, Isolation, ReadSettings
from sim.clients.virtual_driver import Gate, VirtualDriver
from sim.trace.events import ReaderBegan, ReaderEnded, ReaderIsolated, ReaderMoved, RecordRead

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import simpy

    from producer.records import TopicPartition
    from sim.clients.access import Access
    from sim.clients.consumer import ConsumedRecord
    from sim.clients.virtual_driver import SomeCluster

CONSUMER = "consumer-1"
"""Who reads everything back at the end of a run."""
BEGIN: Mapping[str, int] = {"earliest": EARLIEST, "latest": LATEST}
"""Where to begin, and auto.offset.reset, by Kafka's words."""


class SimReader:
    """Reads one topic from its beginning on, or from its end, until it is told to end. What it is given is in the trace."""

    def __init__(
        self,
        cluster: SomeCluster,
        topic: str,
        *,
        name: str = CONSUMER,
        host: str = "",
        begin: str = "earliest",
        reading: ReadSettings | None = None,
        access: Access | None = None,
    ) -> None:
        """Begin now, on a host called `name` if not `host`. `begin` is `earliest` or `latest`."""
        self.name = name
        self.topic = topic
        self._cluster = cluster
        world, host = cluster.world, host or name
        self._consumer = Consumer(
            bootstrap=cluster.bootstrap if access is None else access.bootstrap,
            sasl=None if access is None else access.sasl,
            client_id=host,
            topics=[topic],
            begin_at=BEGIN[begin],
            reading=reading,
            chance=world.chance(f"client/{host}"),
            now_us=world.now_us,
            on_moved=self._moved,
        )
        self._heard = Gate(world)
        cluster.trace.emit(ReaderBegan(world.now_us, name, topic, begin))
        if reading is not None and reading.isolation is Isolation.READ_COMMITTED:
            cluster.trace.emit(ReaderIsolated(world.now_us, name, topic))
        self._driver = VirtualDriver(cluster, cluster.network.add_host(host), self._consumer, self._hear)
        self._driver.attend()

    @property
    def is_at_end(self) -> bool:
        """Whether every partition was read up to where it ended when it was first looked at, if it stops there."""
        return self._consumer.is_at_end

    @property
    def has_failed(self) -> bool:
        """Whether reading can never succeed."""
        return self._consumer.error is not None

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The offset that is read next, by partition; -1 where it is not known yet."""
        return self._consumer.positions()

    def has_read(self, ends: Mapping[TopicPartition, int]) -> bool:
        """Whether it stands at these ends, as far as they are of its topic; who is beyond one has still to learn of it."""
        positions = self.positions
        return all(positions.get(tp, -1) == end for tp, end in ends.items() if tp.topic == self.topic)

    def wait(self, until_us: int | None) -> Generator[simpy.Event, object, bool]:
        """Wait for the next thing that it hears; gives False if `until_us` came first."""
        return self._heard.wait(until_us)

    def end(self) -> None:
        """Read no more, and leave the network. Nothing may follow."""
        now_us = self._cluster.world.now_us
        for tp, position in self.positions.items():
            self._cluster.trace.emit(ReaderEnded(now_us, self.name, *tp, position, self._why_ended(tp)))
        self._consumer.close(now_us)
        self._driver.attend()
        self._driver.leave()

    def _why_ended(self, partition: TopicPartition) -> str:  # noqa: ARG002 - who decodes may stop in one alone
        """Say why it could not go on there; empty if nobody kept it from it."""
        return "" if self._consumer.error is None else str(self._consumer.error)

    def _hear(self) -> None:
        self._tell_records()
        self._heard.open()

    def _tell_records(self) -> None:
        emit_records(self._cluster, self.name, self._consumer)

    def _moved(self, partition: TopicPartition, offset: int, why: str) -> None:
        # What was read before is told before.
        self._tell_records()
        self._cluster.trace.emit(ReaderMoved(self._cluster.world.now_us, self.name, *partition, offset, why))


def emit_records(cluster: SomeCluster, client: str, consumer: Consumer) -> None:
    """Take what a consumer has read, and put it into the trace."""
    now_us, emit = cluster.world.now_us, cluster.trace.emit
    for one in consumer.take_records():
        emit(read_event(now_us, client, one))


def read_event(now_us: int, client: str, one: ConsumedRecord) -> RecordRead:
    return RecordRead(
        now_us,
        client,
        one.topic,
        one.partition,
        one.offset,
        one.key,
        one.value,
        one.timestamp_ms,
        one.headers,
        one.leader_epoch,
        "LogAppendTime" if one.is_append_time else "CreateTime",
    )
