"""Faults of the network: links that hold packets, lose them, open again; streams that break."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import HOST_TARGET, HostTarget, NotInjectedError, known_host, parse_host, target_text

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

EVERYBODY = "*"
ENDS_BOTH_WAYS = rf"(?P<source>{HOST_TARGET}) <-> (?P<target>{HOST_TARGET}|\*)"
ENDS = rf"(?P<source>{HOST_TARGET}) (?P<arrow>->|<->) (?P<target>{HOST_TARGET}|\*)"


def ends_text(source: HostTarget, target: HostTarget | None, *, one_way: bool) -> str:
    """Write the two ends of a link, as `b1 -> b2` or `b1 <-> *`."""
    arrow = "->" if one_way else "<->"
    return f"{target_text(source)} {arrow} {EVERYBODY if target is None else target_text(target)}"


def other_end(match: re.Match[str]) -> HostTarget | None:
    """Read the far end; None for everybody."""
    return None if match["target"] == EVERYBODY else parse_host(match["target"])


def hosts(source: HostTarget, target: HostTarget | None, cluster: Cluster) -> tuple[str, str | None]:
    """Name the hosts at both ends of a link. Raises NotInjectedError if one is not there, or both are the same."""
    one, other = known_host(source, cluster), None if target is None else known_host(target, cluster)
    if one == other:
        raise NotInjectedError(f"{one} has no link to itself")
    return one, other


@dataclass(frozen=True, slots=True)
class HoldLink:
    """Packets wait until the link opens; nothing is lost."""

    PATTERN: ClassVar = re.compile(rf"hold {ENDS}")
    EXAMPLE: ClassVar = "hold b1 -> b2 | hold producer-1 <-> leader(orders-0)"

    source: HostTarget
    target: HostTarget | None = None
    """None for every other host."""
    one_way: bool = False
    """Only from source to target."""
    kind: Literal["hold link"] = "hold link"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_host(match["source"]), other_end(match), match["arrow"] == "->")

    def __str__(self) -> str:
        return f"hold {ends_text(self.source, self.target, one_way=self.one_way)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the hosts at this moment. Raises NotInjectedError if there is none."""
        source, target = hosts(self.source, self.target, cluster)
        return replace(self, source=parse_host(source), target=None if target is None else parse_host(target))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if a host is not there."""
        source, target = hosts(self.source, self.target, cluster)
        cluster.network.hold(source, target, one_way=self.one_way)


@dataclass(frozen=True, slots=True)
class CutLink:
    """Packets are lost until the link opens; TCP repeats those of a connection that is still open then."""

    PATTERN: ClassVar = re.compile(rf"cut {ENDS}")
    EXAMPLE: ClassVar = "cut b1 <-> b2 | cut b1 -> *"

    source: HostTarget
    target: HostTarget | None = None
    """None for every other host."""
    one_way: bool = False
    """Only from source to target."""
    kind: Literal["cut link"] = "cut link"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_host(match["source"]), other_end(match), match["arrow"] == "->")

    def __str__(self) -> str:
        return f"cut {ends_text(self.source, self.target, one_way=self.one_way)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the hosts at this moment. Raises NotInjectedError if there is none."""
        source, target = hosts(self.source, self.target, cluster)
        return replace(self, source=parse_host(source), target=None if target is None else parse_host(target))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if a host is not there."""
        source, target = hosts(self.source, self.target, cluster)
        cluster.network.cut(source, target, one_way=self.one_way)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A held link releases what waits, a cut one is repaired."""

    PATTERN: ClassVar = re.compile(rf"open {ENDS}")
    EXAMPLE: ClassVar = "open b1 <-> b2"

    source: HostTarget
    target: HostTarget | None = None
    """None for every other host."""
    one_way: bool = False
    """Only from source to target."""
    kind: Literal["open link"] = "open link"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_host(match["source"]), other_end(match), match["arrow"] == "->")

    def __str__(self) -> str:
        return f"open {ends_text(self.source, self.target, one_way=self.one_way)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the hosts at this moment. Raises NotInjectedError if there is none."""
        source, target = hosts(self.source, self.target, cluster)
        return replace(self, source=parse_host(source), target=None if target is None else parse_host(target))

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError if a host is not there."""
        source, target = hosts(self.source, self.target, cluster)
        cluster.network.open(source, target, one_way=self.one_way)


@dataclass(frozen=True, slots=True)
class ResetLink:
    """The first host breaks every stream with the other: what it sent arrives before the end does, what is under way to it is lost."""

    PATTERN: ClassVar = re.compile(rf"reset {ENDS_BOTH_WAYS}")
    EXAMPLE: ClassVar = "reset producer-1 <-> leader(orders-0)"

    source: HostTarget
    target: HostTarget | None = None
    """None for every other host."""
    kind: Literal["reset link"] = "reset link"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_host(match["source"]), other_end(match))

    def __str__(self) -> str:
        return f"reset {ends_text(self.source, self.target, one_way=False)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the hosts at this moment. Raises NotInjectedError if there is none."""
        source, target = hosts(self.source, self.target, cluster)
        return replace(self, source=parse_host(source), target=None if target is None else parse_host(target))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if a host is not there."""
        source, target = hosts(self.source, self.target, cluster)
        cluster.network.reset(source, target)
