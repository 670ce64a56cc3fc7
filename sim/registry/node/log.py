"""The topic `_schemas`, as one registry has it: written by the real engine, read back by the real consumer (Confluent's KafkaStore)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.config.config import ProducerConfig
from producer.errors import Outcome
from producer.records import Record as KafkaRecord
from sim.clients.consumer import EARLIEST, Consumer, ReadSettings
from sim.clients.drivers import SimProducer
from sim.clients.virtual_driver import Gate, VirtualDriver
from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.core.records import NoopKey, Record, RecordError, decode, encode
from sim.trace.events import RecordAcknowledged
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host

    Story = Generator[simpy.Event, Any, None]

TOPIC = "_schemas"
"""kafkastore.topic: one partition, compacted."""
TIMEOUT_US = 500 * MILLISECOND_US
"""kafkastore.timeout.ms: how long a write, and reading it back, is waited for. It may come true afterwards."""
INIT_TIMEOUT_US = 60 * SECOND_US
"""kafkastore.init.timeout.ms."""


class SchemasLog:
    """Puts records there, and hands on what is read; one record after the other."""

    def __init__(
        self,
        cluster: SomeCluster,
        name: str,
        *,
        take: Callable[[Record], object],
        complain: Callable[[int, str], object],
    ) -> None:
        """Add a host called `name`, and begin to read. `take` is given each record, `complain` the offset of what is none."""
        self._cluster = cluster
        self._world = cluster.world
        self._name = name
        self._take = take
        self._complain = complain
        self._heard = Gate(cluster.world)
        self._stories: list[simpy.Process] = []
        self._written = 0
        self._awaited = 0
        """The record whose outcome is waited for; what becomes of others is seen when it is read."""
        self._outcome: Outcome | None = None
        self._offset = -1
        self._end = -1
        """The offset of the last record that is known to be there; -1: one has to be written to find out."""
        self.position = 0
        """The offset behind what was read."""
        servers = ",".join(f"{host}:{port}" for host, port in cluster.bootstrap)
        self._producer = SimProducer(
            cluster, ProducerConfig.from_properties(_properties(servers)), name=name, is_measured=False, tell=self._told
        )
        self._end_watching = cluster.trace.watch(RecordAcknowledged, self._note_offset)
        self.consumer = Consumer(
            bootstrap=cluster.bootstrap,
            client_id=f"{name}-reader",
            topics=[TOPIC],
            begin_at=EARLIEST,
            reading=ReadSettings(reset_to=EARLIEST),
            chance=cluster.world.chance(f"client/{name}/reader"),
            now_us=cluster.world.now_us,
        )
        self._reading = VirtualDriver(cluster, self.host, self.consumer, self._listen, is_second=True)

    @property
    def host(self) -> Host:
        """Where the registry is."""
        return self._producer.host

    def attend(self) -> None:
        """Carry out what the reader's client wants."""
        self._reading.attend()

    def forget_end(self) -> None:
        """Somebody else may have written."""
        self._end = -1

    def catch_up(self, timeout_us: int = TIMEOUT_US) -> Story:
        """Read up to the end of the log, whoever wrote there. Raises RegistryError 50001, 50002."""
        if self._end < 0:
            yield from self.put(Record(NoopKey()), timeout_us)
        yield from self._read_to(self._end, timeout_us)

    def put(self, record: Record, timeout_us: int = TIMEOUT_US) -> Story:
        """Write one record, and read it back. Raises RegistryError 50001, 50002; it may be written all the same."""
        self._end = -1
        self._written += 1
        number = self._written
        key, value = encode(record)
        until_us = self._world.now_us + timeout_us
        self._awaited, self._outcome = number, None
        self._stories = [one for one in self._stories if one.is_alive]
        self._stories.append(self._world.story(self._producer.send(KafkaRecord(TOPIC, value, key, 0), number)))
        while not self._has_outcome():
            if not (yield from self.wait(until_us)):
                self._awaited = 0
                raise RegistryError(RegistryCode.STORE_TIMED_OUT, "Write to the Kafka store timed out")
        if not self._is_acknowledged():
            raise RegistryError(RegistryCode.STORE_FAILED, "Register operation failed while writing to the Kafka store")
        self._end = self._offset
        yield from self._read_to(self._end, max(0, until_us - self._world.now_us))

    def _has_outcome(self) -> bool:
        return self._outcome is not None

    def _is_acknowledged(self) -> bool:
        return self._outcome is Outcome.ACKNOWLEDGED

    def _read_to(self, offset: int, timeout_us: int) -> Story:
        until_us = self._world.now_us + timeout_us
        while self.position <= offset:
            if not (yield from self.wait(until_us)):
                self._end = -1
                raise RegistryError(RegistryCode.STORE_TIMED_OUT, "Reading back from the Kafka store timed out")

    def wait(self, until_us: int | None) -> Generator[simpy.Event, Any, bool]:
        """Wait for the next thing that is read or answered; gives False if `until_us` came first."""
        is_heard = yield from self._heard.wait(until_us)
        # A process that stands still hears of it when it goes on, behind what lay in its sockets.
        yield from self._producer.sleep(0)
        return is_heard

    def wake(self) -> None:
        """Let whoever waits look what else there is to do."""
        self._heard.open()

    def leave(self) -> None:
        """End in good order: nothing is waited for, and the host leaves the network."""
        self._end_watching()
        for story in self._stories:
            self._world.end_story(story)
        self.consumer.close(self._world.now_us)
        self._reading.attend()
        self._reading.leave()
        self._producer.leave()

    def kill(self) -> None:
        """The process is gone, without a word."""
        self._end_watching()
        for story in self._stories:
            self._world.end_story(story)
        self._reading.leave()
        self._producer.kill()

    def _told(self, number: int, outcome: Outcome) -> None:
        if number == self._awaited:
            self._outcome = outcome
            # Nobody is called from within the engine.
            self._world.call_in(0, self._heard.open)

    def _note_offset(self, event: Any) -> None:
        if event.client == self._name and event.record == self._awaited:
            self._offset = event.offset

    def _listen(self) -> None:
        for one in self.consumer.take_records():
            self.position = one.offset + 1
            try:
                self._take(decode(one.key, one.value))
            except RecordError as error:
                self._complain(one.offset, str(error))
        self._heard.open()


def _properties(servers: str) -> dict[str, str]:
    """As Confluent's store sets them: a write that fails is the caller's to repeat."""
    return {
        "bootstrap.servers": servers,
        "acks": "all",
        "retries": "0",
        "enable.idempotence": "false",
    }
