"""What Kafka's brokers forgive in a request, our decoders forgive; what they refuse, ours refuse."""

import socket

import pytest

from producer.errors import MalformedError
from producer.wire.api import ApiKey, encode_request, read_correlation_id
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages.fetch import FetchRequest
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.interop.apache_kafka import ApacheKafka

ANSWER_S_MAX = 10
ASKED = encode(MetadataRequest((MetadataRequestTopic(name="nobodys"),), allow_auto_topic_creation=False), 9)
NO_TOPIC = MetadataRequest((), allow_auto_topic_creation=False)
# Nothing, in version 12: all but the number of tagged fields.
FETCHED = encode(FetchRequest(), 12)[:-1]


def with_tag(tag: int, size: int, content: bytes = b"") -> bytes:
    """A question in version 9 that ends in one tagged field."""
    return encode(NO_TOPIC, 9)[:-1] + bytes((1, tag, size)) + content


ODDITIES = {
    # -- forgiven ------------------------------------------------------------------------------------------------------
    # librdkafka sends three of them in list_topics().
    "bytes behind the last field": (ApiKey.METADATA, 9, ASKED + b"\x00\x00\x00", True),
    "bytes behind the last field, legacy": (ApiKey.METADATA, 4, encode(NO_TOPIC, 4) + b"\x01\x02", True),
    "another negative length than -1 for null": (ApiKey.METADATA, 4, b"\xff\xff\xff\xf0" + b"\x00", True),
    "a compact length of more than 31 bits for null": (ApiKey.METADATA, 9, b"\xff\xff\xff\xff\x0f" + bytes(4), True),
    "a name that is no UTF-8": (ApiKey.METADATA, 4, b"\x00\x00\x00\x01\x00\x02a\xff\x00", True),
    "a boolean of 7": (ApiKey.METADATA, 4, b"\x00\x00\x00\x00\x07", True),
    "an unknown tagged field": (ApiKey.METADATA, 9, with_tag(9, 2, b"ab"), True),
    "an unknown tagged field of another API": (ApiKey.FETCH, 12, FETCHED + b"\x01\x09\x00", True),
    "a varint with needless bytes": (ApiKey.METADATA, 9, b"\x81\x80\x00" + encode(NO_TOPIC, 9)[1:], True),
    # -- refused -------------------------------------------------------------------------------------------------------
    "cut off": (ApiKey.METADATA, 9, ASKED[:-2], False),
    "no body": (ApiKey.METADATA, 9, b"", False),
    "null where it is not allowed": (ApiKey.METADATA, 0, b"\xff\xff\xff\xff", False),
    "more topics than bytes": (ApiKey.METADATA, 4, b"\x00\x00\x40\x00" + b"\x00", False),
    "a name that is longer than the request": (ApiKey.METADATA, 4, b"\x00\x00\x00\x01\x00\x70a\x00", False),
    "a name of 40,000 bytes": (ApiKey.METADATA, 9, b"\x02\xc1\xb8\x02" + b"a" * 40_000 + bytes(5), False),
    "a varint of six bytes": (ApiKey.METADATA, 9, b"\xff\xff\xff\xff\xff\x01" + bytes(5), False),
    "a tagged field that is longer than the request": (ApiKey.METADATA, 9, with_tag(9, 99, b"ab"), False),
    "a tag of another version": (ApiKey.FETCH, 12, FETCHED + b"\x01\x01\x00", False),
}


def is_answered(kafka: ApacheKafka, api: ApiKey, version: int, body: bytes) -> bool:
    """Whether a broker answers; otherwise it ends the connection."""
    host, port = kafka.bootstrap.split(",")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=ANSWER_S_MAX) as connection:
        connection.sendall(encode_request(api, version, 77, "acklab", body))
        reader = FrameReader()
        while received := connection.recv(65_536):
            for payload in reader.feed(received):
                return read_correlation_id(payload) == 77
    return False


@pytest.mark.parametrize("oddity", ODDITIES)
def test_we_forgive_and_refuse_what_kafka_does(kafka: ApacheKafka, oddity: str) -> None:
    api, version, body, is_forgiven = ODDITIES[oddity]

    try:
        decode(api.message("request"), body, version)
    except MalformedError:
        assert not is_forgiven
    else:
        assert is_forgiven

    assert is_answered(kafka, api, version, body) == is_forgiven
