"""What clients are allowed changes while the cluster runs, as with Kafka's configuration tool (AlterClientQuotas)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.quotas.entity import parse_entity
from sim.cluster.quotas.quota import ENTITY, LIMIT, checked_quota
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class SetQuota:
    """A quota of a user, of a client id, of both or of their defaults is set, or removed so that the next level holds."""

    PATTERN: ClassVar = re.compile(
        rf"quota (?P<entity>{ENTITY}) (?:(?P<set>{LIMIT})=(?P<value>\S+)|remove (?P<removed>{LIMIT}))"
    )
    EXAMPLE: ClassVar = (
        "quota client-id=noisy producer_byte_rate=1048576 | quota user=<default> client-id=app request_percentage=12.5 | "
        "quota user=alice remove consumer_byte_rate"
    )

    entity: str
    """As Kafka names it: `client-id=noisy`, `user=alice client-id=<default>`."""
    limit: str
    """`producer_byte_rate`, `consumer_byte_rate`, `request_percentage` or `controller_mutation_rate`."""
    value: str | None
    """A number; None removes it."""
    kind: Literal["quota"] = "quota"

    def __post_init__(self) -> None:
        try:
            checked_quota(self.entity, self.limit, self.value)
        except ValueError as error:
            raise FaultTextError(str(error)) from error

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["entity"], match["set"] or match["removed"], match["value"])

    def __str__(self) -> str:
        return f"quota {self.entity} {f'remove {self.limit}' if self.value is None else f'{self.limit}={self.value}'}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Change it now. Raises ValueError if the cluster forbids it."""
        value = None if self.value is None else float(self.value)
        cluster.alter_quota(parse_entity(self.entity), self.limit, value)
