"""Faults of a key service: it stands still, a tenant's key is replaced, a tenant's keys are deleted. Links to it are struck by its host's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.key_services import KEY_SERVICE
from sim.faults.targets import of_the_story
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.key_services import FaultyKeyService

_TENANT = r"[\w.-]+"


def is_key_service(whom: object) -> bool:
    """Whether a verb that is said of many is said of the key service here."""
    return whom == KEY_SERVICE


def _at_work(cluster: Cluster) -> FaultyKeyService:
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
        _at_work(cluster).pause()


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
        _at_work(cluster).resume()


@dataclass(frozen=True, slots=True)
class RotateKey:
    """A tenant has a new key: data keys that are made from now on are wrapped by it, those before still open."""

    PATTERN: ClassVar = re.compile(rf"rotate key of (?P<tenant>{_TENANT})")
    EXAMPLE: ClassVar = "rotate key of acme"

    tenant: str
    kind: Literal["rotate key"] = "rotate key"

    def __post_init__(self) -> None:
        _check(self.tenant)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["tenant"])

    def __str__(self) -> str:
        return f"rotate key of {self.tenant}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - a tenant has one name
        """Name whose key it is."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError for a tenant without a key."""
        _at_work(cluster).rotate(self.tenant)


@dataclass(frozen=True, slots=True)
class ShredKey:
    """A tenant's keys are deleted: nobody reads again what they hid, once the data keys that readers hold are too old."""

    PATTERN: ClassVar = re.compile(rf"shred key of (?P<tenant>{_TENANT})")
    EXAMPLE: ClassVar = "shred key of acme"

    tenant: str
    kind: Literal["shred key"] = "shred key"

    def __post_init__(self) -> None:
        _check(self.tenant)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["tenant"])

    def __str__(self) -> str:
        return f"shred key of {self.tenant}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - a tenant has one name
        """Name whose key it is."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError for a tenant without a key."""
        _at_work(cluster).shred(self.tenant)


def _check(tenant: str) -> None:
    if not re.fullmatch(_TENANT, tenant):
        raise FaultTextError(f"{tenant!r} is not a tenant: expected a name such as acme")
