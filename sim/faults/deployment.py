"""The next version of somebody's code is deployed: of an application, or of a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import of_the_story
from sim.faults.text import NAME, FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

_NAME = re.compile(NAME)


@dataclass(frozen=True, slots=True)
class Deploy:
    """An application is stopped in good order and its next life runs that version of its code; a reader goes on by that version."""

    PATTERN: ClassVar = re.compile(rf"deploy (?P<whom>{NAME}) version (?P<version>\d+)")
    EXAMPLE: ClassVar = "deploy producer-1 version 2"

    whom: str
    version: int
    """From 1, as the story has them."""
    kind: Literal["deploy"] = "deploy"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.whom):
            raise FaultTextError(f"{self.whom!r} is neither an application nor a reader: expected a name such as shop")
        if self.version < 1:
            raise FaultTextError(f"version {self.version}: versions are counted from 1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["whom"], int(match["version"]))

    def __str__(self) -> str:
        return f"deploy {self.whom} version {self.version}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - whoever runs it has one name
        """Name whose code it is: the application or the reader itself."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError where that makes no sense."""
        applications = of_the_story(cluster.applications, "there are no applications")
        if applications.has(self.whom):
            applications.deploy(self.whom, self.version)
        else:
            of_the_story(cluster.readers, "nobody reads").deploy(self.whom, self.version)
