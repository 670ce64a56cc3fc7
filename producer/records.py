"""What an application hands over and gets back: records, partitions, metadata, the producer's identity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from producer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = tuple[tuple[str, bytes | None], ...]
"""Kafka's record headers: ordered, names may repeat, a value may be null."""

OFFSET_UNKNOWN = -1
"""The offset of a record sent with acks=0: no broker ever told it."""

TIMESTAMP_MS_MAX = 2**63 - 1

TOPIC_LENGTH_MAX = 249
"""So that a broker can name a file after topic and partition (Topic.MAX_NAME_LENGTH)."""
_TOPIC_NAME = re.compile(r"[a-zA-Z0-9._-]+")

NO_PRODUCER_ID = -1
NO_PRODUCER_EPOCH = -1
NO_SEQUENCE = -1


class TopicPartition(NamedTuple):
    """One partition of one topic; written `orders-0` in messages, as Kafka does."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


class Record(NamedTuple):
    """One record as the engine takes it: bytes only, serialised before it gets here."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    """The caller's choice of partition; None leaves it to the partitioner."""
    headers: Headers = ()
    timestamp_ms: int | None = None
    """CreateTime in epoch milliseconds; None takes the time of the send."""


class Run(NamedTuple):
    """Records for one partition in columns: no headers, no timestamps of their own, all with keys or all without."""

    partition: int | None
    """None leaves it to the sticky partitioner, batch by batch."""
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    tokens: Sequence[Any]
    shape: tuple[int, int] | None
    """Bytes of each key and of each value, -1 for null, if they are all alike."""


class ReadRecord(Protocol):
    """A record as a consumer has read it; `sim.clients.consumer.ConsumedRecord` is one."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp_ms(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class RecordMetadata(NamedTuple):
    """Where an acknowledged record lies (`org.apache.kafka.clients.producer.RecordMetadata`)."""

    topic: str
    partition: int
    offset: int
    """`OFFSET_UNKNOWN` with acks=0."""
    timestamp_ms: int
    """CreateTime as sent, or LogAppendTime if the topic says so."""
    serialized_key_size: int
    """Bytes; -1 for a null key."""
    serialized_value_size: int
    """Bytes; -1 for a null value."""


class PartitionInfo(NamedTuple):
    """A partition and who leads it, as a producer has heard of it."""

    topic: str
    partition: int
    leader: int
    """The leader's node id; -1 while there is none."""
    leader_epoch: int
    """-1 if brokers do not tell."""


class ClusterInfo(NamedTuple):
    """A cluster as a producer has heard of it."""

    cluster_id: str | None
    brokers: dict[int, tuple[str, int]]
    """Node id -> (host, port)."""


class OffsetAndMetadata(NamedTuple):
    """A group's position in a partition: the offset of the record that it reads next."""

    offset: int
    leader_epoch: int = -1
    """Of the last record read; -1 where unknown."""
    metadata: str = ""
    """Whatever the application wants to find there again."""


class ConsumerGroupMetadata(NamedTuple):
    """Who a consumer is in its group, so that offsets of a zombie are refused (KIP-447)."""

    group_id: str
    generation_id: int = -1
    """-1 for no check."""
    member_id: str = ""
    group_instance_id: str | None = None
    """A static member's name (KIP-345)."""


class ProducerIdentity(NamedTuple):
    """The producer id and epoch a broker hands out (InitProducerId, KIP-98)."""

    producer_id: int
    producer_epoch: int


NO_IDENTITY = ProducerIdentity(NO_PRODUCER_ID, NO_PRODUCER_EPOCH)


# -- what can be sent --------------------------------------------------------------------------------------------------


def check_record(record: Record) -> None:
    """Raise UsageError, naming what is wrong and how, unless the record can be written as it is."""
    # Types are what is in question.
    fields: tuple[Any, ...] = record
    topic, value, key, partition, headers, timestamp_ms = fields
    _check_type("topic", topic, str, "a str")
    for name, given in (("value", value), ("key", key)):
        if given is not None:
            _check_type(name, given, bytes, "bytes or None")
    # True counts as 1 in Python, and nobody means it.
    if partition is not None and (not isinstance(partition, int) or isinstance(partition, bool)):
        msg = f"partition is {shortened(partition)}, must be an int or None"
        raise UsageError(msg)
    if timestamp_ms is not None and (
        not isinstance(timestamp_ms, int) or isinstance(timestamp_ms, bool) or not 0 <= timestamp_ms <= TIMESTAMP_MS_MAX
    ):
        msg = f"timestamp_ms is {shortened(timestamp_ms)}, must be an int of 0..{TIMESTAMP_MS_MAX}, or None"
        raise UsageError(msg)
    if headers:
        _check_headers(headers)


def check_topic(topic: str) -> None:
    """Raise UsageError for what no broker takes for a topic's name (org.apache.kafka.common.internals.Topic)."""
    _check_type("topic", topic, str, "a str")
    if not topic:
        msg = "topic is empty"
        raise UsageError(msg)
    if not is_topic_name(topic):
        msg = (
            f"topic {shortened(topic)} of {len(topic)} characters is no topic's name: "
            f"1 to {TOPIC_LENGTH_MAX} of a-z, A-Z, 0-9, '.', '_' and '-', but not '.' or '..'"
        )
        raise UsageError(msg)


def is_topic_name(name: str) -> bool:
    """Whether a topic can have this name."""
    return len(name) <= TOPIC_LENGTH_MAX and name not in {".", ".."} and _TOPIC_NAME.fullmatch(name) is not None


def header_pairs(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Take what the caller gave for headers. Raises UsageError for what has no pairs in it; `check_record` looks at those."""
    if isinstance(headers, dict):
        # Its keys alone would be taken: Kafka's names may repeat, so they are no dict's.
        msg = "headers is a dict, must be (name, value) pairs, as list(headers.items()) gives them"
        raise UsageError(msg)
    try:
        return tuple(headers)
    except TypeError as error:
        msg = f"headers is {shortened(headers)}, must be (name, value) pairs"
        raise UsageError(msg) from error


def _check_headers(headers: Any) -> None:
    # A list could change before the record leaves.
    _check_type("headers", headers, tuple, "a tuple")
    for index, header in enumerate(headers):
        if not isinstance(header, tuple) or len(header) != 2:
            msg = f"headers[{index}] is {shortened(header)}, must be a (name, value) tuple"
            raise UsageError(msg)
        name, value = header
        _check_type(f"the name of headers[{index}]", name, str, "a str")
        if value is not None:
            _check_type(f"the value of header {shortened(name)}", value, bytes, "bytes or None")
        try:
            name.encode()
        except UnicodeEncodeError as error:
            msg = f"the name of headers[{index}] is {shortened(name)}, which cannot be written as UTF-8"
            raise UsageError(msg) from error


def _check_type(name: str, given: object, wanted: type, rule: str) -> None:
    if not isinstance(given, wanted):
        msg = f"{name} is a {type(given).__name__}, must be {rule}"
        raise UsageError(msg)
