"""Faults of one log on one disk: its last batches are gone, or it is flushed by word alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import TARGET, Target, for_each, parse_target, resolve, target_text
from sim.faults.text import PARTITION, FaultTextError, topic_partition

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class CutLogShort:
    """A partition's file ends so many batches earlier, on a broker that is down: its next life finds what is left."""

    PATTERN: ClassVar = re.compile(
        rf"truncate (?P<partition>{PARTITION}) on (?P<broker>{TARGET}) by (?P<batches>\d+) batch(?:es)?"
    )
    EXAMPLE: ClassVar = "truncate orders-0 on b1 by 3 batches | truncate orders-0 on b1,b2 by 1 batch"

    partition: str
    broker: Target
    batches: int
    kind: Literal["cut log short"] = "cut log short"

    def __post_init__(self) -> None:
        topic_partition(self.partition)
        if self.batches < 1:
            raise FaultTextError(f"by {self.batches} batches: a log is cut short by at least 1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["partition"], parse_target(match["broker"]), int(match["batches"]))

    def __str__(self) -> str:
        batches = "1 batch" if self.batches == 1 else f"{self.batches} batches"
        return f"truncate {self.partition} on {target_text(self.broker)} by {batches}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name whose disk it is at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if every broker runs, or has no such log."""
        tp = topic_partition(self.partition)
        for_each(self.broker, cluster, partial(cluster.cut_log_short, tp=tp, batches=self.batches))


@dataclass(frozen=True, slots=True)
class UnsyncLog:
    """A disk only says that it flushes a partition's file, until the cluster heals: a power cut takes what it likes."""

    PATTERN: ClassVar = re.compile(rf"unsync (?P<partition>{PARTITION}) on (?P<broker>{TARGET})")
    EXAMPLE: ClassVar = "unsync orders-0 on leader(orders-0) | unsync orders-0 on b1,b2,b3"

    partition: str
    broker: Target
    kind: Literal["unsync log"] = "unsync log"

    def __post_init__(self) -> None:
        topic_partition(self.partition)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["partition"], parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"unsync {self.partition} on {target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name whose disk it is at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if no broker has such a log."""
        for_each(self.broker, cluster, partial(cluster.unsync_log, tp=topic_partition(self.partition)))
