"""What befalls a tenant's keys at the key service: a new one takes their place, or they are deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.key_service import key_service_of
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

_NAME = re.compile(r"[\w.-]+")
_TENANT = rf"(?P<tenant>{_NAME.pattern})"


@dataclass(frozen=True, slots=True)
class _OfTenant:
    """What these have in common: a verb, and whose keys they are."""

    VERB: ClassVar[str]

    tenant: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.tenant):
            raise FaultTextError(f"{self.tenant!r} is not a tenant: expected a name such as acme")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["tenant"])

    def __str__(self) -> str:
        return f"{self.VERB} key of {self.tenant}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - a tenant has one name
        """Name whose key it is."""
        return self


@dataclass(frozen=True, slots=True)
class RotateKey(_OfTenant):
    """A tenant has a new key: data keys that are made from now on are wrapped by it, those before still open."""

    VERB: ClassVar = "rotate"
    PATTERN: ClassVar = re.compile(rf"rotate key of {_TENANT}")
    EXAMPLE: ClassVar = "rotate key of acme"

    kind: Literal["rotate key"] = "rotate key"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError for a tenant without a key."""
        key_service_of(cluster).rotate(self.tenant)


@dataclass(frozen=True, slots=True)
class ShredKey(_OfTenant):
    """A tenant's keys are deleted: nobody reads again what they hid, once the data keys that readers hold are too old."""

    VERB: ClassVar = "shred"
    PATTERN: ClassVar = re.compile(rf"shred key of {_TENANT}")
    EXAMPLE: ClassVar = "shred key of acme"

    kind: Literal["shred key"] = "shred key"

    def inject(self, cluster: Cluster) -> None:
        """Act now. Raises NotInjectedError or ValueError for a tenant without a key."""
        key_service_of(cluster).shred(self.tenant)
