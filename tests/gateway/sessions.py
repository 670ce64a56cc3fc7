"""Both ends of a session, by hand: what a client asks, what its broker answers, and what each of them gets to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic
from producer.wire.record_batch import encode_batch
from sim.gateway.core.session import Session
from sim.gateway.tcp.crossing import answered

if TYPE_CHECKING:
    from sim.gateway.tcp.crossing import Answering


class Stand:
    """One address for each broker: a port 20,000 higher."""

    def told(self, node_id: int, host: str, port: int) -> tuple[str, int]:
        return "gateway", port + 20_000


class Ends:
    """A session with somebody on both sides."""

    def __init__(self, enforcement: Answering) -> None:
        self._enforcement = enforcement
        self.session = Session(enforcement, Stand(), client_host="10.0.0.7")
        self._to_broker, self._to_client = FrameReader(), FrameReader()
        self.requests: list[bytes] = []
        """What came to the broker, and it has yet to answer."""
        self._asked: dict[int, tuple[ApiKey, int]] = {}
        self._number = 0
        self.answers: list[tuple[int, Any]] = []
        """What came to the client: which request it answers, and the message."""

    def ask(self, key: ApiKey, version: int, message: Any, *, cut: int | None = None) -> int:
        """Ask as a client; in pieces of `cut` bytes if it is given. Gives the request's number."""
        self._number += 1
        self._asked[self._number] = (key, version)
        data = api.encode_request(key, version, self._number, "by hand", encode(message, version))
        for begin in range(0, len(data), cut or len(data)):
            self.sends(data[begin : begin + (cut or len(data))])
            self._pass_on()
        return self._number

    def sends(self, data: bytes) -> None:
        """Send any bytes as the client, and look at nothing."""
        answered(self.session.client_sent(data), self._enforcement.answer)

    def answers_with(self, data: bytes) -> None:
        """Send any bytes as the broker, and look at nothing."""
        answered(self.session.broker_sent(data), self._enforcement.answer)

    def answer(self, message: Any) -> None:
        """Answer, as the broker, the request that came first."""
        header, _ = api.decode_request_header(self.requests.pop(0))
        body = encode(message, header.api_version)
        self.answers_with(api.encode_response(header.api_key, header.api_version, header.correlation_id, body))
        self._pass_on()

    def request(self, message: type[Any]) -> Any:
        """Read, as the broker, the request that came first."""
        header, position = api.decode_request_header(self.requests[0])
        return decode(message, self.requests[0][position:], header.api_version)

    def _pass_on(self) -> None:
        taken = self.session.take()
        self.requests += self._to_broker.feed(taken.for_broker)
        for payload in self._to_client.feed(taken.for_client):
            number = api.read_correlation_id(payload)
            key, version = self._asked[number]
            self.answers.append(
                (number, decode(key.message("response"), api.response_body(key, version, payload), version))
            )


def batch(*values: bytes, **stamp: Any) -> bytes:
    """A batch of records that have a key, a header and their times."""
    return encode_batch(
        [(b"k%d" % n, value, (("trace", b"1"),), 1_700_000_000_000 + n) for n, value in enumerate(values)], **stamp
    )


def produce(*parts: tuple[str, int, bytes], acks: int = -1) -> ProduceRequest:
    """Ask for batches to be appended, each with its topic and partition."""
    topics = dict.fromkeys(topic for topic, _, _ in parts)
    return ProduceRequest(
        acks=acks,
        timeout_ms=30_000,
        topic_data=tuple(
            ProduceTopic(
                topic, partition_data=tuple(ProducePartition(n, data) for name, n, data in parts if name == topic)
            )
            for topic in topics
        ),
    )
