"""A link on which nothing may pass, and whoever tries is told at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.links import ENDS_BOTH_WAYS, ends_text, hosts, other_end
from sim.faults.targets import HostTarget, parse_host

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class RejectLink:
    """Streams break, and none can be opened until the link opens: whoever tries is told so at once.

    So it is behind a firewall that rejects, or on a host whose interface is down. On a link that is cut, on the other hand,
    packets vanish, and a connection takes its whole set-up time to fail.
    """

    PATTERN: ClassVar = re.compile(rf"reject {ENDS_BOTH_WAYS}")
    EXAMPLE: ClassVar = "reject producer-1 <-> * | reject b1 <-> b2"

    source: HostTarget
    target: HostTarget | None = None
    """None for every other host."""
    kind: Literal["reject link"] = "reject link"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_host(match["source"]), other_end(match))

    def __str__(self) -> str:
        return f"reject {ends_text(self.source, self.target, one_way=False)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the hosts at this moment. Raises NotInjectedError if there is none."""
        source, target = hosts(self.source, self.target, cluster)
        return replace(self, source=parse_host(source), target=None if target is None else parse_host(target))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if a host is not there."""
        cluster.network.reject(*hosts(self.source, self.target, cluster))
