"""A cluster that says what the test tells it to: bytes in, bytes out, on a clock that the test moves.

It answers set-up requests (ApiVersions, Metadata, InitProducerId) by itself, and keeps each Produce until the test
answers it. It is no mock of ours: the engine meets it only in frames.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from producer.commands import Connect, Disconnect, Write
from producer.config.config import ProducerConfig
from producer.engine.engine import Engine
from producer.errors import Code
from producer.events import BatchDelivered, BatchUndelivered
from producer.records import Record, TopicPartition
from producer.wire.api import SUPPORTED, ApiKey, RequestHeader, decode_request_header, encode_response
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages import api_versions, init_producer_id, metadata, produce
from producer.wire.messages.leaders import NodeEndpoint
from producer.wire.record_batch import BatchHeader, BatchRecord, decode_records, read_header

TOPIC_ID = bytes(range(16))
SECOND_US = 1_000_000


@dataclass
class Produced:
    """A Produce request that waits for its answer."""

    connection: int
    broker: int
    header: RequestHeader
    request: produce.ProduceRequest

    @property
    def batches(self) -> dict[TopicPartition, bytes]:
        found = {}
        for topic in self.request.topic_data:
            for index, records in topic.partition_data:
                assert records is not None
                found[TopicPartition("orders", index)] = records
        return found

    @property
    def only(self) -> BatchHeader:
        (batch,) = self.batches.values()
        return read_header(batch)

    @property
    def records(self) -> list[BatchRecord]:
        return [record for batch in self.batches.values() for record in decode_records(batch)]

    @property
    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]


class Asked(NamedTuple):
    """A Metadata request."""

    at_us: int
    host: str
    topics: tuple[str | None, ...] | None


@dataclass
class Connected:
    broker: int
    reader: FrameReader = field(default_factory=FrameReader)
    unanswered: list[Produced | bytes] = field(default_factory=list)
    """In order: a broker answers nothing before what came before it."""


class ScriptedCluster:
    """Brokers 1..n lead partitions round robin; time stands still until the test says otherwise."""

    def __init__(
        self,
        *,
        brokers: int = 1,
        racks: Sequence[str] = (),
        partitions: int = 1,
        api_versions_max: int = 4,
        identity_codes: Iterable[Code] = (),
        identity_epoch: int = 0,
        throttles_ms: int = 0,
        observes: bool = True,
        **properties: Any,
    ) -> None:
        given = {name.replace("_", "."): value for name, value in properties.items()}
        given = {"bootstrap.servers": "b1:9092", "client.id": "p"} | given
        self.now_us = 0
        self.brokers = brokers
        self.racks = dict(enumerate(racks, start=1))
        self.partitions = partitions
        self.produce_max = SUPPORTED[ApiKey.PRODUCE].highest
        self.api_versions_max = api_versions_max
        self.refuses_connections = False
        self.down: list[str] = []
        """Hosts that refuse connections."""
        self.silent: list[str] = []
        """Hosts that do not even refuse them."""
        self.topic_error = Code.NONE
        self.topic_id = TOPIC_ID
        self.metadata_error = Code.NONE
        self.metadata_max = SUPPORTED[ApiKey.METADATA].highest
        self.bends_metadata: Callable[[metadata.MetadataResponse], metadata.MetadataResponse] = lambda told: told
        """What becomes of what it would say."""
        self.keeps_metadata = False
        """Whether questions for metadata are left without an answer."""
        self.takes_bytes = True
        """Whether the operating system takes at once what is written; if not, `take_bytes` says when."""
        self.unwritten: list[int] = []
        """The connections of reported writes that were not taken yet."""
        self.throttles_ms = throttles_ms
        """What every answer but Produce's asks for."""
        self.hosts = {node: f"b{node}" for node in range(1, brokers + 1)}
        self.asked: list[Asked] = []
        self.identity_codes = list(identity_codes)
        self.identities = 0
        self.identity_epoch = identity_epoch
        self.identities_given: list[init_producer_id.InitProducerIdResponse] = []
        """What to answer first, whatever sense it makes."""
        self.leaders = {index: (index % brokers + 1, 5) for index in range(partitions)}
        self.waiting: list[Produced] = []
        self.seen: list[Produced] = []
        self.connections: dict[int, Connected] = {}
        self.answers: list[Any] = []
        self.observed: list[Any] = []
        self.engine = Engine(
            ProducerConfig.from_properties(given),
            chance=random.Random(7),
            nonces=random.Random(11),
            now_us=0,
            observe=self.observed.append if observes else None,
        )
        self.engine.timer_fired(0)
        self.settle()

    # -- the application ---------------------------------------------------------------------------------------------

    def send(self, value: bytes, *, key: bytes | None = None, partition: int | None = None, token: Any = None) -> None:
        record = Record("orders", value, key, partition)
        wait = self.engine.send(record, value if token is None else token, now_us=self.now_us)
        self.settle()
        for _ in range(10):
            self.settle()
            if wait is None:
                return
            self.advance(0 if self.engine.partition_count("orders") else 100_000)
            wait = self.engine.send(record, value if token is None else token, now_us=self.now_us, wait=wait)
        raise AssertionError("the record is blocked")

    def send_alone(self, value: bytes, *, partition: int | None = None) -> Produced:
        """Send a record as a batch of its own, and give the request that carries it."""
        self.send(value, partition=partition)
        self.engine.flush(self.now_us)
        self.settle()
        return self.waiting[-1]

    def placed(self) -> dict[int, list[bytes | None]]:
        """Let everything leave and be answered, and give the values that each partition got, in their order."""
        self.engine.flush(self.now_us)
        self.settle()
        while self.waiting:
            self.answer()
        found: dict[int, list[bytes | None]] = {}
        for request in self.seen:
            for partition, batch in request.batches.items():
                found.setdefault(partition.partition, []).extend(one.value for one in decode_records(batch))
        return dict(sorted(found.items()))

    @property
    def delivered(self) -> list[Any]:
        return [token for answer in self.answers if isinstance(answer, BatchDelivered) for token in answer.tokens]

    @property
    def failed(self) -> dict[Any, Any]:
        return {
            token: answer.error
            for answer in self.answers
            if isinstance(answer, BatchUndelivered)
            for token in answer.tokens
        }

    def want_metadata(self) -> None:
        """Let the engine believe that something turned out to be out of date."""
        self.engine._client.metadata.want()
        self.engine.timer_fired(self.now_us)
        self.settle()

    # -- time --------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Carry everything that is due now to and fro."""
        for _ in range(1_000):
            commands = self.engine.take_commands()
            for command in commands:
                self._carry_out(command)
            self.answers += self.engine.take_answers()
            if self.engine.deadline_us <= self.now_us:
                self.engine.timer_fired(self.now_us)
            elif not commands:
                return
        raise AssertionError("the engine is never content")

    def advance(self, duration_us: int) -> None:
        """Let time pass, ringing each deadline when it comes."""
        until_us = self.now_us + duration_us
        while self.engine.deadline_us <= until_us:
            self.now_us = max(self.now_us, self.engine.deadline_us)
            self.settle()
        self.now_us = until_us
        self.settle()

    # -- the brokers -------------------------------------------------------------------------------------------------

    def answer(
        self,
        request: Produced | None = None,
        code: int = Code.NONE,
        *,
        base_offset: int = 0,
        node_endpoints: tuple[NodeEndpoint, ...] = (),
        throttle_time_ms: int = 0,
        **more: Any,
    ) -> None:
        """Answer a Produce request, the oldest by default."""
        request = request or self.waiting[0]
        oldest = next(one for one in self.waiting if one.connection == request.connection)
        assert request is oldest, "a connection's requests are answered in their order"
        self.waiting.remove(request)
        response = produce.ProduceResponse(
            responses=tuple(
                produce.ProduceTopicResponse(
                    topic.name,
                    topic.topic_id,
                    tuple(
                        produce.ProducePartitionResponse(index, code, base_offset if not code else -1, **more)
                        for index, _ in topic.partition_data
                    ),
                )
                for topic in request.request.topic_data
            ),
            node_endpoints=node_endpoints,
            throttle_time_ms=throttle_time_ms,
        )
        version = request.header.api_version
        connected = self.connections[request.connection]
        connected.unanswered.remove(request)
        self._reply(request.connection, request.header, encode(response, version))
        while connected.unanswered and isinstance(payload := connected.unanswered[0], bytes):
            del connected.unanswered[0]
            self._request(request.connection, payload)
        self.settle()

    def take_bytes(self) -> None:
        """Let the operating system take what was written, of requests that nobody answers."""
        unwritten, self.unwritten = self.unwritten, []
        for connection in unwritten:
            if connection in self.connections:
                self.engine.written(connection, self.now_us)

    def disconnect(self, *connections: int, reason: str = "gone") -> None:
        """End connections from the brokers' side, all at once."""
        for connection in connections:
            del self.connections[connection]
            self.waiting = [request for request in self.waiting if request.connection != connection]
            self.engine.disconnected(connection, reason, self.now_us)
        self.settle()

    def disconnect_all(self) -> None:
        self.disconnect(*self.connections)

    def _carry_out(self, command: Any) -> None:
        match command:
            case Connect(connection, host, _):
                if self.refuses_connections or host in self.down:
                    self.engine.disconnected(connection, "connection refused", self.now_us)
                elif host not in self.silent:
                    self.connections[connection] = Connected(int(host[1:]))
                    self.engine.connected(connection, self.now_us)
            case Write(connection) if connection not in self.connections:
                pass  # it was lost meanwhile
            case Write(connection, data, is_reported):
                connected = self.connections[connection]
                for payload in connected.reader.feed(data):
                    header, _ = decode_request_header(payload)
                    if connected.unanswered and header.api_key != ApiKey.PRODUCE:
                        connected.unanswered.append(payload)
                    else:
                        self._request(connection, payload)
                if is_reported:
                    self.unwritten.append(connection)
                    if self.takes_bytes:
                        self.take_bytes()
            case Disconnect(connection):
                self.connections.pop(connection, None)
                self.waiting = [request for request in self.waiting if request.connection != connection]
            case _:
                raise AssertionError(command)

    def _request(self, connection: int, payload: bytes) -> None:
        header, position = decode_request_header(payload)
        body, version = payload[position:], header.api_version
        match header.api_key:
            case ApiKey.API_VERSIONS:
                self._reply_versions(connection, header)
            case ApiKey.METADATA:
                host = f"b{self.connections[connection].broker}"
                wanted = decode(metadata.MetadataRequest, body, version).topics
                names = None if wanted is None else tuple(topic.name for topic in wanted)
                self.asked.append(Asked(self.now_us, host, names))
                if not self.keeps_metadata:
                    self._reply(connection, header, encode(self.bends_metadata(self._metadata()), version))
            case ApiKey.INIT_PRODUCER_ID:
                given = self._identity()
                self._reply(connection, header, encode(given, version))
            case ApiKey.PRODUCE:
                request = decode(produce.ProduceRequest, body, version)
                produced = Produced(connection, self.connections[connection].broker, header, request)
                self.seen.append(produced)
                if request.acks != 0:
                    self.waiting.append(produced)
                    self.connections[connection].unanswered.append(produced)
            case _:
                raise AssertionError(header)

    def _reply_versions(self, connection: int, header: RequestHeader) -> None:
        known = dict(SUPPORTED) | {ApiKey.API_VERSIONS: (0, self.api_versions_max)}
        known |= {ApiKey.PRODUCE: (0, self.produce_max), ApiKey.METADATA: (0, self.metadata_max)}
        ranges = tuple(api_versions.ApiVersion(key, *known[key]) for key in sorted(known))
        refused = header.api_version > self.api_versions_max
        code = Code.UNSUPPORTED_VERSION if refused else Code.NONE
        told = api_versions.ApiVersionsResponse(code, ranges, self.throttles_ms)
        version = 0 if refused else header.api_version
        self._reply(connection, header, encode(told, version))

    def _identity(self) -> init_producer_id.InitProducerIdResponse:
        if self.identities_given:
            return self.identities_given.pop(0)
        code = self.identity_codes.pop(0) if self.identity_codes else Code.NONE
        self.identities += code == Code.NONE
        return init_producer_id.InitProducerIdResponse(
            self.throttles_ms, code, 1_000 + self.identities, self.identity_epoch
        )

    def _metadata(self) -> metadata.MetadataResponse:
        partitions = tuple(
            metadata.MetadataPartition(0, index, leader, epoch) for index, (leader, epoch) in self.leaders.items()
        )
        topic = metadata.MetadataTopic(
            self.topic_error, "orders", self.topic_id, partitions=() if self.topic_error else partitions
        )
        brokers = tuple(
            metadata.MetadataBroker(node, host, 9092, self.racks.get(node)) for node, host in self.hosts.items()
        )
        return metadata.MetadataResponse(
            self.throttles_ms, brokers=brokers, topics=(topic,), error_code=self.metadata_error
        )

    def _reply(self, connection: int, header: RequestHeader, body: bytes) -> None:
        frame = encode_response(header.api_key, header.api_version, header.correlation_id, body)
        self.engine.bytes_received(connection, frame, self.now_us)
