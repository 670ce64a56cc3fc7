"""Faults of a partition: its leader moves, its in-sync replicas shrink; and its topic grows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import (
    NUMBER,
    TARGET,
    Target,
    broker_number,
    for_each,
    parse_target,
    resolve,
    target_text,
)
from sim.faults.text import DURATION, PARTITION, TOPIC, duration_text, parse_duration, read_durations, topic_partition

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class MoveLeader:
    """The controller gives a partition another leader, in sync as it is (a reassignment, a preferred election)."""

    PATTERN: ClassVar = re.compile(rf"move (?P<partition>{PARTITION})(?: to (?P<to>{NUMBER}))?")
    EXAMPLE: ClassVar = "move orders-0 | move orders-0 to b2"

    partition: str
    to: int | None = None
    """None for the preferred leader, the first of the replicas."""
    kind: Literal["move leader"] = "move leader"

    def __post_init__(self) -> None:
        topic_partition(self.partition)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["partition"], None if match["to"] is None else broker_number(match["to"]))

    def __str__(self) -> str:
        return f"move {self.partition}" + ("" if self.to is None else f" to b{self.to}")

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises ValueError if the cluster forbids it."""
        cluster.move_leader(topic_partition(self.partition), self.to)


@dataclass(frozen=True, slots=True)
class ShrinkIsr:
    """Replicas fall out of sync for a while, all of them at once: their fetches stand still."""

    PATTERN: ClassVar = re.compile(
        rf"shrink (?P<partition>{PARTITION}) by (?P<replica>{TARGET}) for (?P<lasts>{DURATION})"
    )
    EXAMPLE: ClassVar = "shrink orders-0 by b3 for 2s"

    partition: str
    replica: Target
    lasts_us: int
    kind: Literal["shrink isr"] = "shrink isr"

    def __post_init__(self) -> None:
        read_durations(self)
        topic_partition(self.partition)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["partition"], parse_target(match["replica"]), parse_duration(match["lasts"]))

    def __str__(self) -> str:
        return f"shrink {self.partition} by {target_text(self.replica)} for {duration_text(self.lasts_us)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, replica=resolve(self.replica, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if the cluster forbids it."""
        shrunk = topic_partition(self.partition)
        following = for_each(self.replica, cluster, partial(cluster.check_follows, shrunk))
        cluster.shrink_isr(shrunk, following, self.lasts_us)


@dataclass(frozen=True, slots=True)
class AddPartitions:
    """A topic grows: keyed records go to other partitions from now on."""

    PATTERN: ClassVar = re.compile(rf"grow (?P<topic>{TOPIC}) to (?P<count>\d+) partitions")
    EXAMPLE: ClassVar = "grow orders to 8 partitions"

    topic: str
    count: int
    """How many partitions there are afterwards."""
    kind: Literal["add partitions"] = "add partitions"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["topic"], int(match["count"]))

    def __str__(self) -> str:
        return f"grow {self.topic} to {self.count} partitions"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises ValueError if the cluster forbids it."""
        cluster.add_partitions(self.topic, self.count)
