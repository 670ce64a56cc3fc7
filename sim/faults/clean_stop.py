"""A broker's process is asked to stop in good order: a clean stop, and its clean shutdown (KIP-966)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import TARGET, Target, for_each, parse_target, resolve, target_text

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Stop:
    """The process is asked to stop (SIGTERM): others lead first, its logs are flushed; it takes its time."""

    PATTERN: ClassVar = re.compile(rf"stop (?P<broker>{TARGET})")
    EXAMPLE: ClassVar = "stop b1 | stop leader(orders-0)"

    broker: Target
    kind: Literal["stop"] = "stop"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"stop {target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Ask now. Raises NotInjectedError if the cluster forbids it."""
        for_each(self.broker, cluster, cluster.stop)
