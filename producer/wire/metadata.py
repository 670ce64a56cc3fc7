"""Metadata: the brokers, the topics, and who leads each partition. Versions 0 to 13."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from producer.errors import UsageError
from producer.wire.api import ApiKey, layout_of
from producer.wire.body import decodes
from producer.wire.primitives import INT16, INT32, ZERO_ID, Layout, LegacyReader, encode_int32_array

_NULL_TOPICS_SINCE = 1
_RACK_SINCE = 1
_CLUSTER_ID_SINCE = 2
_THROTTLE_SINCE = 3
_AUTO_CREATION_SINCE = 4
_OFFLINE_SINCE = 5
_LEADER_EPOCH_SINCE = 7
_OPERATIONS_SINCE = 8
_CLUSTER_OPERATIONS_LAST = 10
_TOPIC_IDS_SINCE = 10
_NULL_NAMES_SINCE = 12
_ERROR_SINCE = 13

OPERATIONS_UNKNOWN = -(1 << 31)
"""The authorized operations when nobody asked for them."""

_PARTITION = Struct(">hii")


class MetadataRequest(NamedTuple):
    """Tell me about these topics."""

    topics: tuple[str, ...] | None = None
    """By name; None for all of them, empty for none (not in version 0)."""
    topic_ids: tuple[bytes, ...] = ()
    """By id, since version 10 (brokers answer since 12)."""
    allow_auto_topic_creation: bool = True
    """Since version 4; before it, brokers create as they are configured."""
    include_cluster_authorized_operations: bool = False
    """Versions 8 to 10."""
    include_topic_authorized_operations: bool = False
    """Since version 8."""


class MetadataBroker(NamedTuple):
    """Where a broker listens."""

    node_id: int
    host: str
    port: int
    rack: str | None = None
    """Since version 1."""


class MetadataPartition(NamedTuple):
    """One partition, as the answering broker knows it."""

    error_code: int
    partition_index: int
    leader_id: int
    """-1 while there is none."""
    leader_epoch: int = -1
    """Since version 7."""
    replica_nodes: tuple[int, ...] = ()
    isr_nodes: tuple[int, ...] = ()
    offline_replicas: tuple[int, ...] = ()
    """Since version 5."""


class MetadataTopic(NamedTuple):
    """One topic, as the answering broker knows it."""

    error_code: int
    name: str | None
    """None for an id that is not known, since version 12."""
    topic_id: bytes = ZERO_ID
    """Since version 10."""
    is_internal: bool = False
    """Since version 1."""
    partitions: tuple[MetadataPartition, ...] = ()
    authorized_operations: int = OPERATIONS_UNKNOWN
    """Since version 8; a bit field."""


class MetadataResponse(NamedTuple):
    """The cluster, as the answering broker knows it: it may be behind."""

    throttle_time_ms: int = 0
    """Since version 3."""
    brokers: tuple[MetadataBroker, ...] = ()
    cluster_id: str | None = None
    """Since version 2."""
    controller_id: int = -1
    """Since version 1."""
    topics: tuple[MetadataTopic, ...] = ()
    error_code: int = 0
    """Since version 13: REBOOTSTRAP_REQUIRED (KIP-1102)."""
    cluster_authorized_operations: int = OPERATIONS_UNKNOWN
    """Versions 8 to 10; a bit field."""


def encode_request(value: MetadataRequest, version: int) -> bytes:
    """Write the body. Raises UsageError for a question that the version cannot put."""
    layout = layout_of(ApiKey.METADATA, version)
    if value.topics is None and not value.topic_ids:
        parts = [layout.length(-1 if version >= _NULL_TOPICS_SINCE else 0)]
    else:
        parts = [_encode_wanted_topics(value, version, layout)]
    if version >= _AUTO_CREATION_SINCE:
        parts.append(_flag(value.allow_auto_topic_creation))
    if _OPERATIONS_SINCE <= version <= _CLUSTER_OPERATIONS_LAST:
        parts.append(_flag(value.include_cluster_authorized_operations))
    if version >= _OPERATIONS_SINCE:
        parts.append(_flag(value.include_topic_authorized_operations))
    parts.append(layout.end)
    return b"".join(parts)


def _encode_wanted_topics(value: MetadataRequest, version: int, layout: Layout) -> bytes:
    names = value.topics or ()
    if value.topic_ids and version < _TOPIC_IDS_SINCE:
        msg = f"METADATA version {version} cannot ask by topic id, {_TOPIC_IDS_SINCE} can"
        raise UsageError(msg)
    if version < _NULL_TOPICS_SINCE and not names:
        msg = f"METADATA version {version} cannot ask for no topic: its empty list means all"
        raise UsageError(msg)
    parts = [layout.length(len(names) + len(value.topic_ids))]
    for name in names:
        if version >= _TOPIC_IDS_SINCE:
            parts.append(ZERO_ID)
        parts += (layout.string(name), layout.end)
    for topic_id in value.topic_ids:
        parts += (topic_id, layout.nullable_string(None), layout.end)
    return b"".join(parts)


@decodes(ApiKey.METADATA, "request")
def decode_request(reader: LegacyReader, version: int) -> MetadataRequest:
    """Read the body. A topic with an id and a name counts by its id, as brokers take it."""
    count = reader.nullable_length() if version >= _NULL_TOPICS_SINCE else reader.length()
    is_all = count < 0 or (count == 0 and version < _NULL_TOPICS_SINCE)
    names: list[str] = []
    topic_ids: list[bytes] = []
    for _ in range(count):
        topic_id = reader.topic_id() if version >= _TOPIC_IDS_SINCE else ZERO_ID
        name = reader.nullable_string() if version >= _TOPIC_IDS_SINCE else reader.string()
        if topic_id != ZERO_ID or name is None:
            topic_ids.append(topic_id)
        else:
            names.append(name)
        reader.tags()
    allow_auto_topic_creation = reader.boolean() if version >= _AUTO_CREATION_SINCE else True
    cluster_operations = reader.boolean() if _OPERATIONS_SINCE <= version <= _CLUSTER_OPERATIONS_LAST else False
    topic_operations = reader.boolean() if version >= _OPERATIONS_SINCE else False
    reader.tags()
    # With ids alone `topics` is empty, not None: None would ask for all.
    topics = None if is_all else tuple(names)
    return MetadataRequest(topics, tuple(topic_ids), allow_auto_topic_creation, cluster_operations, topic_operations)


def encode_response(value: MetadataResponse, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.METADATA, version)
    parts = [INT32.pack(value.throttle_time_ms)] if version >= _THROTTLE_SINCE else []
    parts.append(layout.length(len(value.brokers)))
    for node_id, host, port, rack in value.brokers:
        parts += (INT32.pack(node_id), layout.string(host), INT32.pack(port))
        if version >= _RACK_SINCE:
            parts.append(layout.nullable_string(rack))
        parts.append(layout.end)
    if version >= _CLUSTER_ID_SINCE:
        parts.append(layout.nullable_string(value.cluster_id))
    if version >= _RACK_SINCE:
        parts.append(INT32.pack(value.controller_id))
    parts.append(layout.length(len(value.topics)))
    parts += [_encode_topic(topic, version, layout) for topic in value.topics]
    if _OPERATIONS_SINCE <= version <= _CLUSTER_OPERATIONS_LAST:
        parts.append(INT32.pack(value.cluster_authorized_operations))
    if version >= _ERROR_SINCE:
        parts.append(INT16.pack(value.error_code))
    parts.append(layout.end)
    return b"".join(parts)


def _encode_topic(topic: MetadataTopic, version: int, layout: Layout) -> bytes:
    # Before version 12 there is no null; brokers write an empty name.
    name = layout.nullable_string(topic.name) if version >= _NULL_NAMES_SINCE else layout.string(topic.name or "")
    parts = [INT16.pack(topic.error_code), name]
    if version >= _TOPIC_IDS_SINCE:
        parts.append(topic.topic_id)
    if version >= _RACK_SINCE:
        parts.append(_flag(topic.is_internal))
    parts.append(layout.length(len(topic.partitions)))
    for code, index, leader_id, leader_epoch, replicas, isr, offline in topic.partitions:
        parts.append(_PARTITION.pack(code, index, leader_id))
        if version >= _LEADER_EPOCH_SINCE:
            parts.append(INT32.pack(leader_epoch))
        parts += (encode_int32_array(layout, replicas), encode_int32_array(layout, isr))
        if version >= _OFFLINE_SINCE:
            parts.append(encode_int32_array(layout, offline))
        parts.append(layout.end)
    if version >= _OPERATIONS_SINCE:
        parts.append(INT32.pack(topic.authorized_operations))
    parts.append(layout.end)
    return b"".join(parts)


@decodes(ApiKey.METADATA, "response")
def decode_response(reader: LegacyReader, version: int) -> MetadataResponse:
    """Read the body."""
    throttle_time_ms = reader.int32() if version >= _THROTTLE_SINCE else 0
    brokers = []
    for _ in range(reader.length()):
        node_id, host, port = reader.int32(), reader.string(), reader.int32()
        rack = reader.nullable_string() if version >= _RACK_SINCE else None
        brokers.append(MetadataBroker(node_id, host, port, rack))
        reader.tags()
    cluster_id = reader.nullable_string() if version >= _CLUSTER_ID_SINCE else None
    controller_id = reader.int32() if version >= _RACK_SINCE else -1
    topics = tuple([_read_topic(reader, version) for _ in range(reader.length())])
    has_operations = _OPERATIONS_SINCE <= version <= _CLUSTER_OPERATIONS_LAST
    operations = reader.int32() if has_operations else OPERATIONS_UNKNOWN
    error_code = reader.int16() if version >= _ERROR_SINCE else 0
    reader.tags()
    return MetadataResponse(throttle_time_ms, tuple(brokers), cluster_id, controller_id, topics, error_code, operations)


def _read_topic(reader: LegacyReader, version: int) -> MetadataTopic:
    error_code = reader.int16()
    name = reader.nullable_string() if version >= _NULL_NAMES_SINCE else reader.string()
    topic_id = reader.topic_id() if version >= _TOPIC_IDS_SINCE else ZERO_ID
    is_internal = reader.boolean() if version >= _RACK_SINCE else False
    partitions = []
    for _ in range(reader.length()):
        code, index, leader_id = reader.unpack(_PARTITION)
        leader_epoch = reader.int32() if version >= _LEADER_EPOCH_SINCE else -1
        replicas, isr = reader.int32_array(), reader.int32_array()
        offline = reader.int32_array() if version >= _OFFLINE_SINCE else ()
        partitions.append(MetadataPartition(code, index, leader_id, leader_epoch, replicas, isr, offline))
        reader.tags()
    operations = reader.int32() if version >= _OPERATIONS_SINCE else OPERATIONS_UNKNOWN
    reader.tags()
    return MetadataTopic(error_code, name, topic_id, is_internal, tuple(partitions), operations)


def _flag(value: bool) -> bytes:
    return b"\x01" if value else b"\x00"
