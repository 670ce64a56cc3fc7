"""One rule of who may do what, and the filters by which rules are found (Kafka's AclBinding and AclBindingFilter)."""

from __future__ import annotations

from typing import NamedTuple

from sim.cluster.security.acls.kinds import WILDCARD, Operation, Pattern, Permission, ResourceKind


class Acl(NamedTuple):
    """Who may, or may not, do something to the resources that a pattern stands for."""

    kind: ResourceKind
    name: str
    """Never empty in one that is kept."""
    pattern: Pattern
    principal: str
    """As text: `User:alice`, or `User:*` for everybody."""
    host: str
    """Where it is asked from; `*` for anywhere."""
    operation: Operation
    permission: Permission

    def __str__(self) -> str:
        verb = "may" if self.permission == Permission.ALLOW else "may not"
        what = self.operation.name
        whose = self.kind.name.lower().replace("_", "-")
        star = "*" if self.pattern == Pattern.PREFIXED else ""
        where = "" if self.host == WILDCARD else f" from {self.host}"
        return f"{self.principal} {verb} {what} {whose} {self.name}{star}{where}"


class AclFilter(NamedTuple):
    """What rules must be like; None, and ANY, is whatever they are."""

    kind: ResourceKind = ResourceKind.ANY
    name: str | None = None
    pattern: Pattern = Pattern.ANY
    principal: str | None = None
    host: str | None = None
    operation: Operation = Operation.ANY
    permission: Permission = Permission.ANY

    def matches(self, acl: Acl) -> bool:
        """Whether a rule is one of them (ResourcePatternFilter.matches, AccessControlEntryFilter.matches)."""
        return (
            self.kind in {ResourceKind.ANY, acl.kind}
            and self.principal in {None, acl.principal}
            and self.host in {None, acl.host}
            and self.operation in {Operation.ANY, acl.operation}
            and self.permission in {Permission.ANY, acl.permission}
            and self._matches_name(acl)
        )

    def _matches_name(self, acl: Acl) -> bool:
        if self.pattern not in {Pattern.ANY, Pattern.MATCH, acl.pattern}:
            return False
        if self.name is None:
            return True
        if self.pattern != Pattern.MATCH:
            return self.name == acl.name
        if acl.pattern == Pattern.PREFIXED:
            return self.name.startswith(acl.name)
        return acl.name in {self.name, WILDCARD}


EVERY = AclFilter()
"""All of them."""
