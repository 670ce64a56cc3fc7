"""Faults of one log directory of a broker (log.dirs): its device fails, and works again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import TARGET, Target, for_each, parse_target, resolve, target_text
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

DirectoryAfterRepair = Literal["kept", "wiped"]


def _check(directory: int) -> None:
    if directory < 1:
        raise FaultTextError(f"log directory {directory}: they are counted from 1")


@dataclass(frozen=True, slots=True)
class FailLogDirectory:
    """A log directory takes nothing any more: its replicas are offline; without the first a broker halts."""

    PATTERN: ClassVar = re.compile(rf"fail log directory (?P<directory>\d+) of (?P<broker>{TARGET})")
    EXAMPLE: ClassVar = "fail log directory 2 of b1 | fail log directory 2 of leader(orders-1)"

    directory: int
    broker: Target
    kind: Literal["fail log directory"] = "fail log directory"

    def __post_init__(self) -> None:
        _check(self.directory)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["directory"]), parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"fail log directory {self.directory} of {target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name whose directory it is at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if every broker has no such directory, or it has failed already."""
        for_each(self.broker, cluster, partial(cluster.fail_log_directory, number=self.directory))


@dataclass(frozen=True, slots=True)
class RepairLogDirectory:
    """A log directory that failed works again, with what it held or empty; its broker takes it up with its next start."""

    PATTERN: ClassVar = re.compile(
        rf"repair log directory (?P<directory>\d+) of (?P<broker>{TARGET})(?:, (?P<files>kept|wiped))?"
    )
    EXAMPLE: ClassVar = "repair log directory 2 of b1 | repair log directory 2 of b1, wiped"

    directory: int
    broker: Target
    files: DirectoryAfterRepair = "kept"
    kind: Literal["repair log directory"] = "repair log directory"

    def __post_init__(self) -> None:
        _check(self.directory)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        files: DirectoryAfterRepair = "wiped" if match["files"] == "wiped" else "kept"
        return cls(int(match["directory"]), parse_target(match["broker"]), files)

    def __str__(self) -> str:
        suffix = "" if self.files == "kept" else f", {self.files}"
        return f"repair log directory {self.directory} of {target_text(self.broker)}{suffix}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name whose directory it is at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError if none has failed, or a process has yet to find that out."""
        is_wiped = self.files == "wiped"
        for_each(self.broker, cluster, partial(cluster.repair_log_directory, number=self.directory, is_wiped=is_wiped))
