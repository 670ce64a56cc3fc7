"""Faults of a key service's process: it stands still, and goes on. Links to it are struck by its host's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.key_services import KEY_SERVICE
from sim.faults.targets import of_the_story

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.key_services import FaultyKeyService


def is_key_service(whom: object) -> bool:
    """Whether a verb that is said of many is said of the key service here."""
    return whom == KEY_SERVICE


def key_service_of(cluster: Cluster) -> FaultyKeyService:
    """The one that there is. Raises NotInjectedError if a story has none."""
    return of_the_story(cluster.keys, "there is no key service")


@dataclass(frozen=True, slots=True)
class PauseKeyService:
    """The key service stands still, as under SIGSTOP; whoever asks it hears nothing, and gives up."""

    PATTERN: ClassVar = re.compile(rf"pause {KEY_SERVICE}")
    EXAMPLE: ClassVar = f"pause {KEY_SERVICE}"

    kind: Literal["pause key service"] = "pause key service"

    @classmethod
    def from_match(cls, _match: re.Match[str]) -> Self:
        return cls()

    def __str__(self) -> str:
        return f"pause {KEY_SERVICE}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - there is one
        """Name who is struck: the one that there is."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError or ValueError if there is none, or it stands still already."""
        key_service_of(cluster).pause()


@dataclass(frozen=True, slots=True)
class ResumeKeyService:
    """A paused key service goes on, first with what waited in its sockets."""

    PATTERN: ClassVar = re.compile(rf"resume {KEY_SERVICE}")
    EXAMPLE: ClassVar = f"resume {KEY_SERVICE}"

    kind: Literal["resume key service"] = "resume key service"

    @classmethod
    def from_match(cls, _match: re.Match[str]) -> Self:
        return cls()

    def __str__(self) -> str:
        return f"resume {KEY_SERVICE}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - there is one
        """Name who is struck: the one that there is."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError if it does not stand still."""
        key_service_of(cluster).resume()
