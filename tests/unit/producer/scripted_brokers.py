"""Brokers for any sans-IO client: they agree on versions and tell metadata by themselves, all else waits for the test.

What `ScriptedCluster` is to the producer's engine. Bytes in, bytes out, on a clock that the test moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from producer.commands import Connect, Disconnect, Driven, Write
from producer.errors import Code
from producer.wire.api import SUPPORTED, ApiKey, RequestHeader, VersionRange, decode_request_header, encode_response
from producer.wire.codec import encode
from producer.wire.frames import FrameReader
from producer.wire.messages import api_versions, metadata

SECOND_US = 1_000_000


class Waiting(NamedTuple):
    """A request that waits for its answer."""

    broker: int
    connection: int
    header: RequestHeader
    body: bytes

    @property
    def api(self) -> ApiKey:
        return ApiKey(self.header.api_key)

    @property
    def version(self) -> int:
        return self.header.api_version


@dataclass
class _Connected:
    broker: int
    reader: FrameReader = field(default_factory=FrameReader)
    unanswered: list[Waiting | bytes] = field(default_factory=list)
    """In order: a broker answers nothing before what came before it."""


class ScriptedBrokers:
    """Brokers 1..n; `topics` says who leads which partition, and since which epoch."""

    def __init__(self, *, brokers: int = 1, topics: dict[str, list[tuple[int, int]]] | None = None) -> None:
        self.now_us = 0
        self.hosts = {node: f"b{node}" for node in range(1, brokers + 1)}
        self.topics = topics or {}
        self.topic_ids = {name: index.to_bytes(16, "big") for index, name in enumerate(self.topics, start=1)}
        self.topic_error = Code.NONE
        self.down: list[str] = []
        """Hosts that refuse connections."""
        self.spoken: dict[int, VersionRange] = {int(api): spoken for api, spoken in SUPPORTED.items()}
        self.finalized: tuple[api_versions.FinalizedFeature, ...] = ()
        self.connections: dict[int, _Connected] = {}
        self.connected_to: list[int] = []
        """Brokers, in the order in which connections to them were begun."""
        self.waiting: list[Waiting] = []
        self.metadata_asked = 0
        self.driven: Driven

    # -- time --------------------------------------------------------------------------------------------------------

    def drive(self, driven: Driven) -> None:
        """Begin to drive it."""
        self.driven = driven
        self.settle()

    def settle(self) -> None:
        """Carry everything that is due now to and fro."""
        for _ in range(1_000):
            commands = self.driven.take_commands()
            for command in commands:
                self._carry_out(command)
            if self.driven.deadline_us <= self.now_us:
                self.driven.timer_fired(self.now_us)
            elif not commands:
                return
        raise AssertionError("the client is never content")

    def advance(self, duration_us: int) -> None:
        """Let time pass, ringing each deadline when it comes."""
        until_us = self.now_us + duration_us
        while self.driven.deadline_us <= until_us:
            self.now_us = max(self.now_us, self.driven.deadline_us)
            self.settle()
        self.now_us = until_us
        self.settle()

    # -- what brokers do ---------------------------------------------------------------------------------------------

    def next(self, api: ApiKey | None = None) -> Waiting:
        """The oldest request that waits, of this API."""
        return next(one for one in self.waiting if api in (None, one.api))

    def answer(self, request: Waiting, body: bytes) -> None:
        """Answer a request that waits."""
        connected = self.connections[request.connection]
        oldest = connected.unanswered.pop(0)
        assert oldest is request, "a connection's requests are answered in their order"
        self.waiting.remove(request)
        self._reply(request.connection, request.header, body)
        while connected.unanswered and isinstance(payload := connected.unanswered[0], bytes):
            del connected.unanswered[0]
            self._request(request.connection, connected, payload)
        self.settle()

    def disconnect(self, *brokers: int) -> None:
        """End the connections to these brokers, or to all."""
        gone = [number for number, one in self.connections.items() if not brokers or one.broker in brokers]
        for number in gone:
            del self.connections[number]
            self.waiting = [one for one in self.waiting if one.connection != number]
            self.driven.disconnected(number, "gone", self.now_us)
        self.settle()

    def _carry_out(self, command: Any) -> None:
        match command:
            case Connect(connection, host, _):
                broker = int(host[1:])
                self.connected_to.append(broker)
                if host in self.down:
                    self.driven.disconnected(connection, "connection refused", self.now_us)
                else:
                    self.connections[connection] = _Connected(broker)
                    self.driven.connected(connection, self.now_us)
            case Write(connection, data):
                connected = self.connections.get(connection)
                if connected is not None:
                    for payload in connected.reader.feed(data):
                        self._request(connection, connected, payload)
            case Disconnect(connection):
                self.connections.pop(connection, None)
                self.waiting = [one for one in self.waiting if one.connection != connection]
            case _:
                raise AssertionError(command)

    def _request(self, connection: int, connected: _Connected, payload: bytes) -> None:
        header, position = decode_request_header(payload)
        if header.api_key in (ApiKey.API_VERSIONS, ApiKey.METADATA) and connected.unanswered:
            connected.unanswered.append(payload)
        elif header.api_key == ApiKey.API_VERSIONS:
            ranges = tuple(api_versions.ApiVersion(key, *self.spoken[key]) for key in sorted(self.spoken))
            told = api_versions.ApiVersionsResponse(
                0, ranges, finalized_features_epoch=1 if self.finalized else -1, finalized_features=self.finalized
            )
            self._reply(connection, header, encode(told, header.api_version))
        elif header.api_key == ApiKey.METADATA:
            self.metadata_asked += 1
            self._reply(connection, header, encode(self._metadata(), header.api_version))
        else:
            request = Waiting(connected.broker, connection, header, payload[position:])
            connected.unanswered.append(request)
            self.waiting.append(request)

    def _metadata(self) -> metadata.MetadataResponse:
        return metadata.MetadataResponse(
            brokers=tuple(metadata.MetadataBroker(node, host, 9092, None) for node, host in self.hosts.items()),
            topics=tuple(
                metadata.MetadataTopic(
                    self.topic_error,
                    name,
                    self.topic_ids[name],
                    partitions=tuple(
                        metadata.MetadataPartition(0, index, leader, epoch)
                        for index, (leader, epoch) in enumerate(leaders)
                        if not self.topic_error
                    ),
                )
                for name, leaders in self.topics.items()
            ),
        )

    def _reply(self, connection: int, header: RequestHeader, body: bytes) -> None:
        frame = encode_response(header.api_key, header.api_version, header.correlation_id, body)
        self.driven.bytes_received(connection, frame, self.now_us)
