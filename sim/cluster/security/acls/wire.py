"""Rules and filters as requests carry them, in numbers; a number that nobody knows is UNKNOWN."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

from sim.cluster.security.acls.acl import Acl, AclFilter
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind

if TYPE_CHECKING:
    from producer.wire.messages.create_acls import AclCreation
    from producer.wire.messages.delete_acls import DeleteAclsFilter
    from producer.wire.messages.describe_acls import DescribeAclsRequest

_Kind = TypeVar("_Kind", bound=IntEnum)


def _known(kind: type[_Kind], number: int) -> _Kind:
    return kind(number) if 0 <= number < len(kind) else kind(0)


def acl_of(one: AclCreation) -> Acl:
    """Give the rule that a request wants."""
    return Acl(
        _known(ResourceKind, one.resource_type),
        one.resource_name,
        _known(Pattern, one.resource_pattern_type),
        one.principal,
        one.host,
        _known(Operation, one.operation),
        _known(Permission, one.permission_type),
    )


def filter_of(one: DescribeAclsRequest | DeleteAclsFilter) -> AclFilter:
    """Give the filter that a request means."""
    return AclFilter(
        _known(ResourceKind, one.resource_type_filter),
        one.resource_name_filter,
        _known(Pattern, one.pattern_type_filter),
        one.principal_filter,
        one.host_filter,
        _known(Operation, one.operation),
        _known(Permission, one.permission_type),
    )


def is_filter_only(one: AclCreation) -> bool:
    """Whether a rule that is to hold says something that only a filter can say: no rule can be made of it (AclBinding)."""
    return (
        one.resource_type == ResourceKind.ANY
        or one.resource_pattern_type in {Pattern.ANY, Pattern.MATCH}
        or one.operation == Operation.ANY
        or one.permission_type == Permission.ANY
    )


def has_zero(one: AclCreation) -> bool:
    """Whether a rule says UNKNOWN by its number: such a request cannot be read (CreateAclsRequest.validate)."""
    return 0 in {one.resource_type, one.resource_pattern_type, one.operation, one.permission_type}


def has_zero_filter(one: DescribeAclsRequest | DeleteAclsFilter) -> bool:
    """Whether a filter says UNKNOWN by its number: such a request cannot be read (DescribeAclsRequest, DeleteAclsRequest)."""
    return 0 in {one.resource_type_filter, one.pattern_type_filter, one.operation, one.permission_type}
