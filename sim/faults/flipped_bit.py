"""A bit that flips on one disk: the bytes of a batch are no longer those that were written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import TARGET, Target, for_each, parse_target, resolve, target_text
from sim.faults.text import PARTITION, topic_partition

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class FlipBit:
    """One bit flips in a broker's file, in the batch that holds that offset; the broker serves it as it is."""

    PATTERN: ClassVar = re.compile(
        rf"flip (?P<partition>{PARTITION}) on (?P<broker>{TARGET}) at offset (?P<offset>\d+)"
    )
    EXAMPLE: ClassVar = "flip orders-0 on b1 at offset 3 | flip orders-0 on leader(orders-0) at offset 0"

    partition: str
    broker: Target
    offset: int
    kind: Literal["flip bit"] = "flip bit"

    def __post_init__(self) -> None:
        topic_partition(self.partition)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["partition"], parse_target(match["broker"]), int(match["offset"]))

    def __str__(self) -> str:
        return f"flip {self.partition} on {target_text(self.broker)} at offset {self.offset}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name whose disk it is at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if no broker's log has that offset."""
        for_each(
            self.broker, cluster, partial(cluster.flip_bit, tp=topic_partition(self.partition), offset=self.offset)
        )
