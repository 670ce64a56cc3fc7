"""Faults of a schema registry's process: stop, crash, restart, pause, resume, slow. Links to it are struck by its host's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.registries import REGISTRY
from sim.faults.targets import of_the_story
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.registries import FaultyRegistries

_NAME = re.compile(REGISTRY)
_REGISTRY = rf"(?P<registry>{REGISTRY})"


def is_registry(whom: object) -> bool:
    """Whether a verb that is said of many is said of a registry here."""
    return isinstance(whom, str) and _NAME.fullmatch(whom) is not None


def _at_work(cluster: Cluster) -> FaultyRegistries:
    return of_the_story(cluster.registries, "there are no registries")


@dataclass(frozen=True, slots=True)
class _OnRegistry:
    """What these faults have in common: a verb, and whom it is about."""

    VERB: ClassVar[str]

    registry: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.registry):
            raise FaultTextError(f"{self.registry!r} is not a registry: expected registry-1, or staging-registry-1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["registry"])

    def __str__(self) -> str:
        return f"{self.VERB} {self.registry}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - a registry has one name
        """Name who is struck: the registry itself."""
        return self


@dataclass(frozen=True, slots=True)
class StopRegistry(_OnRegistry):
    """A schema registry ends in good order: another one leads at once, where there are several."""

    VERB: ClassVar = "stop"
    PATTERN: ClassVar = re.compile(rf"stop {_REGISTRY}")
    EXAMPLE: ClassVar = "stop registry-1"

    kind: Literal["stop registry"] = "stop registry"

    def inject(self, cluster: Cluster) -> None:
        """Ask now. Raises NotInjectedError or ValueError if it does not run."""
        _at_work(cluster).stop(self.registry)


@dataclass(frozen=True, slots=True)
class CrashRegistry(_OnRegistry):
    """A schema registry's process ends without a word; what was registered is in `_schemas`."""

    VERB: ClassVar = "crash"
    PATTERN: ClassVar = re.compile(rf"crash {_REGISTRY}")
    EXAMPLE: ClassVar = "crash registry-1"

    kind: Literal["crash registry"] = "crash registry"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if it does not run."""
        _at_work(cluster).kill(self.registry)


@dataclass(frozen=True, slots=True)
class RestartRegistry(_OnRegistry):
    """A schema registry that does not run begins again; it answers once it has read `_schemas` to its end."""

    VERB: ClassVar = "restart"
    PATTERN: ClassVar = re.compile(rf"restart {_REGISTRY}")
    EXAMPLE: ClassVar = "restart registry-1"

    kind: Literal["restart registry"] = "restart registry"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if it runs."""
        _at_work(cluster).start(self.registry)


@dataclass(frozen=True, slots=True)
class PauseRegistry(_OnRegistry):
    """A schema registry stands still, as under SIGSTOP; whoever asks it hears nothing, until it is asked no more."""

    VERB: ClassVar = "pause"
    PATTERN: ClassVar = re.compile(rf"pause {_REGISTRY}")
    EXAMPLE: ClassVar = "pause registry-1"

    kind: Literal["pause registry"] = "pause registry"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if it does not run, or stands still already."""
        _at_work(cluster).pause(self.registry)


@dataclass(frozen=True, slots=True)
class ResumeRegistry(_OnRegistry):
    """A paused schema registry goes on, first with what waited in its sockets."""

    VERB: ClassVar = "resume"
    PATTERN: ClassVar = re.compile(rf"resume {_REGISTRY}")
    EXAMPLE: ClassVar = "resume registry-1"

    kind: Literal["resume registry"] = "resume registry"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if it does not stand still."""
        _at_work(cluster).resume(self.registry)


@dataclass(frozen=True, slots=True)
class SlowRegistry(_OnRegistry):
    """A schema registry takes so many times as long over each request, until the cluster heals."""

    VERB: ClassVar = "slow"
    PATTERN: ClassVar = re.compile(rf"slow {_REGISTRY} x(?P<factor>\d+)")
    EXAMPLE: ClassVar = "slow registry-1 x1000"

    factor: int
    kind: Literal["slow registry"] = "slow registry"

    def __post_init__(self) -> None:
        super(SlowRegistry, self).__post_init__()
        if self.factor < 1:
            raise FaultTextError(f"x{self.factor}: a registry is slowed down by a factor of at least 1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["registry"], int(match["factor"]))

    def __str__(self) -> str:
        return f"slow {self.registry} x{self.factor}"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if it does not run."""
        _at_work(cluster).slow(self.registry, self.factor)
