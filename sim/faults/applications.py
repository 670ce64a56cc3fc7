"""Faults of an application's process: started, stopped, killed, paused, resumed, restarted, replaced while it lives.

`billing` names an application: whoever kills or pauses it means its latest life, whoever resumes it the one that is paused.
`billing.1` and `billing.2` name a life.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.applications import client_of, life_of
from sim.faults.targets import of_the_story
from sim.faults.text import NAME, FaultTextError

if TYPE_CHECKING:
    from sim.cluster.applications import Applications
    from sim.cluster.cluster import Cluster

_NAME = re.compile(NAME)
_APPLICATION = rf"(?P<application>{NAME})"


def _at_work(cluster: Cluster) -> Applications:
    return of_the_story(cluster.applications, "there are no applications")


@dataclass(frozen=True, slots=True)
class OnApplication:
    """What these faults have in common: a verb, and whom it is about."""

    VERB: ClassVar[str]

    application: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.application):
            raise FaultTextError(f"{self.application!r} is not an application: expected a name such as producer-1")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["application"])

    def __str__(self) -> str:
        return f"{self.VERB} {self.application}"


@dataclass(frozen=True, slots=True)
class _OfApplication(OnApplication):
    """A fault of the application, whichever lives it had."""

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - an application has one name
        """Name who is struck: the application itself."""
        return self


@dataclass(frozen=True, slots=True)
class _OfLife(OnApplication):
    """A fault of one life."""

    def resolved(self, cluster: Cluster) -> Self:
        """Name the life that is struck now: the latest that lives. Raises NotInjectedError or ValueError if none does."""
        if life_of(self.application)[1] is not None:
            return self
        return replace(self, application=_at_work(cluster).living(self.application))

    @property
    def client(self) -> str:
        """Whom the trace means; an application alone stands for its first life."""
        name, life = life_of(self.application)
        return client_of(name, life or 1)


@dataclass(frozen=True, slots=True)
class StartApplication(_OfApplication):
    """The first life of an application begins, if the story does not begin it by itself."""

    VERB: ClassVar = "start"
    PATTERN: ClassVar = re.compile(rf"start {_APPLICATION}")
    EXAMPLE: ClassVar = "start producer-1"

    kind: Literal["start application"] = "start application"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if it has begun already."""
        _at_work(cluster).start(self.application)


@dataclass(frozen=True, slots=True)
class RestartApplication(_OfApplication):
    """An application whose process is gone begins again: a new engine, a new producer id, and what its story says it sends."""

    VERB: ClassVar = "restart"
    PATTERN: ClassVar = re.compile(rf"restart {_APPLICATION}")
    EXAMPLE: ClassVar = "restart producer-1"

    kind: Literal["restart application"] = "restart application"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if a life of it is left, or it never began."""
        _at_work(cluster).restart(self.application)


@dataclass(frozen=True, slots=True)
class ReplaceApplication(_OfApplication):
    """An application begins again although its old process still lives: a zombie, if that one was only paused."""

    VERB: ClassVar = "replace"
    PATTERN: ClassVar = re.compile(rf"replace {_APPLICATION}")
    EXAMPLE: ClassVar = "replace producer-1"

    kind: Literal["replace application"] = "replace application"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if no life of it is left to be replaced."""
        _at_work(cluster).replace(self.application)


@dataclass(frozen=True, slots=True)
class StopApplication(_OfLife):
    """An application is asked to stop (SIGTERM): it sends nothing new, flushes and closes its producer; it takes its time."""

    VERB: ClassVar = "stop"
    PATTERN: ClassVar = re.compile(rf"stop {_APPLICATION}")
    EXAMPLE: ClassVar = "stop producer-1"

    kind: Literal["stop application"] = "stop application"

    def inject(self, cluster: Cluster) -> None:
        """Ask now. Raises NotInjectedError or ValueError if that life is over, stops already, or stands still."""
        _at_work(cluster).stop(self.client)


@dataclass(frozen=True, slots=True)
class KillApplication(_OfLife):
    """An application's process ends: nothing is flushed, its kernel closes its connections."""

    VERB: ClassVar = "kill"
    PATTERN: ClassVar = re.compile(rf"kill {_APPLICATION}")
    EXAMPLE: ClassVar = "kill producer-1"

    kind: Literal["kill application"] = "kill application"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if that life is over or never began."""
        _at_work(cluster).kill(self.client)


@dataclass(frozen=True, slots=True)
class PauseApplication(_OfLife):
    """An application's process stands still, as under SIGSTOP or in a long collection of garbage; its kernel takes bytes."""

    VERB: ClassVar = "pause"
    PATTERN: ClassVar = re.compile(rf"pause {_APPLICATION}")
    EXAMPLE: ClassVar = "pause producer-1"

    kind: Literal["pause application"] = "pause application"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if that life is over, paused or never began."""
        _at_work(cluster).pause(self.client)


@dataclass(frozen=True, slots=True)
class ResumeApplication(_OfLife):
    """A paused application goes on, first with what its kernel took; it knows nothing of the time that has passed."""

    VERB: ClassVar = "resume"
    PATTERN: ClassVar = re.compile(rf"resume {_APPLICATION}")
    EXAMPLE: ClassVar = "resume producer-1"

    kind: Literal["resume application"] = "resume application"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the life that goes on: the latest that is paused. Raises NotInjectedError or ValueError if none is."""
        if life_of(self.application)[1] is not None:
            return self
        return replace(self, application=_at_work(cluster).paused(self.application))

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if that life is not paused."""
        _at_work(cluster).resume(self.client)
