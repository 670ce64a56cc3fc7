"""What an application hands over and gets back: records, partitions, metadata, the producer's identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]
"""Kafka's record headers: ordered, names may repeat, a value may be null."""

OFFSET_UNKNOWN = -1
"""The offset of a record sent with acks=0: no broker ever told it."""

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


class ProducerIdentity(NamedTuple):
    """The producer id and epoch a broker hands out (InitProducerId, KIP-98)."""

    producer_id: int
    producer_epoch: int


NO_IDENTITY = ProducerIdentity(NO_PRODUCER_ID, NO_PRODUCER_EPOCH)
