"""Faults of a controller's process: crash, restart, pause, resume.

`controller` is whichever is active when the fault strikes, and for `restart` and `resume` every one that is down or stands
still; `controller-2` is one of several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import NotInjectedError
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

ACTIVE = "controller"
_CONTROLLER = r"(?P<controller>controller(?:-\d+)?)"
_NAME = re.compile(r"controller(?:-\d+)?")


@dataclass(frozen=True, slots=True)
class _OnController:
    """What these faults have in common: a verb, and whom it is about."""

    VERB: ClassVar[str]

    controller: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.controller):
            raise FaultTextError(f"{self.controller!r} is not a controller: expected controller or controller-2")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["controller"])

    def __str__(self) -> str:
        return f"{self.VERB} {self.controller}"


@dataclass(frozen=True, slots=True)
class CrashController(_OnController):
    """A controller's process ends without a word; another is elected where there are several, and leaders lead on."""

    VERB: ClassVar = "crash"
    PATTERN: ClassVar = re.compile(rf"crash {_CONTROLLER}")
    EXAMPLE: ClassVar = "crash controller"

    kind: Literal["crash controller"] = "crash controller"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is active now. Raises ValueError if nobody is."""
        return replace(self, controller=cluster.quorum.named(self.controller))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises ValueError if it is down."""
        cluster.quorum.crash(cluster.quorum.named(self.controller))


@dataclass(frozen=True, slots=True)
class PauseController(_OnController):
    """A controller's process stands still, as under SIGSTOP; whether it still leads it learns when it goes on."""

    VERB: ClassVar = "pause"
    PATTERN: ClassVar = re.compile(rf"pause {_CONTROLLER}")
    EXAMPLE: ClassVar = "pause controller"

    kind: Literal["pause controller"] = "pause controller"

    def resolved(self, cluster: Cluster) -> Self:
        """Name who is active now. Raises ValueError if nobody is."""
        return replace(self, controller=cluster.quorum.named(self.controller))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises ValueError if it does not run."""
        cluster.quorum.pause(cluster.quorum.named(self.controller))


@dataclass(frozen=True, slots=True)
class RestartController(_OnController):
    """A crashed controller begins again, with the metadata that its disk kept; the one alone leads again at once."""

    VERB: ClassVar = "restart"
    PATTERN: ClassVar = re.compile(rf"restart {_CONTROLLER}")
    EXAMPLE: ClassVar = "restart controller"

    kind: Literal["restart controller"] = "restart controller"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Who is down is seen when it strikes."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if nobody is down."""
        if self.controller != ACTIVE:
            cluster.quorum.restart(cluster.quorum.named(self.controller))
        elif not cluster.restart_controllers():
            raise NotInjectedError("no controller is down")


@dataclass(frozen=True, slots=True)
class ResumeController(_OnController):
    """A paused controller goes on, first with what waited in its sockets."""

    VERB: ClassVar = "resume"
    PATTERN: ClassVar = re.compile(rf"resume {_CONTROLLER}")
    EXAMPLE: ClassVar = "resume controller"

    kind: Literal["resume controller"] = "resume controller"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Who stands still is seen when it strikes."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if nobody is paused."""
        if self.controller != ACTIVE:
            cluster.quorum.resume(cluster.quorum.named(self.controller))
        elif not cluster.resume_controllers():
            raise NotInjectedError("no controller is paused")
