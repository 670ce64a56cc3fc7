"""A leader is elected by hand, as with Kafka's leader election tool (ElectLeaders)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.text import PARTITION, topic_partition

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

KindOfElection = Literal["preferred", "unclean"]


@dataclass(frozen=True, slots=True)
class Elect:
    """Somebody has a leader elected by hand: the preferred one if it is in sync, or anybody alive where nobody leads."""

    PATTERN: ClassVar = re.compile(rf"elect (?P<partition>{PARTITION}) (?P<how>preferred|unclean)")
    EXAMPLE: ClassVar = "elect orders-0 unclean | elect orders-0 preferred"

    partition: str
    how: KindOfElection
    kind: Literal["elect"] = "elect"

    def __post_init__(self) -> None:
        topic_partition(self.partition)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["partition"], "unclean" if match["how"] == "unclean" else "preferred")

    def __str__(self) -> str:
        return f"elect {self.partition} {self.how}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Ask now. Raises ValueError, beginning with Kafka's error, if nothing comes of it."""
        from sim.cluster.controller.election import ElectionKind

        cluster.elect(topic_partition(self.partition), ElectionKind(self.how))
