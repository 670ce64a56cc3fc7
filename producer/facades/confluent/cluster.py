"""What `list_topics` tells: brokers, and the leaders of a topic's partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from producer.facades.confluent.errors import KafkaError


class BrokerMetadata(NamedTuple):
    """A broker as `list_topics` gives it."""

    id: int
    host: str
    port: int


class PartitionMetadata(NamedTuple):
    """A partition as `list_topics` gives it; replicas are not known here."""

    id: int
    leader: int
    error: KafkaError | None = None


class TopicMetadata(NamedTuple):
    """A topic as `list_topics` gives it."""

    topic: str
    partitions: dict[int, PartitionMetadata]
    error: KafkaError | None = None


class ClusterMetadata(NamedTuple):
    """What `list_topics` gives."""

    cluster_id: str | None
    brokers: dict[int, BrokerMetadata]
    topics: dict[str, TopicMetadata]
