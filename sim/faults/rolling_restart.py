"""Brokers are restarted one after the other, as for an upgrade: each is back and in sync before the next one stops."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import TARGET, Target, brokers, parse_target, resolve, target_text

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

ALL = "all"


@dataclass(frozen=True, slots=True)
class RollingRestart:
    """Each of these brokers is stopped in good order and started again, one after the other; it takes its time."""

    PATTERN: ClassVar = re.compile(rf"roll (?P<broker>{ALL}|{TARGET})")
    EXAMPLE: ClassVar = "roll all | roll b3,b1 | roll followers(orders-0)"

    broker: Target | None = None
    """In this order; None for every broker, by number."""
    kind: Literal["rolling restart"] = "rolling restart"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(None if match["broker"] == ALL else parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"roll {ALL if self.broker is None else target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return self if self.broker is None else replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Begin now. Raises ValueError if one is under way already."""
        cluster.roll(tuple(cluster.brokers) if self.broker is None else brokers(self.broker, cluster))
