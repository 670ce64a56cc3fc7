"""Somebody reads a topic from now on, while the story goes on, and until it is over and everything committed is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import of_the_story
from sim.faults.text import NAME, FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.readers import Readers

Begin = Literal["earliest", "latest"]
_BEGINS: dict[str, Begin] = {"earliest": "earliest", "latest": "latest"}


def _at_work(cluster: Cluster) -> Readers:
    return of_the_story(cluster.readers, "nobody reads")


@dataclass(frozen=True, slots=True)
class Read:
    """A consumer of a whole topic begins, on a host of its own; what it is given is in the trace."""

    PATTERN: ClassVar = re.compile(
        rf"read (?P<topic>[\w.-]+)(?: from (?P<begin>earliest|latest))?(?: as (?P<reader>{NAME}))?"
    )
    EXAMPLE: ClassVar = "read orders | read orders from latest | read orders as audit"

    topic: str
    begin: Begin = "earliest"
    """auto.offset.reset of a consumer that has committed nothing: where it begins in each partition, and where it goes on
    when the log does not have its offset any more."""
    reader: str | None = None
    """What it is called; None: `reader-1`, `reader-2` and so on."""
    kind: Literal["read"] = "read"

    def __post_init__(self) -> None:
        if self.begin not in _BEGINS:
            raise FaultTextError(f"{self.begin!r} is no place to begin at: expected earliest or latest")
        if self.reader is not None and not re.fullmatch(NAME, self.reader):
            raise FaultTextError(f"{self.reader!r} is no name of a reader: expected one such as audit")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["topic"], _BEGINS[match["begin"] or "earliest"], match["reader"])

    def __str__(self) -> str:
        begin = "" if self.begin == "earliest" else f" from {self.begin}"
        return f"read {self.topic}{begin}" + ("" if self.reader is None else f" as {self.reader}")

    def resolved(self, cluster: Cluster) -> Self:
        """Give the reader its name. Raises NotInjectedError where no story is told."""
        return replace(self, reader=self.reader or _at_work(cluster).next_name())

    def inject(self, cluster: Cluster) -> None:
        """Begin now. Raises NotInjectedError or ValueError if somebody has that name."""
        _at_work(cluster).begin(self.reader or _at_work(cluster).next_name(), self.topic, self.begin)
