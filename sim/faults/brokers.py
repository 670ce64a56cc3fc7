"""Faults of a broker's process: crash, restart, pause, resume."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import TARGET, NotInjectedError, Target, for_each, parse_target, resolve, target_text
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

DiskAfterCrash = Literal["kept", "unflushed lost", "wiped"]


@dataclass(frozen=True, slots=True)
class Crash:
    """The process ends without a word; what was not flushed, or the whole disk, may go with it.

    A process that dies alone leaves its kernel to end its connections. A disk loses something only with the machine's power,
    and then peers hear nothing until their own time-outs, or until the machine is back.
    """

    PATTERN: ClassVar = re.compile(rf"crash (?P<broker>{TARGET})(?:, (?P<disk>unflushed lost|wiped|kept))?")
    EXAMPLE: ClassVar = (
        "crash b1 | crash coordinator(billing) | crash leader(orders-0), unflushed lost | crash b2, wiped"
    )

    broker: Target
    disk: DiskAfterCrash = "kept"
    kind: Literal["crash"] = "crash"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        disk: DiskAfterCrash = "kept"
        if match["disk"] == "unflushed lost":
            disk = "unflushed lost"
        elif match["disk"] == "wiped":
            disk = "wiped"
        return cls(parse_target(match["broker"]), disk)

    def __str__(self) -> str:
        suffix = "" if self.disk == "kept" else f", {self.disk}"
        return f"crash {target_text(self.broker)}{suffix}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if the cluster forbids it."""
        from sim.cluster.cluster import DiskLoss

        for_each(self.broker, cluster, partial(cluster.crash, disk=DiskLoss(self.disk)))


@dataclass(frozen=True, slots=True)
class Restart:
    """A crashed broker's process begins again, with what its disk kept.

    One that runs is refused: `roll b1` stops it in good order and starts it again.
    """

    PATTERN: ClassVar = re.compile(rf"restart (?P<broker>{TARGET})")
    EXAMPLE: ClassVar = "restart b1"

    broker: Target
    kind: Literal["restart"] = "restart"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"restart {target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError if the cluster forbids it."""
        for_each(self.broker, cluster, cluster.restart)


@dataclass(frozen=True, slots=True)
class Pause:
    """The process stands still, as under SIGSTOP; its sockets keep filling."""

    PATTERN: ClassVar = re.compile(rf"pause (?P<broker>{TARGET})")
    EXAMPLE: ClassVar = "pause b1 | pause followers(orders-0)"

    broker: Target
    kind: Literal["pause"] = "pause"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"pause {target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if the cluster forbids it."""
        for_each(self.broker, cluster, cluster.pause)


@dataclass(frozen=True, slots=True)
class Resume:
    """A paused broker goes on, first with what waited in its sockets."""

    PATTERN: ClassVar = re.compile(rf"resume (?P<broker>{TARGET})")
    EXAMPLE: ClassVar = "resume b1 | resume b2,b3"

    broker: Target
    kind: Literal["resume"] = "resume"

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_target(match["broker"]))

    def __str__(self) -> str:
        return f"resume {target_text(self.broker)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError if the cluster forbids it."""
        for_each(self.broker, cluster, cluster.resume)


@dataclass(frozen=True, slots=True)
class SlowDisk:
    """Everything on the broker's disk takes so many times as long, what waits already, too, until the cluster heals."""

    PATTERN: ClassVar = re.compile(rf"slow (?P<broker>{TARGET}) x(?P<factor>\d+)")
    EXAMPLE: ClassVar = "slow b1 x100"

    broker: Target
    factor: int
    kind: Literal["slow disk"] = "slow disk"

    def __post_init__(self) -> None:
        if self.factor < 1:
            raise FaultTextError(f"x{self.factor}: a disk is slowed down by a factor of at least 1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(parse_target(match["broker"]), int(match["factor"]))

    def __str__(self) -> str:
        return f"slow {target_text(self.broker)} x{self.factor}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is struck at this moment. Raises NotInjectedError if nobody is."""
        return replace(self, broker=resolve(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError for an unknown broker."""
        for_each(self.broker, cluster, partial(self._slow, cluster))

    def _slow(self, cluster: Cluster, broker: int) -> None:
        if broker not in cluster.brokers:
            raise NotInjectedError(f"broker {broker} does not exist")
        cluster.brokers[broker].disk.set_slowness(cluster.world.now_us, self.factor)
