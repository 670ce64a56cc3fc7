"""Role bundles: what a service account is for, as one value that becomes ACLs, and how those differ from the ones that hold.

`writer User:shop orders-*` is what kafka-acls.sh makes of --producer, `reader User:shop orders-* group shop-*` of --consumer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import Operation, Permission
from sim.cluster.security.acls.text import acl_of_words, acl_text, parse_acl
from sim.cluster.security.principal import parse_principal


class Role(Enum):
    """What somebody is for."""

    WRITER = "writer"
    """Writes to topics, and creates those that are missing; a producer id comes with the right to write."""
    TRANSACTIONAL_WRITER = "transactional-writer"
    """Writes to topics in transactions, by transactional ids that are named as the topics are."""
    READER = "reader"
    """Reads topics, as a member of a group."""
    OWNER = "owner"
    """Writes, reads, and looks after topics: their settings, their partitions, their end."""


_OPERATIONS = {
    Role.WRITER: (Operation.WRITE, Operation.DESCRIBE, Operation.CREATE),
    Role.TRANSACTIONAL_WRITER: (Operation.WRITE, Operation.DESCRIBE, Operation.CREATE),
    Role.READER: (Operation.READ, Operation.DESCRIBE),
    Role.OWNER: (Operation.ALL,),
}
"""What is allowed of the topics."""
_IN_GROUPS = {Role.READER: (Operation.READ,), Role.OWNER: (Operation.ALL,)}
_BY_IDS = {Role.TRANSACTIONAL_WRITER: (Operation.WRITE, Operation.DESCRIBE), Role.OWNER: (Operation.ALL,)}

_TEXT = re.compile(
    r"(?P<role>[a-z-]+) (?P<principal>\w+:\S*) (?P<topics>\S+)(?: group (?P<group>\S+))?(?: from (?P<host>\S+))?"
)


@dataclass(frozen=True, slots=True)
class RoleBinding:
    """A service account's role. Raises ValueError for a principal or a name that cannot be."""

    role: Role
    principal: str
    """As text: `User:shop`."""
    topics: str
    """A topic; with a star behind it, those whose names begin so."""
    group: str = ""
    """The groups by which it reads, as `topics` are named; empty: named as the topics are."""
    host: str | None = None
    """From where alone; None: from anywhere."""

    def __post_init__(self) -> None:
        """Check the words."""
        parse_principal(self.principal)
        self.acls()

    def __str__(self) -> str:
        group = f" group {self.group}" if self.group else ""
        where = "" if self.host is None else f" from {self.host}"
        return f"{self.role.value} {self.principal} {self.topics}{group}{where}"

    def acls(self) -> tuple[Acl, ...]:
        """Give the rules that it stands for."""
        rights = [("topic", self.topics, operation) for operation in _OPERATIONS[self.role]]
        rights += [("group", self.group or self.topics, operation) for operation in _IN_GROUPS.get(self.role, ())]
        rights += [("transactional-id", self.topics, operation) for operation in _BY_IDS.get(self.role, ())]
        return tuple([
            acl_of_words(self.principal, operation.name, kind, name, self.host, Permission.ALLOW)
            for kind, name, operation in rights
        ])  # fmt: skip


def parse_role(text: str) -> RoleBinding:
    """Read a role as it is written. Raises ValueError, naming what is wrong."""
    match = _TEXT.fullmatch(text)
    if match is None:
        msg = f"{text!r} is no role, as `writer User:shop orders-*` is, or `reader User:shop orders-* group shop-*`"
        raise ValueError(msg)
    roles = [role.value for role in Role]
    if match["role"] not in roles:
        msg = f"{match['role']!r} is no role, these are: {', '.join(roles)}"
        raise ValueError(msg)
    return RoleBinding(Role(match["role"]), match["principal"], match["topics"], match["group"] or "", match["host"])


_PERMISSIONS = {"allow": Permission.ALLOW, "deny": Permission.DENY}


def parse_rights(text: str) -> tuple[Acl, ...]:
    """Read one line of rights: `allow …`, `deny …`, or a role; the rules that it stands for. Raises ValueError."""
    verb, _, rest = text.partition(" ")
    permission = _PERMISSIONS.get(verb)
    return parse_role(text).acls() if permission is None else (parse_acl(rest, permission),)


def rights_text(acl: Acl) -> str:
    """Write a rule as `parse_rights` reads it."""
    return f"{'deny' if acl.permission == Permission.DENY else 'allow'} {acl_text(acl)}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What would have to change for rules to be as they are wanted."""

    missing: tuple[Acl, ...]
    """Wanted, and not there."""
    unasked: tuple[Acl, ...]
    """There, for a principal of which something is wanted, and not wanted."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.unasked)


def difference(wanted: Iterable[Acl], held: Iterable[Acl]) -> Difference:
    """Compare the rules that are wanted with those that hold. Of principals of which nothing is wanted nothing is said."""
    wanted, held = dict.fromkeys(wanted), dict.fromkeys(held)
    principals = {acl.principal for acl in wanted}
    return Difference(
        tuple([acl for acl in wanted if acl not in held]),
        tuple([acl for acl in held if acl not in wanted and acl.principal in principals]),
    )
