"""What librdkafka said (see capture.py) is read whole, and said again byte for byte."""

from pathlib import Path
from typing import Any

import pytest

from producer.wire.api import (
    ApiKey,
    decode_request_header,
    encode_request,
    encode_response,
    read_correlation_id,
    response_body,
)
from producer.wire.codec import decode, encode
from producer.wire.compression import Codec
from producer.wire.frames import FrameReader, frame
from producer.wire.messages import api_versions, produce
from producer.wire.record_batch import (
    BatchRecord,
    check_crc,
    decode_records,
    encode_batch,
    read_header,
    restamp,
    split_batches,
)

STORIES = sorted((Path(__file__).parent / "librdkafka").glob("*.frames"))
TEXT = b"golden value " * 12
TIMESTAMP_MS = 1_700_000_000_000
SENT = (
    BatchRecord(0, TIMESTAMP_MS, b"key-0", TEXT, ()),
    BatchRecord(1, TIMESTAMP_MS, None, TEXT, ()),
    BatchRecord(2, TIMESTAMP_MS, b"key-2", None, ()),
    BatchRecord(3, TIMESTAMP_MS, b"key-3", TEXT, (("trace", b"one"), ("empty", b""), ("null", None))),
    BatchRecord(4, TIMESTAMP_MS, b"key-4", b"", ()),
)


def frames_of(story: Path) -> list[tuple[str, ApiKey, int, bytes]]:
    rows = [line.split() for line in story.read_text().splitlines()]
    return [(kind, ApiKey[name], int(version), bytes.fromhex(whole)) for kind, name, version, whole in rows]


EVERY = [
    pytest.param(*captured, id=f"{story.stem}-{at}-{captured[1].name}-{captured[2]}-{captured[0]}")
    for story in STORIES
    for at, captured in enumerate(frames_of(story))
]


def answer_of(api: ApiKey, body: bytes, version: int) -> Any:
    """Read an answer; that of ApiVersions may be error 35, which comes in a body of its own."""
    if api is ApiKey.API_VERSIONS:
        return api_versions.decode_response(body, version)
    return decode(api.message("response"), body, version)


def answers(api: ApiKey) -> list[tuple[int, Any]]:
    """Give each captured answer of an API, with its version."""
    return [
        (version, answer_of(api, response_body(api, version, whole[4:]), version))
        for story in STORIES
        for kind, named, version, whole in frames_of(story)
        if (kind, named) == ("response", api)
    ]


def batch_of(story: Path) -> bytes:
    """Give the one record batch that a story produced."""
    for kind, api, version, whole in frames_of(story):
        if (kind, api) == ("request", ApiKey.PRODUCE):
            _, position = decode_request_header(whole[4:])
            request = decode(produce.ProduceRequest, whole[4 + position :], version)
            ((name, _, ((index, records),)),) = request.topic_data
            assert (name, index) == ("golden", 0)
            assert records is not None
            return records
    raise AssertionError(story)


def test_there_is_a_story_of_each_codec_and_of_idempotence() -> None:
    assert {story.stem for story in STORIES} >= {f"plain-{codec.name.lower()}" for codec in Codec}
    assert {story.stem for story in STORIES} >= {"idempotent-none", "idempotent-lz4"}
    assert {named for story in STORIES for _, named, _, _ in frames_of(story)} >= {
        ApiKey.PRODUCE,
        ApiKey.METADATA,
        ApiKey.API_VERSIONS,
        ApiKey.INIT_PRODUCER_ID,
    }


@pytest.mark.parametrize("kind, api, version, whole", EVERY)
def test_each_frame_is_said_again_byte_for_byte(kind: str, api: ApiKey, version: int, whole: bytes) -> None:
    (payload,) = FrameReader().feed(whole)

    if kind == "request":
        header, position = decode_request_header(payload)
        assert (header.api_key, header.api_version, header.client_id) == (api, version, "golden")
        value = decode(api.message("request"), payload[position:], version)
        again = encode_request(api, version, header.correlation_id, "golden", encode(value, version))
    else:
        value = answer_of(api, response_body(api, version, payload), version)
        if value == api_versions.ApiVersionsResponse(35):
            # The mock cluster answers error 35 in bytes that no version allows: only the error is read.
            return
        again = encode_response(api, version, read_correlation_id(payload), encode(value, version))
        if api is ApiKey.METADATA:
            # The mock cluster leaves a byte behind the last field.
            again = frame(again[4:] + b"\x00")

    assert again == whole


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_each_batch_holds_the_records_that_were_sent(story: Path) -> None:
    batch = batch_of(story)
    ((header, cut),) = split_batches(batch)

    assert cut == batch
    assert header.codec.name.lower() == story.stem.split("-")[1]
    assert check_crc(batch, 0, header)
    assert decode_records(batch) == SENT
    assert (header.producer_id >= 0) == story.stem.startswith("idempotent")
    assert header.last_sequence == (4 if story.stem.startswith("idempotent") else -1)


@pytest.mark.parametrize("story", [story for story in STORIES if story.stem.endswith("-none")], ids=lambda s: s.stem)
def test_uncompressed_batches_are_encoded_to_the_same_bytes(story: Path) -> None:
    batch = batch_of(story)
    header = read_header(batch)
    records = [(key, value, headers, timestamp_ms) for _, timestamp_ms, key, value, headers in decode_records(batch)]

    again = encode_batch(records, partition_leader_epoch=header.partition_leader_epoch)

    again = restamp(
        again,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
    )
    assert again == batch


def test_the_answers_say_what_happened() -> None:
    for _, answer in answers(ApiKey.PRODUCE):
        ((name, _, (partition,)),) = answer.responses
        assert name == "golden"
        assert partition.error_code == 0
        assert partition.base_offset % len(SENT) == 0
    for _, answer in answers(ApiKey.INIT_PRODUCER_ID):
        assert answer.error_code == 0
        assert answer.producer_id >= 0
    for version, answer in answers(ApiKey.METADATA):
        assert [broker.host for broker in answer.brokers] == ["127.0.0.1"]
        assert [topic.name for topic in answer.topics] == ["golden"]
        assert version == 13
    refused, listed = (answer for _, answer in answers(ApiKey.API_VERSIONS))
    assert refused.error_code == 35
    assert listed.error_code == 0
    assert listed.ranges[ApiKey.PRODUCE].highest >= 10
