"""The producer in virtual time: the real engine on a simulated host, as parts of a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.engine.engine import Engine
from producer.errors import Outcome, PartitionerError, ProducerError
from producer.events import BatchDelivered, BatchUndelivered, RoomMade
from producer.metrics.unmeasured import Unmeasured
from producer.records import OFFSET_UNKNOWN, Record
from sim.clients.access import Access, access_by
from sim.clients.transactions import SimTransactions
from sim.clients.virtual_driver import SECOND_CLIENT, Gate, VirtualDriver
from sim.trace.events import RecordAcknowledged, RecordFailed, RecordSent
from sim.world.network import HostState, SocketBuffers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from producer.config.config import ProducerConfig
    from producer.engine.buffer import Wait
    from producer.metrics import Measured
    from producer.records import PartitionInfo
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host

    Story = Generator[simpy.Event, Any, None]

PRODUCER = "producer-1"
"""What the one application of a story is called, unless the story says."""
CODE_NOT_SENT = -1_000
"""In a trace: no broker was asked; the producer itself refused the record or ran out of `max.block.ms`."""
SOCKET_BYTES_MIN = 4_608
"""What Linux makes of a smaller wish (SOCK_MIN_SNDBUF)."""


class SimProducer:
    """The producer's engine on a host of its own. Its methods are parts of a story: use them with `yield from`."""

    def __init__(
        self,
        cluster: SomeCluster,
        config: ProducerConfig,
        *,
        name: str = PRODUCER,
        is_measured: bool = True,
        tell: Callable[[int, Outcome], object] | None = None,
        host: Host | None = None,
        first_connection: int = SECOND_CLIENT,
    ) -> None:
        """Add a host called `name`; the bootstrap servers of `config` are hosts of the cluster.

        On a `host` that is somebody else's, who keeps its clock and ends it, connections are numbered from `first_connection` on.

        Not `is_measured`, it counts nothing: `metrics` raises ValueError. `tell` is called with the number of each record
        that has its answer, and with the outcome.
        """
        self.name = name
        self._tell = tell or _ignore
        self._world = cluster.world
        self._trace = cluster.trace
        self.access: Access | None = None
        """How it logs in; None: it need not."""
        nonces = None
        if config.uses_sasl:
            nonces = self._world.chance(f"client/{name}/nonces")
            self.access = access_by(config, nonces)
        self._engine = Engine(
            config.model_copy(update={"client_id": name}),
            chance=self._world.chance(f"client/{name}"),
            now_us=self._world.now_us,
            nonces=nonces,
            epoch_us=cluster.epoch_us,
            observe=cluster.trace.emit,
            metrics=None if is_measured else Unmeasured(),
        )
        self.host = cluster.network.add_host(name) if host is None else host
        self._epoch_us = cluster.epoch_us
        if host is None:
            self.host.on_clock_set = self._read_clock
            self.host.buffers = _buffers(config.send_buffer_bytes, config.receive_buffer_bytes)
        self._driver = VirtualDriver(
            cluster,
            self.host,
            self._engine,
            self._hear,
            is_second=host is not None,
            first_connection=first_connection,
        )
        self._heard = Gate(self._world)
        self.transactions = SimTransactions(
            self._engine, self._world, attend=self._driver.attend, wait_for=self._wait_for
        )
        """Its transactional calls; they raise UsageError without `transactional.id`."""
        self._topics: dict[int, str] = {}
        self._driver.attend()

    def _read_clock(self) -> None:
        self._engine.set_calendar(self._epoch_us + self.host.clock_offset_us)

    def send(self, record: Record, number: int, stands_for: bytes | None = None) -> Story:
        """Send one record, called `number` in the trace; waits in virtual time as `KafkaProducer.send` blocks.

        `stands_for` is what it is to the business.

        Raises PartitionerError: an application that cannot choose a partition is no story to be judged.
        """
        world, engine = self._world, self._engine
        self._trace.emit(sent_event(world.now_us, self.name, number, record, stands_for))
        self._topics[number] = record.topic
        try:
            yield from self._keep_trying(
                record, lambda wait: engine.send(record, number, now_us=world.now_us, wait=wait)
            )
        except PartitionerError:
            raise
        except ProducerError:
            self._fail(number, partition=-1, code=CODE_NOT_SENT, outcome=Outcome.FAILED)
            self._driver.attend()

    def sleep(self, duration_us: int) -> Story:
        """Do nothing for that long; longer if the process stands still when it would wake."""
        yield self._world.timeout(duration_us)
        yield from self._awake()

    def flush(self, timeout_us: int | None = None) -> Generator[simpy.Event, Any, bool]:
        """Wait until everything sent so far has its answer. Gives False if that took longer than `timeout_us`."""
        began_us = self._world.now_us
        mark = self._engine.flush(began_us)
        self._driver.attend()
        is_flushed = yield from self._wait_for(lambda: self._engine.is_flushed(mark), timeout_us)
        self._engine.metrics.flushed(self._world.now_us - began_us, self._world.now_us)
        return is_flushed

    def close(self, timeout_us: int | None = None) -> Story:
        """Send what is queued, wait for every answer up to `timeout_us`, give up the rest, and end the connections."""
        self._engine.close(self._world.now_us)
        self._driver.attend()
        # Stories that still wait for room or metadata find the producer closed.
        self._heard.open()
        yield from self._wait_for(lambda: self._engine.is_idle, timeout_us)
        self.abort()

    def abort(self) -> None:
        """Give everything up at once, as a process that ends."""
        self._engine.abort(self._world.now_us)
        self._driver.attend()
        self._heard.open()
        self._engine.close_partitioner()

    def leave(self) -> None:
        """Give everything up, and take the host off the network: a client that will not come back."""
        self.abort()
        self._driver.leave()

    def kill(self) -> None:
        """End the process at once: nothing is given up in good order, its kernel closes the connections. Nothing may follow."""
        self._driver.leave()

    def purge(self, *, queued: bool = True, in_flight: bool = True) -> None:
        """Drop what waits, what is in flight, or both."""
        self._engine.purge(self._world.now_us, queued=queued, in_flight=in_flight)
        self._driver.attend()

    def partitions_for(self, topic: str) -> Generator[simpy.Event, Any, tuple[PartitionInfo, ...]]:
        """Wait for the topic's partitions and their leaders; raises what `Producer.partitions_for` does."""
        world, engine = self._world, self._engine
        yield from self._keep_trying(
            Record(topic, None), lambda wait: engine.learn(topic, now_us=world.now_us, wait=wait)
        )
        return engine.partitions(topic)

    def metrics(self) -> Measured:
        """Read Kafka's producer metrics as they are at this virtual moment."""
        return self._engine.metrics.measure(self._world.now_us)

    def _keep_trying(self, record: Record, attempt: Callable[[Wait | None], Wait | None]) -> Story:
        """Try at once, and again at each change, up to `max.block.ms`."""
        until_us = self._world.now_us + self._engine.config.max_block_ms * 1_000
        wait = attempt(None)
        self._driver.attend()
        while wait is not None:
            is_heard = yield from self._heard.wait(until_us)
            yield from self._awake()
            if not is_heard:
                error = self._engine.give_up(wait, record, now_us=self._world.now_us)
                # Who waits behind may be served now.
                self._heard.open()
                raise error
            wait = attempt(wait)
            self._driver.attend()

    def _wait_for(self, holds: Callable[[], bool], timeout_us: int | None) -> Generator[simpy.Event, Any, bool]:
        until_us = None if timeout_us is None else self._world.now_us + timeout_us
        while not holds():
            is_heard = yield from self._heard.wait(until_us)
            yield from self._awake()
            if not is_heard:
                break
        return holds()

    def _awake(self) -> Story:
        """Wait until the process runs, behind whatever its kernel took meanwhile: a story's clock ticks on in a pause."""
        while self.host.state is HostState.PAUSED:
            goes_on = self._world.event()
            self.host.deliver(self.host.incarnation, goes_on.succeed, ())
            yield goes_on

    def _hear(self) -> None:
        answers = self._engine.take_answers()
        if not answers:
            return
        now_us, emit = self._world.now_us, self._trace.emit
        for answer in answers:
            if isinstance(answer, BatchDelivered):
                topic, partition, base_offset, append_time_ms, timestamps_ms = answer.metadata[:5]
                for index, number in enumerate(answer.tokens):
                    del self._topics[number]
                    offset = OFFSET_UNKNOWN if base_offset == OFFSET_UNKNOWN else base_offset + index
                    time_ms = timestamps_ms[index] if append_time_ms < 0 else append_time_ms
                    emit(RecordAcknowledged(now_us, self.name, number, topic, partition, offset, time_ms))
                    self._tell(number, Outcome.ACKNOWLEDGED)
            elif isinstance(answer, BatchUndelivered):
                for number in answer.tokens:
                    error = answer.error
                    self._fail(number, partition=answer.partition, code=error.code.code, outcome=error.outcome)
            else:
                assert isinstance(answer, RoomMade)
        self._heard.open()

    def _fail(self, number: int, *, partition: int, code: int, outcome: Outcome) -> None:
        topic = self._topics.pop(number)
        self._trace.emit(
            RecordFailed(self._world.now_us, self.name, number, topic, partition, code, outcome.name.lower())
        )
        self._tell(number, outcome)


def _ignore(_number: int, _outcome: Outcome) -> None:
    return None


def sent_event(now_us: int, client: str, number: int, record: Record, stands_for: bytes | None) -> RecordSent:
    topic, value, key, partition, headers, timestamp_ms = record
    return RecordSent(
        now_us,
        client,
        number,
        topic,
        key,
        value,
        headers,
        -1 if timestamp_ms is None else timestamp_ms,
        -1 if partition is None else partition,
        stands_for,
    )


def _buffers(send_bytes: int, receive_bytes: int) -> SocketBuffers:
    """Sockets as these properties want them: -1 leaves them as they are, and no kernel makes them too small."""
    default = SocketBuffers()
    return SocketBuffers(
        default.send_bytes if send_bytes < 0 else max(send_bytes, SOCKET_BYTES_MIN),
        default.receive_bytes if receive_bytes < 0 else max(receive_bytes, SOCKET_BYTES_MIN),
    )
