"""A reader whose application keeps its positions itself, and polls: no group knows of it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from producer.records import TopicPartition
from sim.clients.consumer import EARLIEST, Consumer, Isolation
from sim.clients.reader import read_event
from sim.clients.virtual_driver import Gate, VirtualDriver
from sim.trace.events import ReaderBegan, ReaderEnded, ReaderIsolated, ReaderMoved

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import simpy

    from sim.clients.access import Access
    from sim.clients.consumer import ConsumedRecord, ReadSettings
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host


class _Moved(NamedTuple):
    """What follows was read from another offset on."""

    partition: TopicPartition
    offset: int
    why: str


class PolledReader:
    """Reads one topic on the host of a producer, from positions that it is told. What it was given is in the trace, not what it fetched."""

    def __init__(
        self,
        cluster: SomeCluster,
        topic: str,
        *,
        name: str,
        host: Host,
        positions: Mapping[TopicPartition, int],
        reading: ReadSettings,
        access: Access | None = None,
    ) -> None:
        """Begin now: at these positions, and at the beginning of the partitions that have none."""
        world = cluster.world
        self.name = name
        self.topic = topic
        self.is_over = False
        self._cluster = cluster
        self._queue: deque[ConsumedRecord | _Moved] = deque()
        self._heard = Gate(world)
        self._consumer = Consumer(
            bootstrap=cluster.bootstrap if access is None else access.bootstrap,
            sasl=None if access is None else access.sasl,
            client_id=name,
            topics=[topic],
            begin_at=EARLIEST,
            reading=reading,
            chance=world.chance(f"client/{name}/reader"),
            now_us=world.now_us,
            on_moved=self._moved,
        )
        cluster.trace.emit(ReaderBegan(world.now_us, name, topic, "earliest"))
        if reading.isolation is Isolation.READ_COMMITTED:
            cluster.trace.emit(ReaderIsolated(world.now_us, name, topic))
        self._consumer.assign(dict(positions), world.now_us)
        self._driver = VirtualDriver(cluster, host, self._consumer, self._listen, is_second=True)
        self._driver.attend()

    @property
    def is_settled(self) -> bool:
        """Whether it has read something of its topic, or knows where it stands."""
        return bool(self.positions) and all(offset >= 0 for offset in self.positions.values())

    @property
    def has_failed(self) -> bool:
        """Whether reading can never succeed."""
        return self._consumer.error is not None

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The offset that its application is given next, by partition; -1 where it is not known yet."""
        positions = self._consumer.positions()
        for one in reversed(self._queue):
            if not isinstance(one, _Moved):
                positions[TopicPartition(one.topic, one.partition)] = one.offset
        return positions

    def poll(self, records_max: int) -> list[ConsumedRecord]:
        """Take so many records at most; none, if none is there."""
        given: list[ConsumedRecord] = []
        now_us, emit = self._cluster.world.now_us, self._cluster.trace.emit
        while self._queue and len(given) < records_max:
            one = self._queue.popleft()
            if isinstance(one, _Moved):
                emit(ReaderMoved(now_us, self.name, *one.partition, one.offset, one.why))
            else:
                emit(read_event(now_us, self.name, one))
                given.append(one)
        return given

    def wait(self, until_us: int | None = None) -> Generator[simpy.Event, object, bool]:
        """Wait for the next thing that it hears; gives False if `until_us` came first."""
        return self._heard.wait(until_us)

    def wake(self) -> None:
        """Let its application look at what else there is to do."""
        self._heard.open()

    def abandon(self) -> None:
        """Its process is gone, without a word."""
        self.is_over = True

    def end(self) -> None:
        """Read no more."""
        if self.is_over:
            return
        self.is_over = True
        now_us = self._cluster.world.now_us
        error = "" if self._consumer.error is None else str(self._consumer.error)
        for (topic, partition), position in self.positions.items():
            self._cluster.trace.emit(ReaderEnded(now_us, self.name, topic, partition, position, error))
        self._consumer.close(now_us)
        self._driver.attend()
        self._driver.leave()

    def _listen(self) -> None:
        self._queue.extend(self._consumer.take_records())
        self._heard.open()

    def _moved(self, partition: TopicPartition, offset: int, why: str) -> None:
        # What was read before is told before.
        self._queue.extend(self._consumer.take_records())
        self._queue.append(_Moved(partition, offset, why))
