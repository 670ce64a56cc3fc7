"""Rules as people write them: `User:shop WRITE topic orders-*`, where a star behind a beginning is a prefixed pattern.

`*` alone is every name; the cluster has none. `from HOST` holds for who asks from there. A literal name that ends with a star cannot be
said so: topics have no stars.
"""

from __future__ import annotations

import re

from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import CLUSTER_NAME, WILDCARD, Operation, Pattern, Permission, ResourceKind
from sim.cluster.security.acls.validation import check_acl

RULE = (
    r"(?P<principal>\w+:\S*) (?P<operation>[A-Za-z_]+) "
    r"(?:(?P<cluster>cluster)|(?P<resource>[a-z-]+) (?P<name>\S+))(?: from (?P<host>\S+))?"
)
"""What a text must look like."""
_KINDS = ("topic", "group", "cluster", "transactional-id", "delegation-token", "user")


def parse_acl(text: str, permission: Permission = Permission.ALLOW) -> Acl:
    """Read a rule. Raises ValueError, naming what is wrong."""
    match = re.fullmatch(RULE, text)
    if match is None:
        msg = f"{text!r} is no rule, as `User:shop WRITE topic orders-*` is, or `User:shop IDEMPOTENT_WRITE cluster from app`"
        raise ValueError(msg)
    return acl_of_words(
        match["principal"], match["operation"], match["resource"] or "cluster", match["name"], match["host"], permission
    )


def acl_of_words(
    principal: str, operation: str, resource: str, name: str | None, host: str | None, permission: Permission
) -> Acl:
    """Make a rule of words. Raises ValueError, naming the word that is wrong."""
    if resource not in _KINDS:
        msg = f"{resource!r} is no kind of resource, these are: {', '.join(_KINDS)}"
        raise ValueError(msg)
    operations = [one.name for one in Operation if one >= Operation.ALL]
    if operation.upper() not in operations:
        msg = f"{operation!r} is no operation, these are: {', '.join(operations)}"
        raise ValueError(msg)
    kind = ResourceKind[resource.upper().replace("-", "_")]
    named = CLUSTER_NAME if kind == ResourceKind.CLUSTER and name is None else name or ""
    pattern = Pattern.LITERAL
    if named.endswith(WILDCARD) and named != WILDCARD:
        pattern, named = Pattern.PREFIXED, named.removesuffix(WILDCARD)
    acl = Acl(kind, named, pattern, principal, host or WILDCARD, Operation[operation.upper()], permission)
    complaint = check_acl(acl)
    if complaint:
        raise ValueError(complaint)
    return acl


def acl_text(acl: Acl) -> str:
    """Write a rule as `parse_acl` reads it; whether it allows or denies is not in it."""
    star = WILDCARD if acl.pattern == Pattern.PREFIXED else ""
    kind = acl.kind.name.lower().replace("_", "-")
    what = kind if acl.kind == ResourceKind.CLUSTER else f"{kind} {acl.name}{star}"
    where = "" if acl.host == WILDCARD else f" from {acl.host}"
    return f"{acl.principal} {acl.operation.name} {what}{where}"
