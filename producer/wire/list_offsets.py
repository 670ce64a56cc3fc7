"""ListOffsets: the first, the last, or the first offset at a time. Versions 1 to 11."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from producer.wire.api import ApiKey, layout_of
from producer.wire.body import decodes
from producer.wire.primitives import INT8, INT32, INT64, LegacyReader

LATEST = -1
"""As a timestamp: the end of the log (its last stable offset for read_committed)."""
EARLIEST = -2
"""As a timestamp: the start of the log."""

_ISOLATION_SINCE = 2
_LEADER_EPOCH_SINCE = 4
_TIMEOUT_SINCE = 10

_RESULT = Struct(">ihqq")


class ListOffsetsPartition(NamedTuple):
    """What is asked of one partition."""

    index: int  # type: ignore[assignment]  # Kafka's noun; nobody calls tuple.index here
    current_leader_epoch: int = -1
    """Since version 4; -1 asks for no check."""
    timestamp_ms: int = LATEST


class ListOffsetsTopic(NamedTuple):
    """The partitions of one topic."""

    name: str
    partitions: tuple[ListOffsetsPartition, ...]


class ListOffsetsRequest(NamedTuple):
    """Ask for offsets by time."""

    replica_id: int = -1
    """-1 for a consumer."""
    isolation_level: int = 0
    """Since version 2: 0 read_uncommitted, 1 read_committed."""
    topics: tuple[ListOffsetsTopic, ...] = ()
    timeout_ms: int = 0
    """Since version 10: how long the broker may look into tiered storage."""


class ListOffsetsPartitionResponse(NamedTuple):
    """The offset found; -1 if there is none."""

    index: int  # type: ignore[assignment]  # Kafka's noun; nobody calls tuple.index here
    error_code: int = 0
    timestamp_ms: int = -1
    offset: int = -1
    leader_epoch: int = -1
    """Since version 4."""


class ListOffsetsTopicResponse(NamedTuple):
    """The partitions of one topic."""

    name: str
    partitions: tuple[ListOffsetsPartitionResponse, ...]


class ListOffsetsResponse(NamedTuple):
    """The offsets found."""

    throttle_time_ms: int = 0
    """Since version 2."""
    topics: tuple[ListOffsetsTopicResponse, ...] = ()


def encode_request(value: ListOffsetsRequest, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.LIST_OFFSETS, version)
    parts = [INT32.pack(value.replica_id)]
    if version >= _ISOLATION_SINCE:
        parts.append(INT8.pack(value.isolation_level))
    parts.append(layout.length(len(value.topics)))
    for name, partitions in value.topics:
        parts += (layout.string(name), layout.length(len(partitions)))
        for index, leader_epoch, timestamp_ms in partitions:
            parts.append(INT32.pack(index))
            if version >= _LEADER_EPOCH_SINCE:
                parts.append(INT32.pack(leader_epoch))
            parts += (INT64.pack(timestamp_ms), layout.end)
        parts.append(layout.end)
    if version >= _TIMEOUT_SINCE:
        parts.append(INT32.pack(value.timeout_ms))
    parts.append(layout.end)
    return b"".join(parts)


@decodes(ApiKey.LIST_OFFSETS, "request")
def decode_request(reader: LegacyReader, version: int) -> ListOffsetsRequest:
    """Read the body."""
    replica_id = reader.int32()
    isolation_level = reader.int8() if version >= _ISOLATION_SINCE else 0
    topics = []
    for _ in range(reader.length()):
        name = reader.string()
        partitions = []
        for _ in range(reader.length()):
            index = reader.int32()
            leader_epoch = reader.int32() if version >= _LEADER_EPOCH_SINCE else -1
            partitions.append(ListOffsetsPartition(index, leader_epoch, reader.int64()))
            reader.tags()
        reader.tags()
        topics.append(ListOffsetsTopic(name, tuple(partitions)))
    timeout_ms = reader.int32() if version >= _TIMEOUT_SINCE else 0
    reader.tags()
    return ListOffsetsRequest(replica_id, isolation_level, tuple(topics), timeout_ms)


def encode_response(value: ListOffsetsResponse, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.LIST_OFFSETS, version)
    parts = [INT32.pack(value.throttle_time_ms)] if version >= _ISOLATION_SINCE else []
    parts.append(layout.length(len(value.topics)))
    for name, partitions in value.topics:
        parts += (layout.string(name), layout.length(len(partitions)))
        for index, code, timestamp_ms, offset, leader_epoch in partitions:
            parts.append(_RESULT.pack(index, code, timestamp_ms, offset))
            if version >= _LEADER_EPOCH_SINCE:
                parts.append(INT32.pack(leader_epoch))
            parts.append(layout.end)
        parts.append(layout.end)
    parts.append(layout.end)
    return b"".join(parts)


@decodes(ApiKey.LIST_OFFSETS, "response")
def decode_response(reader: LegacyReader, version: int) -> ListOffsetsResponse:
    """Read the body."""
    throttle_time_ms = reader.int32() if version >= _ISOLATION_SINCE else 0
    topics = []
    for _ in range(reader.length()):
        name = reader.string()
        partitions = []
        for _ in range(reader.length()):
            index, code, timestamp_ms, offset = reader.unpack(_RESULT)
            leader_epoch = reader.int32() if version >= _LEADER_EPOCH_SINCE else -1
            partitions.append(ListOffsetsPartitionResponse(index, code, timestamp_ms, offset, leader_epoch))
            reader.tags()
        reader.tags()
        topics.append(ListOffsetsTopicResponse(name, tuple(partitions)))
    reader.tags()
    return ListOffsetsResponse(throttle_time_ms, tuple(topics))
