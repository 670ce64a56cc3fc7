"""Rules found by what they are about: a check looks at those of one name, of its prefixes and of `*`, however many others there are.

Kafka keeps them in one order and steps through it (StandardAuthorizerData, AclCache); here each pattern has its place in a dict, and
prefixes are looked for by the lengths that there are. What a rule allows or denies is a bit field, implied operations with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.security.acls.kinds import EVERYBODY, WILDCARD, Operation, Pattern, Permission, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sim.cluster.security.acls.acl import Acl, AclFilter

_EVERY_BIT = sum([1 << int(operation) for operation in Operation if operation > Operation.ALL])
_DESCRIBE = 1 << int(Operation.DESCRIBE)
_DESCRIBE_CONFIGS = 1 << int(Operation.DESCRIBE_CONFIGS)
_IMPLIED = {
    Operation.READ: _DESCRIBE,
    Operation.WRITE: _DESCRIBE,
    Operation.DELETE: _DESCRIBE,
    Operation.ALTER: _DESCRIBE,
    Operation.ALTER_CONFIGS: _DESCRIBE_CONFIGS,
}
"""What who may do the one may do as well; a rule that denies implies nothing."""


class Found(NamedTuple):
    """What the rules about one resource say to one principal at one host, as bits of operations."""

    allowed: int
    denied: int
    has_acls: bool
    """Whether there is any rule about the resource, for whomever."""


class _Said:
    """The rules of one pattern for one principal at one host."""

    __slots__ = ("acls", "allowed", "denied")

    def __init__(self) -> None:
        self.acls: list[Acl] = []
        self.allowed = 0
        self.denied = 0

    def count(self) -> None:
        """Add up what they say."""
        self.allowed = self.denied = 0
        for acl in self.acls:
            if acl.permission == Permission.DENY:
                self.denied |= _bits_of(acl.operation)
            else:
                self.allowed |= _bits_of(acl.operation) | _IMPLIED.get(acl.operation, 0)


def _bits_of(operation: Operation) -> int:
    return _EVERY_BIT if operation == Operation.ALL else 1 << int(operation)


_Rules = dict[tuple[str, str], _Said]
"""By principal and host."""


class _OfKind:
    """The rules about resources of one kind."""

    __slots__ = ("lengths", "literal", "prefixed")

    def __init__(self) -> None:
        self.literal: dict[str, _Rules] = {}
        self.prefixed: dict[str, _Rules] = {}
        self.lengths: tuple[int, ...] = ()
        """Of the prefixes that there are, in order."""

    def by_pattern(self, pattern: Pattern) -> dict[str, _Rules]:
        return self.prefixed if pattern == Pattern.PREFIXED else self.literal

    def count_lengths(self) -> None:
        self.lengths = tuple(sorted({len(prefix) for prefix in self.prefixed}))

    def about(self, name: str) -> Iterator[_Rules]:
        """Give the rules of each pattern that stands for a name."""
        exact = self.literal.get(name)
        if exact is not None:
            yield exact
        size = len(name)
        for length in self.lengths:
            if length > size:
                break
            rules = self.prefixed.get(name[:length])
            if rules is not None:
                yield rules
        of_all = self.literal.get(WILDCARD)
        if of_all is not None and name != WILDCARD:
            yield of_all


class AclIndex:
    """Rules, each once, by the id under which the metadata log has it."""

    __slots__ = ("_ids", "_kinds", "by_id")

    def __init__(self, known: Iterable[tuple[bytes, Acl]] = ()) -> None:
        """Begin with those that are known, each behind its id."""
        self.by_id: dict[bytes, Acl] = {}
        self._ids: dict[Acl, bytes] = {}
        self._kinds = [_OfKind() for _ in ResourceKind]
        for acl_id, acl in known:
            self.add(acl_id, acl)

    def add(self, acl_id: bytes, acl: Acl) -> None:
        """Take a rule in; nothing if that id is known."""
        if acl_id in self.by_id:
            return
        self.by_id[acl_id] = acl
        self._ids[acl] = acl_id
        of_kind = self._kinds[acl.kind]
        patterns = of_kind.by_pattern(acl.pattern)
        is_new = acl.name not in patterns
        said = patterns.setdefault(acl.name, {}).setdefault((acl.principal, acl.host), _Said())
        said.acls.append(acl)
        said.count()
        if is_new and acl.pattern == Pattern.PREFIXED:
            of_kind.count_lengths()

    def remove(self, acl_id: bytes) -> None:
        """Let a rule go; nothing for an id that is unknown."""
        acl = self.by_id.pop(acl_id, None)
        if acl is None:
            return
        del self._ids[acl]
        of_kind = self._kinds[acl.kind]
        patterns = of_kind.by_pattern(acl.pattern)
        rules = patterns[acl.name]
        said = rules[acl.principal, acl.host]
        said.acls.remove(acl)
        said.count()
        if not said.acls:
            del rules[acl.principal, acl.host]
        if not rules:
            del patterns[acl.name]
            if acl.pattern == Pattern.PREFIXED:
                of_kind.count_lengths()

    def __contains__(self, acl: object) -> bool:
        return acl in self._ids

    def id_of(self, acl: Acl) -> bytes | None:
        """Give the id under which a rule is known; None if it is not."""
        return self._ids.get(acl)

    def matching(self, wanted: AclFilter) -> tuple[Acl, ...]:
        """Give the rules that a filter finds, the oldest first."""
        return tuple([acl for acl in self._ids if wanted.matches(acl)])

    def find(self, kind: ResourceKind, name: str, principal: str, host: str) -> Found:
        """Say what holds for one resource."""
        allowed = denied = 0
        has_acls = False
        for rules in self._kinds[kind].about(name):
            has_acls = True
            for said in _said_to(rules, principal, host):
                allowed |= said.allowed
                denied |= said.denied
        return Found(allowed, denied, has_acls)

    def patterns(
        self, kind: ResourceKind, operation: Operation, principal: str, host: str, permission: Permission
    ) -> tuple[set[str], set[str]]:
        """Give the literal names, and the prefixes, that rules for one operation allow or deny somebody; implied ones do not count."""
        of_kind = self._kinds[kind]
        return (
            _named(of_kind.literal, operation, principal, host, permission),
            _named(of_kind.prefixed, operation, principal, host, permission),
        )


def _said_to(rules: _Rules, principal: str, host: str) -> Iterator[_Said]:
    for who in (principal, EVERYBODY):
        for where in (host, WILDCARD):
            said = rules.get((who, where))
            if said is not None:
                yield said


def _named(
    patterns: dict[str, _Rules], operation: Operation, principal: str, host: str, permission: Permission
) -> set[str]:
    return {
        name
        for name, rules in patterns.items()
        for said in _said_to(rules, principal, host)
        for acl in said.acls
        if acl.permission == permission and acl.operation in {operation, Operation.ALL}
    }
