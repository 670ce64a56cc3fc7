"""Faults of a gateway's process: stop, crash, restart, pause, resume. Links to it are struck by its host's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.gateways import GATEWAY
from sim.faults.targets import of_the_story

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.gateways import FaultyGateway


def is_gateway(whom: object) -> bool:
    """Whether a verb that is said of many is said of the gateway here."""
    return whom == GATEWAY


def _at_work(cluster: Cluster) -> FaultyGateway:
    return of_the_story(cluster.gateway, "there is no gateway")


@dataclass(frozen=True, slots=True)
class _OnGateway:
    """What these faults have in common: a verb, and that there is one gateway."""

    VERB: ClassVar[str]

    @classmethod
    def from_match(cls, _match: re.Match[str]) -> Self:
        return cls()

    def __str__(self) -> str:
        return f"{self.VERB} {GATEWAY}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - there is one
        """Name who is struck: the one that there is."""
        return self


@dataclass(frozen=True, slots=True)
class StopGateway(_OnGateway):
    """The gateway ends in good order: every session ends, its audit is kept; clients find nobody until it is begun again."""

    VERB: ClassVar = "stop"
    PATTERN: ClassVar = re.compile(rf"stop {GATEWAY}")
    EXAMPLE: ClassVar = f"stop {GATEWAY}"

    kind: Literal["stop gateway"] = "stop gateway"

    def inject(self, cluster: Cluster) -> None:
        """Ask now. Raises NotInjectedError or ValueError if there is none, or it does not run."""
        _at_work(cluster).stop()


@dataclass(frozen=True, slots=True)
class CrashGateway(_OnGateway):
    """The gateway's process ends without a word: what lies in it on its way, in both directions, is gone with it."""

    VERB: ClassVar = "crash"
    PATTERN: ClassVar = re.compile(rf"crash {GATEWAY}")
    EXAMPLE: ClassVar = f"crash {GATEWAY}"

    kind: Literal["crash gateway"] = "crash gateway"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if there is none, or it does not run."""
        _at_work(cluster).kill()


@dataclass(frozen=True, slots=True)
class RestartGateway(_OnGateway):
    """A gateway that does not run begins again, and knows nothing of brokers until clients ask where they are."""

    VERB: ClassVar = "restart"
    PATTERN: ClassVar = re.compile(rf"restart {GATEWAY}")
    EXAMPLE: ClassVar = f"restart {GATEWAY}"

    kind: Literal["restart gateway"] = "restart gateway"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if there is none, or it runs."""
        _at_work(cluster).start()


@dataclass(frozen=True, slots=True)
class PauseGateway(_OnGateway):
    """The gateway stands still, as under SIGSTOP; what clients and brokers send fills its sockets."""

    VERB: ClassVar = "pause"
    PATTERN: ClassVar = re.compile(rf"pause {GATEWAY}")
    EXAMPLE: ClassVar = f"pause {GATEWAY}"

    kind: Literal["pause gateway"] = "pause gateway"

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if there is none, or it stands still already."""
        _at_work(cluster).pause()


@dataclass(frozen=True, slots=True)
class ResumeGateway(_OnGateway):
    """A paused gateway goes on, first with what waited in its sockets."""

    VERB: ClassVar = "resume"
    PATTERN: ClassVar = re.compile(rf"resume {GATEWAY}")
    EXAMPLE: ClassVar = f"resume {GATEWAY}"

    kind: Literal["resume gateway"] = "resume gateway"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if there is none, or it does not stand still."""
        _at_work(cluster).resume()
