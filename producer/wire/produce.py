"""Produce: batches to a leader, and where they landed. Versions 3 to 13; topics go by name up to 12, by id in 13."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from producer.wire.api import ApiKey, layout_of
from producer.wire.body import decodes
from producer.wire.leaders import (
    UNKNOWN_LEADER,
    LeaderIdAndEpoch,
    NodeEndpoint,
    encode_endpoints,
    encode_leader,
    read_endpoints,
    read_leader,
)
from producer.wire.primitives import INT32, INT64, ZERO_ID, LegacyReader, encode_tags

_LOG_START_SINCE = 5
_RECORD_ERRORS_SINCE = 8
_LEADERS_SINCE = 10
_TOPIC_IDS_SINCE = 13

_ACKS_AND_TIMEOUT = Struct(">hi")
_PARTITION_RESULT = Struct(">ihqq")


class ProducePartition(NamedTuple):
    """What one partition is given."""

    index: int  # type: ignore[assignment]  # Kafka's noun; nobody calls tuple.index here
    records: bytes | None
    """Whole record batches; brokers want exactly one."""


class ProduceTopic(NamedTuple):
    """The partitions of one topic. Read back, `name` is empty in version 13 and `topic_id` zero before."""

    name: str
    topic_id: bytes
    partitions: tuple[ProducePartition, ...]


class ProduceRequest(NamedTuple):
    """Append these."""

    transactional_id: str | None
    acks: int
    """0 none (and no response at all), 1 the leader, -1 the whole ISR."""
    timeout_ms: int
    topics: tuple[ProduceTopic, ...]


class RecordError(NamedTuple):
    """Which record of a refused batch was at fault (KIP-467)."""

    batch_index: int
    message: str | None = None


class ProducePartitionResponse(NamedTuple):
    """What became of one partition's batch."""

    index: int  # type: ignore[assignment]  # Kafka's noun; nobody calls tuple.index here
    error_code: int = 0
    base_offset: int = -1
    log_append_time_ms: int = -1
    """-1 where the topic keeps CreateTime."""
    log_start_offset: int = -1
    """Since version 5."""
    record_errors: tuple[RecordError, ...] = ()
    """Since version 8."""
    error_message: str | None = None
    """Since version 8."""
    current_leader: LeaderIdAndEpoch = UNKNOWN_LEADER
    """Since version 10, with NOT_LEADER_OR_FOLLOWER (KIP-951)."""


class ProduceTopicResponse(NamedTuple):
    """The partitions of one topic; name or id, as in the request."""

    name: str
    topic_id: bytes
    partitions: tuple[ProducePartitionResponse, ...]


class ProduceResponse(NamedTuple):
    """What became of each batch."""

    topics: tuple[ProduceTopicResponse, ...]
    throttle_time_ms: int = 0
    node_endpoints: tuple[NodeEndpoint, ...] = ()
    """Since version 10: where the leaders named in the partitions listen."""


def encode_request(value: ProduceRequest, version: int) -> bytes:
    """Write the body; the records are joined in, not copied before."""
    layout = layout_of(ApiKey.PRODUCE, version)
    length, end = layout.length, layout.end
    parts = [
        layout.nullable_string(value.transactional_id),
        _ACKS_AND_TIMEOUT.pack(value.acks, value.timeout_ms),
        length(len(value.topics)),
    ]
    for name, topic_id, partitions in value.topics:
        parts += (topic_id if version >= _TOPIC_IDS_SINCE else layout.string(name), length(len(partitions)))
        for index, records in partitions:
            if records is None:
                parts += (INT32.pack(index), length(-1), end)
            else:
                parts += (INT32.pack(index), length(len(records)), records, end)
        parts.append(end)
    parts.append(end)
    return b"".join(parts)


@decodes(ApiKey.PRODUCE, "request")
def decode_request(reader: LegacyReader, version: int) -> ProduceRequest:
    """Read the body."""
    transactional_id = reader.nullable_string()
    acks, timeout_ms = reader.unpack(_ACKS_AND_TIMEOUT)
    topics = []
    for _ in range(reader.length()):
        name, topic_id = ("", reader.topic_id()) if version >= _TOPIC_IDS_SINCE else (reader.string(), ZERO_ID)
        partitions = []
        for _ in range(reader.length()):
            partitions.append(ProducePartition(reader.int32(), reader.nullable_bytes()))
            reader.tags()
        reader.tags()
        topics.append(ProduceTopic(name, topic_id, tuple(partitions)))
    reader.tags()
    return ProduceRequest(transactional_id, acks, timeout_ms, tuple(topics))


def encode_response(value: ProduceResponse, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.PRODUCE, version)
    length = layout.length
    parts = [length(len(value.topics))]
    for name, topic_id, partitions in value.topics:
        parts += (topic_id if version >= _TOPIC_IDS_SINCE else layout.string(name), length(len(partitions)))
        for partition in partitions:
            index, code, base_offset, append_time_ms, log_start_offset, record_errors, message, leader = partition
            parts.append(_PARTITION_RESULT.pack(index, code, base_offset, append_time_ms))
            if version >= _LOG_START_SINCE:
                parts.append(INT64.pack(log_start_offset))
            if version >= _RECORD_ERRORS_SINCE:
                parts.append(length(len(record_errors)))
                for batch_index, text in record_errors:
                    parts += (INT32.pack(batch_index), layout.nullable_string(text), layout.end)
                parts.append(layout.nullable_string(message))
            if version >= _LEADERS_SINCE and leader != UNKNOWN_LEADER:
                parts.append(encode_tags(((0, encode_leader(leader)),)))
            else:
                parts.append(layout.end)
        parts.append(layout.end)
    parts.append(INT32.pack(value.throttle_time_ms))
    if version >= _LEADERS_SINCE and value.node_endpoints:
        parts.append(encode_tags(((0, encode_endpoints(value.node_endpoints)),)))
    else:
        parts.append(layout.end)
    return b"".join(parts)


@decodes(ApiKey.PRODUCE, "response")
def decode_response(reader: LegacyReader, version: int) -> ProduceResponse:
    """Read the body."""
    topics = []
    for _ in range(reader.length()):
        name, topic_id = ("", reader.topic_id()) if version >= _TOPIC_IDS_SINCE else (reader.string(), ZERO_ID)
        partitions = tuple([_read_partition(reader, version) for _ in range(reader.length())])
        reader.tags()
        topics.append(ProduceTopicResponse(name, topic_id, partitions))
    throttle_time_ms = reader.int32()
    node_endpoints: tuple[NodeEndpoint, ...] = ()
    for tag, content in reader.tags():
        if tag == 0 and version >= _LEADERS_SINCE:
            node_endpoints = read_endpoints(content)
    return ProduceResponse(tuple(topics), throttle_time_ms, node_endpoints)


def _read_partition(reader: LegacyReader, version: int) -> ProducePartitionResponse:
    index, code, base_offset, append_time_ms = reader.unpack(_PARTITION_RESULT)
    log_start_offset = reader.int64() if version >= _LOG_START_SINCE else -1
    record_errors: tuple[RecordError, ...] = ()
    message = None
    if version >= _RECORD_ERRORS_SINCE:
        count = reader.length()
        if count:
            record_errors = tuple([_read_record_error(reader) for _ in range(count)])
        message = reader.nullable_string()
    leader = UNKNOWN_LEADER
    for tag, content in reader.tags():
        if tag == 0 and version >= _LEADERS_SINCE:
            leader = read_leader(content)
    return ProducePartitionResponse(
        index, code, base_offset, append_time_ms, log_start_offset, record_errors, message, leader
    )


def _read_record_error(reader: LegacyReader) -> RecordError:
    error = RecordError(reader.int32(), reader.nullable_string())
    reader.tags()
    return error
