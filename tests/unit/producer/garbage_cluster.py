"""A cluster whose brokers answer nonsense for a while, whatever they are asked, and then come to their senses."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any

from producer.commands import Connect, Write
from producer.errors import Code
from producer.wire.api import SUPPORTED, ApiKey, RequestHeader, encode_response
from producer.wire.codec import encode
from producer.wire.messages import api_versions, init_producer_id, metadata, produce, sasl_authenticate, sasl_handshake
from tests.unit.producer.sasl_server import SecureCluster
from tests.unit.producer.scripted_cluster import TOPIC_ID, Produced

LENGTH = Struct(">i")
EPOCH_LAST = 2**31 - 1


# -- what a broker may do in place of an honest answer -----------------------------------------------------------------


@dataclass(frozen=True)
class Noise:
    """Bytes that are no frame, or a frame of something else."""

    data: bytes


@dataclass(frozen=True)
class NoiseInside:
    """A frame for the right request with a body of noise."""

    data: bytes


@dataclass(frozen=True)
class Overwritten:
    """The honest answer, with some bytes of its body written over."""

    place: int
    data: bytes


@dataclass(frozen=True)
class Measured:
    """The honest answer behind a frame length that is not its own."""

    length: int


@dataclass(frozen=True)
class Cut:
    """The first bytes of the honest answer; then the connection ends, or nothing more is said on it."""

    place: int
    closes: bool


@dataclass(frozen=True)
class Renumbered:
    """The honest answer under the number of another request."""

    by: int


@dataclass(frozen=True)
class Repeated:
    """The honest answer, twice."""


@dataclass(frozen=True)
class Late:
    """The honest answer, but after the next one on that connection."""


@dataclass(frozen=True)
class Coded:
    """A well-formed answer that says this error code."""

    code: int


@dataclass(frozen=True)
class Numbered:
    """A well-formed answer with this number wherever a count, an id, a time or an offset stands."""

    number: int


@dataclass(frozen=True)
class Honest:
    """What a broker should say."""


Nonsense = Noise | NoiseInside | Overwritten | Measured | Cut | Renumbered | Repeated | Late | Coded | Numbered | Honest


class GarbageCluster(SecureCluster):
    """Each API's answers follow its plan, one after the other, whoever is asked; when it is used up they are honest.

    Produce is answered too.
    """

    def __init__(self, plans: Mapping[ApiKey, Iterable[Nonsense]], **properties: Any) -> None:
        self.plans = {api: deque(plan) for api, plan in plans.items()}
        self.held: dict[int, bytes] = {}
        """An answer that waits for the next one on its connection."""
        self.appended: list[bytes | None] = []
        """What a broker took, and did not lie about: bytes written over may say as well that it did not."""
        self.misled: dict[int, None] = {}
        """Connections on which the versions were not told honestly; they are believed as long as the connection lasts."""
        super().__init__(**properties)

    def come_to_senses(self) -> None:
        """From now on all is honest; leaders are newer than any that was made up, versions are agreed anew."""
        self.plans.clear()
        self.disconnect(*(number for number in self.misled if number in self.connections))
        self.leaders = {partition: (leader, EPOCH_LAST) for partition, (leader, _) in self.leaders.items()}

    def _carry_out(self, command: Any) -> None:
        if isinstance(command, Write) and command.connection not in self.connections:
            # It was cut while the engine had this to say, and a driver drops what nobody will read.
            return
        if isinstance(command, Connect) and command.host not in {f"b{node}" for node in range(1, self.brokers + 1)}:
            self.engine.disconnected(command.connection, "no such host", self.now_us)
            return
        super()._carry_out(command)

    def _request(self, connection: int, payload: bytes) -> None:
        super()._request(connection, payload)
        while self.waiting:
            self._acknowledge(self.waiting.pop())

    def _acknowledge(self, produced: Produced) -> None:
        plan = self.plans.get(ApiKey.PRODUCE)
        step = plan[0] if plan else Honest()
        told = produce.ProducePartitionResponse(0, base_offset=0)
        if isinstance(step, Coded):
            told = told._replace(error_code=step.code)
        elif isinstance(step, Numbered):
            told = produce.ProducePartitionResponse(
                0, 0, step.number, step.number, step.number, (produce.RecordError(step.number, "bad"),)
            )
        if told.error_code == Code.NONE and not isinstance(step, Overwritten | NoiseInside):
            self.appended += produced.values
        throttle_ms = step.number if isinstance(step, Numbered) else 0
        topics = tuple(
            produce.ProduceTopicResponse(
                topic.name, topic.topic_id, tuple(told._replace(index=index) for index, _ in topic.partition_data)
            )
            for topic in produced.request.topic_data
        )
        response = produce.ProduceResponse(topics, throttle_ms)
        body = encode(response, produced.header.api_version)
        self._reply(produced.connection, produced.header, body)

    def _reply(self, connection: int, header: RequestHeader, body: bytes) -> None:
        plan = self.plans.get(ApiKey(header.api_key))
        step = plan.popleft() if plan else Honest()
        if header.api_key == ApiKey.API_VERSIONS and not isinstance(step, Honest):
            self.misled[connection] = None
        if isinstance(step, Coded | Numbered) and header.api_key != ApiKey.PRODUCE:
            body = self._lie(header, step)
        frame = encode_response(header.api_key, header.api_version, header.correlation_id, body)
        data = self._spoilt(step, header, frame)
        if isinstance(step, Late):
            self.held[connection] = self.held.get(connection, b"") + data
            return
        data += self.held.pop(connection, b"")
        if data:
            self.engine.bytes_received(connection, data, self.now_us)
        if isinstance(step, Cut) and step.closes and connection in self.connections:
            self.disconnect(connection)

    def _spoilt(self, step: Nonsense, header: RequestHeader, frame: bytes) -> bytes:
        match step:
            case Noise(data):
                return data
            case NoiseInside(data):
                return encode_response(header.api_key, header.api_version, header.correlation_id, data)
            case Overwritten(place, data):
                start = 8 + place % max(len(frame) - 8, 1)
                return (frame[:start] + data + frame[start + len(data) :])[: len(frame)]
            case Measured(length):
                return LENGTH.pack(length) + frame[4:]
            case Cut(place):
                return frame[: place % len(frame)]
            case Renumbered(by):
                number = (header.correlation_id + by) & 0x7FFFFFFF
                return frame[:4] + LENGTH.pack(number) + frame[8:]
            case Repeated():
                return frame * 2
            case _:
                return frame

    def _lie(self, header: RequestHeader, step: Coded | Numbered) -> bytes:
        """Say a code, or a number, in a body that is well formed. Epochs are left alone: a newer one is believed."""
        code = step.code if isinstance(step, Coded) else 0
        number = step.number if isinstance(step, Numbered) else 0
        small = max(-(1 << 15), min(number, (1 << 15) - 1))
        version = header.api_version
        match header.api_key:
            case ApiKey.API_VERSIONS:
                ranges = tuple(api_versions.ApiVersion(key, small, small) for key in SUPPORTED) if number else ()
                return encode(api_versions.ApiVersionsResponse(code, ranges, number), version)
            case ApiKey.METADATA:
                partitions = tuple(metadata.MetadataPartition(code, index, number) for index in self.leaders)
                if number:
                    partitions = (*partitions, metadata.MetadataPartition(0, number, 1))
                topic = metadata.MetadataTopic(code, "orders", TOPIC_ID, partitions=() if code else partitions)
                brokers = (
                    metadata.MetadataBroker(number, f"b{number}", number),
                    metadata.MetadataBroker(1, "b1", 9092),
                )
                return encode(
                    metadata.MetadataResponse(number, brokers, None, number, (topic,), error_code=code), version
                )
            case ApiKey.INIT_PRODUCER_ID:
                given = init_producer_id.InitProducerIdResponse(number, code, number, small)
                return encode(given, version)
            case ApiKey.SASL_HANDSHAKE:
                return encode(sasl_handshake.SaslHandshakeResponse(code, ("PLAIN",) if not number else ()), version)
            case _:
                assert header.api_key == ApiKey.SASL_AUTHENTICATE
                told = sasl_authenticate.SaslAuthenticateResponse(code, None, b"", number)
                return encode(told, version)
