"""Fetch: batches from a leader, for followers and consumers. Versions 4 to 18; topics go by id since 13."""

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
from producer.wire.primitives import (
    FLEXIBLE,
    INT32,
    INT64,
    NO_TAGS,
    ZERO_ID,
    Layout,
    LegacyReader,
    encode_int32_array,
    encode_tags,
)

_LOG_START_SINCE = 5
_SESSIONS_SINCE = 7
_LEADER_EPOCH_SINCE = 9
_RACK_SINCE = 11
_DIVERGENCE_SINCE = 12
_TOPIC_IDS_SINCE = 13
_REPLICA_STATE_SINCE = 15
_ENDPOINTS_SINCE = 16
_DIRECTORY_SINCE = 17
_HIGH_WATERMARK_SINCE = 18

HIGH_WATERMARK_UNSUPPORTED = (1 << 63) - 1
"""In a request: the replica does not tell its high watermark."""

_REQUEST_HEAD = Struct(">iiib")
_REQUEST_HEAD_WITH_REPLICA = Struct(">iiiib")
_SESSION = Struct(">ii")
_WANTED_PARTITION = Struct(">iiqiqi")
_REPLICA_STATE = Struct(">iq")
_RESPONSE_HEAD = Struct(">ihi")
_PARTITION_WITH_START = Struct(">ihqqq")
_PARTITION = Struct(">ihqq")
_ABORTED = Struct(">qq")
_EPOCH_END_OFFSET = Struct(">iq")


class FetchPartition(NamedTuple):
    """Where to read in one partition."""

    partition: int
    current_leader_epoch: int = -1
    """Since version 9; -1 asks for no check."""
    fetch_offset: int = 0
    last_fetched_epoch: int = -1
    """Since version 12: the broker answers `diverging_epoch` if its log does not agree (KIP-595)."""
    log_start_offset: int = -1
    """Since version 5: a follower's."""
    partition_max_bytes: int = 1_048_576
    replica_directory_id: bytes = ZERO_ID
    """Since version 17."""
    high_watermark: int = HIGH_WATERMARK_UNSUPPORTED
    """Since version 18: a follower's (KIP-1166)."""


class FetchTopic(NamedTuple):
    """The partitions of one topic. Read back, `name` is empty since version 13 and `topic_id` zero before."""

    name: str
    topic_id: bytes
    partitions: tuple[FetchPartition, ...]


class ForgottenTopic(NamedTuple):
    """Partitions to drop from a fetch session."""

    name: str
    topic_id: bytes
    partitions: tuple[int, ...]


class FetchRequest(NamedTuple):
    """Give me what follows."""

    replica_id: int = -1
    """-1 for a consumer."""
    max_wait_ms: int = 500
    min_bytes: int = 1
    max_bytes: int = 0x7FFFFFFF
    isolation_level: int = 0
    """0 read_uncommitted, 1 read_committed."""
    session_id: int = 0
    """Since version 7 (KIP-227)."""
    session_epoch: int = -1
    topics: tuple[FetchTopic, ...] = ()
    forgotten_topics: tuple[ForgottenTopic, ...] = ()
    rack_id: str = ""
    """Since version 11."""
    replica_epoch: int = -1
    """Since version 15: the follower's broker epoch (KIP-903)."""
    cluster_id: str | None = None
    """Since version 12."""


class EpochEndOffset(NamedTuple):
    """The largest epoch both logs know, and where it ends in the leader's."""

    epoch: int
    end_offset: int


class AbortedTransaction(NamedTuple):
    """A transaction whose records a read_committed consumer must skip."""

    producer_id: int
    first_offset: int


class FetchPartitionResponse(NamedTuple):
    """What one partition gave."""

    partition_index: int
    error_code: int = 0
    high_watermark: int = -1
    last_stable_offset: int = -1
    log_start_offset: int = -1
    """Since version 5."""
    diverging_epoch: EpochEndOffset | None = None
    """Since version 12."""
    current_leader: LeaderIdAndEpoch = UNKNOWN_LEADER
    """Since version 12, with NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH."""
    aborted_transactions: tuple[AbortedTransaction, ...] = ()
    preferred_read_replica: int = -1
    """Since version 11."""
    records: bytes = b""
    """Record batches, the first perhaps from before the offset, the last perhaps cut off."""


class FetchTopicResponse(NamedTuple):
    """The partitions of one topic; name or id, as in the request."""

    name: str
    topic_id: bytes
    partitions: tuple[FetchPartitionResponse, ...]


class FetchResponse(NamedTuple):
    """What follows."""

    throttle_time_ms: int = 0
    error_code: int = 0
    """Since version 7."""
    session_id: int = 0
    """Since version 7."""
    topics: tuple[FetchTopicResponse, ...] = ()
    node_endpoints: tuple[NodeEndpoint, ...] = ()
    """Since version 16: where the leaders named in the partitions listen (KIP-951)."""


def encode_request(value: FetchRequest, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.FETCH, version)
    wait_and_sizes = (value.max_wait_ms, value.min_bytes, value.max_bytes, value.isolation_level)
    if version >= _REPLICA_STATE_SINCE:
        parts = [_REQUEST_HEAD.pack(*wait_and_sizes)]
    else:
        parts = [_REQUEST_HEAD_WITH_REPLICA.pack(value.replica_id, *wait_and_sizes)]
    if version >= _SESSIONS_SINCE:
        parts.append(_SESSION.pack(value.session_id, value.session_epoch))
    parts.append(layout.length(len(value.topics)))
    for name, topic_id, partitions in value.topics:
        parts += (topic_id if version >= _TOPIC_IDS_SINCE else layout.string(name), layout.length(len(partitions)))
        if version >= _DIVERGENCE_SINCE:
            for partition in partitions:
                parts += (_WANTED_PARTITION.pack(*partition[:6]), _encode_partition_tags(partition, version))
        else:
            parts += [_encode_old_partition(partition, version) for partition in partitions]
        parts.append(layout.end)
    if version >= _SESSIONS_SINCE:
        parts.append(layout.length(len(value.forgotten_topics)))
        for name, topic_id, indexes in value.forgotten_topics:
            topic = topic_id if version >= _TOPIC_IDS_SINCE else layout.string(name)
            parts += (topic, encode_int32_array(layout, indexes), layout.end)
    if version >= _RACK_SINCE:
        parts.append(layout.string(value.rack_id))
    parts.append(_encode_request_tags(value, version) if version >= _DIVERGENCE_SINCE else b"")
    return b"".join(parts)


def _encode_old_partition(partition: FetchPartition, version: int) -> bytes:
    parts = [INT32.pack(partition.partition)]
    if version >= _LEADER_EPOCH_SINCE:
        parts.append(INT32.pack(partition.current_leader_epoch))
    parts.append(INT64.pack(partition.fetch_offset))
    if version >= _LOG_START_SINCE:
        parts.append(INT64.pack(partition.log_start_offset))
    parts.append(INT32.pack(partition.partition_max_bytes))
    return b"".join(parts)


def _encode_partition_tags(partition: FetchPartition, version: int) -> bytes:
    fields = []
    if version >= _DIRECTORY_SINCE and partition.replica_directory_id != ZERO_ID:
        fields.append((0, partition.replica_directory_id))
    if version >= _HIGH_WATERMARK_SINCE and partition.high_watermark != HIGH_WATERMARK_UNSUPPORTED:
        fields.append((1, INT64.pack(partition.high_watermark)))
    return encode_tags(fields) if fields else NO_TAGS


def _encode_request_tags(value: FetchRequest, version: int) -> bytes:
    fields = []
    if value.cluster_id is not None:
        fields.append((0, FLEXIBLE.nullable_string(value.cluster_id)))
    if version >= _REPLICA_STATE_SINCE and (value.replica_id, value.replica_epoch) != (-1, -1):
        fields.append((1, _REPLICA_STATE.pack(value.replica_id, value.replica_epoch) + NO_TAGS))
    return encode_tags(fields)


@decodes(ApiKey.FETCH, "request")
def decode_request(reader: LegacyReader, version: int) -> FetchRequest:
    """Read the body."""
    replica_id, replica_epoch = -1, -1
    if version >= _REPLICA_STATE_SINCE:
        max_wait_ms, min_bytes, max_bytes, isolation_level = reader.unpack(_REQUEST_HEAD)
    else:
        replica_id, max_wait_ms, min_bytes, max_bytes, isolation_level = reader.unpack(_REQUEST_HEAD_WITH_REPLICA)
    session_id, session_epoch = reader.unpack(_SESSION) if version >= _SESSIONS_SINCE else (0, -1)
    topics = []
    for _ in range(reader.length()):
        name, topic_id = _read_topic(reader, version)
        partitions = tuple([_read_wanted_partition(reader, version) for _ in range(reader.length())])
        reader.tags()
        topics.append(FetchTopic(name, topic_id, partitions))
    forgotten = []
    if version >= _SESSIONS_SINCE:
        for _ in range(reader.length()):
            forgotten.append(ForgottenTopic(*_read_topic(reader, version), reader.int32_array()))
            reader.tags()
    rack_id = reader.string() if version >= _RACK_SINCE else ""
    cluster_id = None
    for tag, content in reader.tags():
        if tag == 0:
            cluster_id = content.nullable_string()
        elif tag == 1 and version >= _REPLICA_STATE_SINCE:
            replica_id, replica_epoch = content.unpack(_REPLICA_STATE)
    return FetchRequest(
        replica_id,
        max_wait_ms,
        min_bytes,
        max_bytes,
        isolation_level,
        session_id,
        session_epoch,
        tuple(topics),
        tuple(forgotten),
        rack_id,
        replica_epoch,
        cluster_id,
    )


def _read_topic(reader: LegacyReader, version: int) -> tuple[str, bytes]:
    return ("", reader.topic_id()) if version >= _TOPIC_IDS_SINCE else (reader.string(), ZERO_ID)


def _read_wanted_partition(reader: LegacyReader, version: int) -> FetchPartition:
    if version >= _DIVERGENCE_SINCE:
        index, leader_epoch, fetch_offset, fetched_epoch, start, size_max = reader.unpack(_WANTED_PARTITION)
        directory_id, high_watermark = ZERO_ID, HIGH_WATERMARK_UNSUPPORTED
        for tag, content in reader.tags():
            if tag == 0 and version >= _DIRECTORY_SINCE:
                directory_id = content.topic_id()
            elif tag == 1 and version >= _HIGH_WATERMARK_SINCE:
                high_watermark = content.int64()
        return FetchPartition(
            index, leader_epoch, fetch_offset, fetched_epoch, start, size_max, directory_id, high_watermark
        )
    index = reader.int32()
    leader_epoch = reader.int32() if version >= _LEADER_EPOCH_SINCE else -1
    fetch_offset = reader.int64()
    log_start_offset = reader.int64() if version >= _LOG_START_SINCE else -1
    return FetchPartition(index, leader_epoch, fetch_offset, -1, log_start_offset, reader.int32())


def encode_response(value: FetchResponse, version: int) -> bytes:
    """Write the body; the records are joined in, not copied before."""
    layout = layout_of(ApiKey.FETCH, version)
    if version >= _SESSIONS_SINCE:
        parts = [_RESPONSE_HEAD.pack(value.throttle_time_ms, value.error_code, value.session_id)]
    else:
        parts = [INT32.pack(value.throttle_time_ms)]
    parts.append(layout.length(len(value.topics)))
    for name, topic_id, partitions in value.topics:
        parts += (topic_id if version >= _TOPIC_IDS_SINCE else layout.string(name), layout.length(len(partitions)))
        for partition in partitions:
            _append_partition(parts, partition, version, layout)
        parts.append(layout.end)
    if version >= _ENDPOINTS_SINCE and value.node_endpoints:
        parts.append(encode_tags(((0, encode_endpoints(value.node_endpoints)),)))
    else:
        parts.append(layout.end)
    return b"".join(parts)


def _append_partition(parts: list[bytes], partition: FetchPartitionResponse, version: int, layout: Layout) -> None:
    index, code, high_watermark, stable, start, diverging, leader, aborted, preferred, records = partition
    if version >= _LOG_START_SINCE:
        parts.append(_PARTITION_WITH_START.pack(index, code, high_watermark, stable, start))
    else:
        parts.append(_PARTITION.pack(index, code, high_watermark, stable))
    parts.append(layout.length(len(aborted)))
    for transaction in aborted:
        parts += (_ABORTED.pack(*transaction), layout.end)
    if version >= _RACK_SINCE:
        parts.append(INT32.pack(preferred))
    parts += (layout.length(len(records)), records)
    if version >= _DIVERGENCE_SINCE and (diverging is not None or leader != UNKNOWN_LEADER):
        fields = []
        if diverging is not None:
            fields.append((0, _EPOCH_END_OFFSET.pack(*diverging) + NO_TAGS))
        if leader != UNKNOWN_LEADER:
            fields.append((1, encode_leader(leader)))
        parts.append(encode_tags(fields))
    else:
        parts.append(layout.end)


@decodes(ApiKey.FETCH, "response")
def decode_response(reader: LegacyReader, version: int) -> FetchResponse:
    """Read the body; null records and null aborted transactions count as empty."""
    error_code = session_id = 0
    if version >= _SESSIONS_SINCE:
        throttle_time_ms, error_code, session_id = reader.unpack(_RESPONSE_HEAD)
    else:
        throttle_time_ms = reader.int32()
    topics = []
    for _ in range(reader.length()):
        name, topic_id = _read_topic(reader, version)
        partitions = tuple([_read_partition(reader, version) for _ in range(reader.length())])
        reader.tags()
        topics.append(FetchTopicResponse(name, topic_id, partitions))
    node_endpoints: tuple[NodeEndpoint, ...] = ()
    for tag, content in reader.tags():
        if tag == 0 and version >= _ENDPOINTS_SINCE:
            node_endpoints = read_endpoints(content)
    return FetchResponse(throttle_time_ms, error_code, session_id, tuple(topics), node_endpoints)


def _read_partition(reader: LegacyReader, version: int) -> FetchPartitionResponse:
    start = -1
    if version >= _LOG_START_SINCE:
        index, code, high_watermark, stable, start = reader.unpack(_PARTITION_WITH_START)
    else:
        index, code, high_watermark, stable = reader.unpack(_PARTITION)
    aborted: tuple[AbortedTransaction, ...] = ()
    count = reader.nullable_length()
    if count > 0:
        aborted = tuple([_read_aborted(reader) for _ in range(count)])
    preferred = reader.int32() if version >= _RACK_SINCE else -1
    records = reader.nullable_bytes() or b""
    diverging = None
    leader = UNKNOWN_LEADER
    for tag, content in reader.tags():
        if tag == 0:
            end = EpochEndOffset(*content.unpack(_EPOCH_END_OFFSET))
            diverging = None if end == (-1, -1) else end
        elif tag == 1:
            leader = read_leader(content)
    return FetchPartitionResponse(
        index, code, high_watermark, stable, start, diverging, leader, aborted, preferred, records
    )


def _read_aborted(reader: LegacyReader) -> AbortedTransaction:
    transaction = AbortedTransaction(*reader.unpack(_ABORTED))
    reader.tags()
    return transaction
