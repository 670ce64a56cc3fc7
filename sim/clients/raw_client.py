"""Clients that send Produce requests as a story says them: real bytes, and no engine that would know better.

A raw client has a host of its own and numbers its records as a producer does, so that whoever judges a run follows them like any
others. Each request goes once, over a connection of its own; what its answer says is what the client is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code, Outcome, error_code
from producer.events import BatchAcknowledged, BatchFailed, BatchOpened, BatchSent, RecordAccepted
from producer.records import OFFSET_UNKNOWN, Record
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceResponse, ProduceTopic
from producer.wire.record_batch import encode_batch, read_header
from sim.trace.events import RecordAcknowledged, RecordFailed, RecordSent
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.clients.virtual_driver import SomeCluster
    from sim.cluster.raw_clients import RawProduce
    from sim.world.network import Endpoint

REQUEST_TIMEOUT_MS = 30_000
"""request.timeout.ms of Kafka's producers: for the broker, and for the client that waits."""
VERSION = 12
"""Of Produce, the last that names a topic: the next one wants to be told its id first."""
CORRELATION_ID = 1
"""Each connection has one request."""


class RawClients:
    """Every raw client of one run, by name."""

    def __init__(self, cluster: SomeCluster, on_done: Callable[[], object]) -> None:
        """`on_done` is called whenever a request has its end."""
        self._cluster = cluster
        self._on_done = on_done
        self._clients: dict[str, RawClient] = {}
        self.asked: list[RawProduce] = []
        """Every request that they were told to send, in order."""

    @property
    def is_done(self) -> bool:
        """Whether every request has its answer, or never will."""
        return all(client.is_done for client in self._clients.values())

    def write(self, client: str, broker: int, produce: RawProduce) -> None:
        """Let a client send this to a broker now. Raises ValueError if somebody else has its name."""
        found = self._clients.get(client)
        if found is None:
            if client in self._cluster.network.hosts:
                raise ValueError(f"somebody is called {client} already")
            found = self._clients[client] = RawClient(self._cluster, client, self._on_done)
        self.asked.append(produce)
        found.write(broker, produce)


class RawClient:
    """One of them, on the host of its name."""

    def __init__(self, cluster: SomeCluster, name: str, on_done: Callable[[], object]) -> None:
        """Add the host."""
        self.name = name
        self.world, self.trace, self.network = cluster.world, cluster.trace, cluster.network
        self.host = cluster.network.add_host(name)
        self._epoch_us = cluster.epoch_us
        self._on_done = on_done
        self._records = 0
        self._requests = 0
        self._without_end = 0

    @property
    def is_done(self) -> bool:
        return not self._without_end

    @property
    def now_ms(self) -> int:
        """The time on the host's calendar."""
        return (self._epoch_us + self.world.now_us + self.host.clock_offset_us) // MILLISECOND_US

    def write(self, broker: int, produce: RawProduce) -> None:
        """Send one request now."""
        first = self._records + 1
        self._records += produce.records
        self._requests += 1
        self._without_end += 1
        records = {number: self.record(number, produce) for number in range(first, self._records + 1)}
        _Request(self, self._requests, broker, produce, records)

    def record(self, number: int, produce: RawProduce) -> Record:
        """Make the record of that number."""
        value = f"{self.name}-{number}".encode()
        return Record(produce.where.topic, value, partition=produce.where.partition)

    def ended(self) -> None:
        """One of its requests has its end."""
        self._without_end -= 1
        self._on_done()


class _Request:
    """One request, from the first packet to the last word; its number is that of its connection, and of its batch."""

    def __init__(
        self, client: RawClient, number: int, broker: int, produce: RawProduce, records: dict[int, Record]
    ) -> None:
        """Begin: a stream is asked for, and what is sent on it is fixed."""
        self._client = client
        self._number = number
        self._broker = broker
        self._produce = produce
        self._records = records
        self._time_ms = client.now_ms
        self._reader = FrameReader()
        self._endpoint: Endpoint | None = None
        self._is_over = False
        self._say_begin()
        self._timer = client.host.call_in(REQUEST_TIMEOUT_MS * MILLISECOND_US, self._fail, Code.REQUEST_TIMED_OUT, "")
        self._attempt = client.network.connect(
            client.host,
            f"b{broker}",
            connection=number,
            on_open=self._opened,
            on_failed=lambda reason: self._fail(Code.NETWORK_EXCEPTION, reason),
        )

    def _opened(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        endpoint.on_received = self._received
        endpoint.on_closed = lambda reason: self._fail(Code.NETWORK_EXCEPTION, reason)
        produce = self._produce
        batch = encode_batch(
            [(one.key, one.value, one.headers, self._time_ms) for one in self._records.values()],
            producer_id=produce.producer_id,
            producer_epoch=produce.producer_epoch,
            base_sequence=produce.base_sequence,
        )
        self._say_sent(batch)
        topic, partition = produce.where
        data = (ProduceTopic(name=topic, partition_data=(ProducePartition(partition, batch),)),)
        body = encode(ProduceRequest(None, produce.acks, REQUEST_TIMEOUT_MS, data), VERSION)
        endpoint.send(api.encode_request(ApiKey.PRODUCE, VERSION, CORRELATION_ID, self._client.name, body))
        if produce.acks == 0:
            # Nobody will ever say more; the connection stays, for what was sent on it must not be lost with it.
            self._acknowledge(OFFSET_UNKNOWN, self._time_ms)

    def _received(self, data: bytes) -> None:
        for payload in self._reader.feed(data):
            body = api.response_body(ApiKey.PRODUCE, VERSION, payload)
            told = decode(ProduceResponse, body, VERSION).responses[0].partition_responses[0]
            if told.error_code:
                self._fail(told.error_code, told.error_message or "", is_refused=True)
            else:
                is_stamped = told.log_append_time_ms >= 0
                self._acknowledge(told.base_offset, told.log_append_time_ms if is_stamped else self._time_ms)
                self._close()

    # -- the end -------------------------------------------------------------------------------------------------------

    def _acknowledge(self, base_offset: int, time_ms: int) -> None:
        if not self._end():
            return
        now_us, name, where = self._client.world.now_us, self._client.name, self._produce.where
        emit = self._client.trace.emit
        emit(BatchAcknowledged(now_us, name, self._number, *where, base_offset, int(Code.NONE)))
        for place, number in enumerate(self._records):
            offset = OFFSET_UNKNOWN if base_offset == OFFSET_UNKNOWN else base_offset + place
            emit(RecordAcknowledged(now_us, name, number, *where, offset, time_ms))
        self._client.ended()

    def _fail(self, code: int, reason: str, *, is_refused: bool = False) -> None:
        if not self._end():
            return
        self._close()
        error = error_code(code)
        # A stream that never opened carried nothing; whoever refuses has appended nothing, or its code leaves that open.
        may_be_written = error.may_hide_append if is_refused else self._endpoint is not None
        outcome = Outcome.UNKNOWN if may_be_written else Outcome.FAILED
        now_us, name, where = self._client.world.now_us, self._client.name, self._produce.where
        emit = self._client.trace.emit
        emit(BatchFailed(now_us, name, self._number, *where, error.code, outcome.value, reason or error.name))
        for number in self._records:
            emit(RecordFailed(now_us, name, number, *where, error.code, outcome.value))
        self._client.ended()

    def _end(self) -> bool:
        """Note that this is the end. Returns False if it had one before."""
        if self._is_over:
            return False
        self._is_over = True
        self._timer.cancel()
        return True

    def _close(self) -> None:
        self._attempt.abandon()
        if self._endpoint is not None:
            self._endpoint.close()

    # -- the trace -----------------------------------------------------------------------------------------------------

    def _say_begin(self) -> None:
        now_us, name, where = self._client.world.now_us, self._client.name, self._produce.where
        emit = self._client.trace.emit
        for number, (topic, value, key, partition, headers, _) in self._records.items():
            assert partition is not None
            emit(RecordSent(now_us, name, number, topic, key, value, headers, partition=partition))
        emit(BatchOpened(now_us, name, self._number, *where))
        for number in self._records:
            emit(RecordAccepted(now_us, name, number, self._number, *where))

    def _say_sent(self, batch: bytes) -> None:
        self._client.trace.emit(
            BatchSent(
                self._client.world.now_us,
                self._client.name,
                self._number,
                *self._produce.where,
                self._broker,
                self._number,
                CORRELATION_ID,
                1,
                self._produce.producer_id,
                self._produce.producer_epoch,
                self._produce.base_sequence,
                len(self._records),
                len(batch),
                read_header(batch).crc,
            )
        )
