"""Who may do what changes while the cluster runs, as with Kafka's kafka-acls.sh (CreateAcls, DeleteAcls)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.security.acls.kinds import WILDCARD, Permission
from sim.cluster.security.acls.text import RULE, acl_of_words, acl_text
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.config import ClusterConfig
    from sim.cluster.security.acls.acl import Acl


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule in words: `User:shop WRITE topic orders-*`, and from which host it is asked."""

    principal: str
    operation: str
    """Kafka's word for it, as WRITE."""
    resource: str
    """topic, group, cluster or transactional-id."""
    name: str | None = None
    """With a star behind it: of all names that begin so. None: the cluster has none."""
    asked_from: str | None = None
    """A host, where it holds for who asks from there alone. None: from anywhere."""

    def __post_init__(self) -> None:
        try:
            acl = self.acl()
        except ValueError as error:
            raise FaultTextError(str(error)) from error
        # One way to say each, so that what is read back is the same.
        object.__setattr__(self, "operation", acl.operation.name)
        object.__setattr__(self, "name", None if self.resource == "cluster" else self.name)
        object.__setattr__(self, "asked_from", None if self.asked_from == WILDCARD else self.asked_from)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["principal"], match["operation"], match["resource"] or "cluster", match["name"], match["host"])

    def acl(self, permission: Permission = Permission.ALLOW) -> Acl:
        """Give the rule as Kafka has it."""
        return acl_of_words(self.principal, self.operation, self.resource, self.name, self.asked_from, permission)

    def refusal(self, config: ClusterConfig) -> str:
        """Say why a cluster of that kind never allows it; empty if it may."""
        return "" if config.authorizer is not None else "is about rights, and the cluster has no authorizer"


@dataclass(frozen=True, slots=True)
class Grant(_Rule):
    """A principal may do something from now on: a rule that allows it is created, unless there is one that denies it."""

    PATTERN: ClassVar = re.compile(f"grant {RULE}")
    EXAMPLE: ClassVar = "grant User:shop WRITE topic orders-* | grant User:readers READ group * from app.2 | grant User:shop IDEMPOTENT_WRITE cluster"

    kind: Literal["grant"] = "grant"

    def __str__(self) -> str:
        return f"grant {acl_text(self.acl())}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Let the rule hold. Raises ValueError if it does already."""
        cluster.create_acl(self.acl())


@dataclass(frozen=True, slots=True)
class Deny(_Rule):
    """A principal may not do something from now on, whatever else is granted: a rule that denies it is created."""

    PATTERN: ClassVar = re.compile(f"deny {RULE}")
    EXAMPLE: ClassVar = "deny User:shop WRITE topic orders-eu"

    kind: Literal["deny"] = "deny"

    def __str__(self) -> str:
        return f"deny {acl_text(self.acl())}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Let the rule hold. Raises ValueError if it does already."""
        cluster.create_acl(self.acl(Permission.DENY))


@dataclass(frozen=True, slots=True)
class Revoke(_Rule):
    """Rules of exactly that hold no longer, whether they allow or deny it; others that allow the same go on to do so."""

    PATTERN: ClassVar = re.compile(f"revoke {RULE}")
    EXAMPLE: ClassVar = "revoke User:shop WRITE topic orders-*"

    kind: Literal["revoke"] = "revoke"

    def __str__(self) -> str:
        return f"revoke {acl_text(self.acl())}"

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Let them go. Raises ValueError if there is none."""
        cluster.delete_acls(self.acl(), self.acl(Permission.DENY))
