"""What `list_topics` tells: brokers, and the leaders of a topic's partitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.facades.confluent.errors import KafkaError


@dataclass(slots=True, repr=False)
class BrokerMetadata:
    """A broker as `list_topics` gives it."""

    id: int = -1
    host: str | None = None
    port: int = -1

    def __repr__(self) -> str:
        return f"BrokerMetadata({self.id}, {self.host}:{self.port})"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.id}"


@dataclass(slots=True, repr=False)
class PartitionMetadata:
    """A partition as `list_topics` gives it; replicas are not known here."""

    id: int = -1
    leader: int = -1
    replicas: list[int] = field(default_factory=list)
    isrs: list[int] = field(default_factory=list)
    error: KafkaError | None = None

    def __repr__(self) -> str:
        return f"PartitionMetadata({self.id}{_behind(self.error)})"

    def __str__(self) -> str:
        return str(self.id)


@dataclass(slots=True, repr=False)
class TopicMetadata:
    """A topic as `list_topics` gives it."""

    topic: str | None = None
    partitions: dict[int, PartitionMetadata] = field(default_factory=dict)
    error: KafkaError | None = None

    def __repr__(self) -> str:
        return f"TopicMetadata({self.topic}, {len(self.partitions)} partitions{_behind(self.error)})"

    def __str__(self) -> str:
        return str(self.topic)


@dataclass(slots=True, repr=False)
class ClusterMetadata:
    """What `list_topics` gives; the controller, and who told it, are not known here."""

    cluster_id: str | None = None
    brokers: dict[int, BrokerMetadata] = field(default_factory=dict)
    topics: dict[str, TopicMetadata] = field(default_factory=dict)
    controller_id: int = -1
    orig_broker_id: int = -1
    orig_broker_name: str | None = None

    def __repr__(self) -> str:
        return f"ClusterMetadata({self.cluster_id})"

    def __str__(self) -> str:
        return str(self.cluster_id)


def _behind(error: KafkaError | None) -> str:
    return "" if error is None else f", {error}"
