"""Somebody reads a topic from now on, alone or as a member of a group, until the story is over and everything committed is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import GROUP, of_the_story
from sim.faults.text import NAME, FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.readers import Readers

Begin = Literal["earliest", "latest"]
Protocol = Literal["classic", "consumer"]
Isolation = Literal["read_uncommitted", "read_committed"]
_ISOLATIONS: dict[str, Isolation] = {"read_uncommitted": "read_uncommitted", "read_committed": "read_committed"}
_PROTOCOLS: dict[str, Protocol] = {"classic": "classic", "consumer": "consumer"}
_BEGINS: dict[str, Begin] = {"earliest": "earliest", "latest": "latest"}


def _at_work(cluster: Cluster) -> Readers:
    return of_the_story(cluster.readers, "nobody reads")


@dataclass(frozen=True, slots=True)
class Read:
    """A consumer begins, on a host of its own: of a whole topic, or of its share as a member of a group."""

    PATTERN: ClassVar = re.compile(
        rf"read (?P<topic>[\w.-]+)(?: in (?:(?P<protocol>classic|consumer) )?group (?P<group>{GROUP}))?"
        rf"(?: from (?P<begin>earliest|latest))?(?: as (?P<reader>{NAME}))?(?P<committed>, read_committed)?"
    )
    EXAMPLE: ClassVar = (
        "read orders | read orders from latest | read orders as audit | read orders, read_committed | read orders in group billing | "
        "read orders in consumer group billing from latest as billing-1"
    )

    topic: str
    begin: Begin = "earliest"
    """auto.offset.reset of a consumer that has committed nothing: where it begins in each partition, and where it goes on
    when the log does not have its offset any more."""
    reader: str | None = None
    """What it is called; None: `reader-1`, `reader-2` and so on."""
    group: str | None = None
    """Whose member it is; None for one that reads everything by itself."""
    protocol: Protocol = "classic"
    """group.protocol of a member: `classic`, Kafka's default, or `consumer` (KIP-848)."""
    isolation: Isolation = "read_uncommitted"
    """isolation.level: whether it is given what is not committed yet, and what never will be."""
    kind: Literal["read"] = "read"

    def __post_init__(self) -> None:
        if self.begin not in _BEGINS:
            raise FaultTextError(f"{self.begin!r} is no place to begin at: expected earliest or latest")
        if self.reader is not None and not re.fullmatch(NAME, self.reader):
            raise FaultTextError(f"{self.reader!r} is no name of a reader: expected one such as audit")
        if self.group is not None and not re.fullmatch(GROUP, self.group):
            raise FaultTextError(f"{self.group!r} is not a group that a fault can name: letters, digits, . _ -")
        if self.protocol not in _PROTOCOLS:
            raise FaultTextError(f"{self.protocol!r} is no protocol of groups: expected classic or consumer")
        if self.isolation not in _ISOLATIONS:
            raise FaultTextError(
                f"{self.isolation!r} is no isolation level: expected read_uncommitted or read_committed"
            )

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        begin, protocol = match["begin"] or "earliest", match["protocol"] or "classic"
        isolation: Isolation = "read_uncommitted" if match["committed"] is None else "read_committed"
        return cls(match["topic"], _BEGINS[begin], match["reader"], match["group"], _PROTOCOLS[protocol], isolation)

    def __str__(self) -> str:
        kind = "" if self.protocol == "classic" else f"{self.protocol} "
        group = "" if self.group is None else f" in {kind}group {self.group}"
        begin = "" if self.begin == "earliest" else f" from {self.begin}"
        reader = "" if self.reader is None else f" as {self.reader}"
        isolation = "" if self.isolation == "read_uncommitted" else f", {self.isolation}"
        return f"read {self.topic}{group}{begin}{reader}{isolation}"

    def resolved(self, cluster: Cluster) -> Self:
        """Give the reader its name. Raises NotInjectedError where no story is told."""
        return replace(self, reader=self.reader or _at_work(cluster).next_name())

    def inject(self, cluster: Cluster) -> None:
        """Begin now. Raises NotInjectedError or ValueError if somebody has that name."""
        readers = _at_work(cluster)
        name = self.reader or readers.next_name()
        if self.group is None:
            readers.begin(name, self.topic, self.begin, self.isolation)
        else:
            readers.join(name, self.topic, self.begin, self.isolation, self.group, self.protocol)


@dataclass(frozen=True, slots=True)
class CloseReader:
    """A member of a group ends in good order: it commits what it has read, gives up its partitions and leaves; it takes its time."""

    PATTERN: ClassVar = re.compile(rf"close (?P<reader>{NAME})")
    EXAMPLE: ClassVar = "close reader-1"

    reader: str
    """What it is called."""
    kind: Literal["close reader"] = "close reader"

    def __post_init__(self) -> None:
        if not re.fullmatch(NAME, self.reader):
            raise FaultTextError(f"{self.reader!r} is no name of a reader: expected one such as billing-1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["reader"])

    def __str__(self) -> str:
        return f"close {self.reader}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - a reader has one name
        """Name who is struck: the reader itself."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Ask now. Raises NotInjectedError or ValueError if nobody in a group is called so, or no more."""
        _at_work(cluster).close(self.reader)
