"""What is no request ends its connection, as on Kafka 4.3, and is told with the value; what came before it is answered."""

import struct

import pytest

from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.frames import FrameReader, frame
from producer.wire.messages.metadata import MetadataRequest
from sim.trace.events import HandlerFailed, RequestRejected
from tests.unit.sim.raw_client import Lab

METADATA_VERSION = 12
BODY = encode(MetadataRequest(topics=()), METADATA_VERSION)


def header(api_key: int, version: int, client_id_size: int = -1) -> bytes:
    return struct.pack(">hhih", api_key, version, 1, client_id_size)


NONSENSE: dict[str, tuple[bytes, str]] = {
    "2 GB": (struct.pack(">i", 2**31 - 1), "a frame of 2147483647 bytes, must be 0..104857600"),
    "negative": (struct.pack(">i", -2), "a frame of -2 bytes"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01", "the peer speaks TLS"),
    "HTTP": (b"GET / HTTP/1.1\r\n\r\n", "a frame of 1195725856 bytes"),
    "empty": (frame(b""), "a request header in 0 bytes"),
    "half a header": (frame(b"\x00\x03\x00"), "a request header in 3 bytes"),
    "no such API": (frame(header(999, 0)), "API 999 version 0, which no broker here answers"),
    "API below zero": (frame(header(-5, 0)), "API -5 version 0"),
    "an API of controllers": (frame(header(52, 0)), "API 52 version 0"),
    "version too high": (frame(header(3, 99) + b"\x00"), "METADATA version 99, this codec speaks 0-13"),
    "version below zero": (frame(header(3, -1)), "METADATA version -1"),
    "client id beyond the end": (frame(header(3, 1, 500)), "ends at byte 510"),
    "tags beyond the end": (frame(header(3, METADATA_VERSION) + b"\x05\x07"), "a request header in 12 bytes"),
    "no body": (frame(header(3, METADATA_VERSION) + b"\x00"), "METADATA request version 12 in 0 bytes"),
    "body cut off": (frame(header(3, METADATA_VERSION) + b"\x00" + BODY[:-2]), "METADATA request version 12"),
}


@pytest.mark.parametrize("data, reason", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_ends_its_connection_and_is_named_and_no_other_is_touched(data: bytes, reason: str) -> None:
    lab = Lab(is_served=True)
    bystander, connection = lab.client.connect(1), lab.client.connect(1)

    connection.endpoint.send(data)
    lab.run(1)

    assert connection.closed is not None
    (event,) = lab.events(RequestRejected)
    assert (event.broker, event.client, event.connection) == (1, "c1", connection.number)
    assert reason in event.reason
    assert lab.events(HandlerFailed) == []
    assert bystander.call(ApiKey.METADATA, MetadataRequest(topics=())).brokers


@pytest.mark.parametrize("data, reason", NONSENSE.values(), ids=NONSENSE)
def test_requests_before_nonsense_in_one_piece_with_it_are_answered(data: bytes, reason: str) -> None:
    lab = Lab(is_served=True)
    connection = lab.client.connect(1)
    answers: list[bytes] = []
    connection.endpoint.on_received = answers.append
    whole = [api.encode_request(ApiKey.METADATA, METADATA_VERSION, number, "raw", BODY) for number in (1, 2, 3)]

    connection.endpoint.send(b"".join(whole) + data)
    lab.run(1)

    assert [api.read_correlation_id(one) for one in FrameReader().feed(b"".join(answers))] == [1, 2, 3]
    assert connection.closed is not None
    assert reason in lab.events(RequestRejected)[0].reason
