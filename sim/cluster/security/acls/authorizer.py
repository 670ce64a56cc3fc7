"""Whether a principal may do something: Kafka's StandardAuthorizer over the rules that one node knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.security.acls.kinds import WILDCARD, Operation, Permission, ResourceKind, bits, operations_of

if TYPE_CHECKING:
    from sim.cluster.security.acls.index import AclIndex
    from sim.cluster.security.acls.settings import AuthorizerSettings

_SOME_NAME = "hardcode"
"""The resource by which Kafka asks whether somebody may do it to any that no rule names (Authorizer.authorizeByResourceType)."""


class Authorizer:
    """What is decided with one node's rules: who denies wins, super users may everything."""

    __slots__ = ("_index", "_settings")

    def __init__(self, settings: AuthorizerSettings, index: AclIndex) -> None:
        self._settings = settings
        self._index = index

    def allows(self, principal: str, host: str, operation: Operation, kind: ResourceKind, name: str) -> bool:
        """Whether a principal, as text, may do that to the one resource of that name, asking from a host."""
        settings = self._settings
        if principal in settings.super_users:
            return True
        allowed, denied, has_acls = self._index.find(kind, name, principal, host)
        bit = 1 << int(operation)
        if denied & bit:
            return False
        return bool(allowed & bit) or (not has_acls and settings.allow_everyone_if_no_acl_found)

    def allows_some(self, principal: str, host: str, operation: Operation, kind: ResourceKind) -> bool:
        """Whether there could be a resource of that kind to which it may be done (KIP-679)."""
        if self.allows(principal, host, operation, kind, _SOME_NAME):
            return True
        literal, prefixes = self._index.patterns(kind, operation, principal, host, Permission.DENY)
        if WILDCARD in literal:
            return False
        names, beginnings = self._index.patterns(kind, operation, principal, host, Permission.ALLOW)
        if WILDCARD in names:
            return True
        may_be = [*(name for name in sorted(names) if name not in literal), *sorted(beginnings)]
        return any(not _begins_with_one_of(name, prefixes) for name in may_be)

    def operations(self, principal: str, host: str, kind: ResourceKind, name: str) -> int:
        """What a principal may do to a resource, as answers tell it: a bit for each operation (KIP-430)."""
        every = bits(operations_of(kind))
        settings = self._settings
        if principal in settings.super_users:
            return every
        allowed, denied, has_acls = self._index.find(kind, name, principal, host)
        if not has_acls and settings.allow_everyone_if_no_acl_found:
            allowed = every
        return every & allowed & ~denied


def _begins_with_one_of(name: str, prefixes: set[str]) -> bool:
    return any(name[:size] in prefixes for size in range(1, len(name) + 1))
