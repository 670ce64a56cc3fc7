"""What an ACL cannot be, in Kafka's words (AclApis, AclControlManager.validateNewAcl)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, Pattern, Permission, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.security.acls.acl import Acl


def check_acl(acl: Acl) -> str:
    """Say why a rule cannot be, in the order in which Kafka looks; empty if it can."""
    if acl.kind == ResourceKind.CLUSTER and acl.name != CLUSTER_NAME:
        return f"The only valid name for the CLUSTER resource is {CLUSTER_NAME}"
    if not acl.name:
        return "Invalid empty resource name"
    if acl.kind in {ResourceKind.UNKNOWN, ResourceKind.ANY}:
        return f"Invalid resourceType {acl.kind.name}"
    if acl.pattern not in {Pattern.LITERAL, Pattern.PREFIXED}:
        return f"Invalid patternType {acl.pattern.name}"
    if acl.operation in {Operation.UNKNOWN, Operation.ANY}:
        return f"Invalid operation {acl.operation.name}"
    if acl.permission not in {Permission.DENY, Permission.ALLOW}:
        return f"Invalid permissionType {acl.permission.name}"
    if ":" not in acl.principal:
        return (
            f"Could not parse principal from `{acl.principal}` "
            "(no colon is present separating the principal type from the principal name)"
        )
    return ""
