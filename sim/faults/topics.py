"""Faults of a topic as a whole: somebody deletes it, and creates another one under its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.text import TOPIC, FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.topic_config import TopicConfig


@dataclass(frozen=True, slots=True)
class DeleteTopic:
    """A topic is deleted, with every record in it; brokers that are down remove its logs when they start."""

    PATTERN: ClassVar = re.compile(rf"delete (?P<topic>{TOPIC})")
    EXAMPLE: ClassVar = "delete orders"

    topic: str
    kind: Literal["delete topic"] = "delete topic"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["topic"])

    def __str__(self) -> str:
        return f"delete {self.topic}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises ValueError if the cluster forbids it."""
        cluster.delete_topic(self.topic)


@dataclass(frozen=True, slots=True)
class CreateTopic:
    """A topic is created: as the cluster is configured to have it, else as topics are that are created unasked.

    It is never the one that had the name before: it has an id of its own, and is empty.
    """

    PATTERN: ClassVar = re.compile(rf"create (?P<topic>{TOPIC})(?: with (?P<partitions>\d+) partitions)?")
    EXAMPLE: ClassVar = "create orders | create orders with 4 partitions"

    topic: str
    partitions: int | None = None
    """How many, if not as configured."""
    kind: Literal["create topic"] = "create topic"

    def __post_init__(self) -> None:
        if self.partitions is not None and self.partitions < 1:
            raise FaultTextError(f"{self.partitions} partitions: a topic has at least 1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["topic"], None if match["partitions"] is None else int(match["partitions"]))

    def __str__(self) -> str:
        return f"create {self.topic}" + ("" if self.partitions is None else f" with {self.partitions} partitions")

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises ValueError if the cluster forbids it."""
        cluster.create_topic(self._config(cluster))

    def _config(self, cluster: Cluster) -> TopicConfig:
        own = [topic for topic in cluster.config.topics if topic.name == self.topic]
        config = own[0] if own else replace(cluster.config.auto_created_topic, name=self.topic)
        if self.partitions is None or self.partitions == config.partitions:
            return config
        return replace(config, partitions=self.partitions, replicas=None)
