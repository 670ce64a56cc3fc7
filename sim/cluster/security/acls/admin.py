"""Rules asked of a cluster, and changed, by whoever may: the three requests, and what their answers say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from producer.errors import error_code
from producer.wire.api import ApiKey
from producer.wire.messages.create_acls import AclCreation, CreateAclsRequest
from producer.wire.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from producer.wire.messages.describe_acls import DescribeAclsRequest
from sim.cluster.security.acls.acl import Acl, AclFilter
from sim.cluster.security.acls.wire import acl_of

Ask = Callable[[ApiKey, tuple[Any, ...]], Any]
"""Asks, and gives the answer."""


class RefusedByClusterError(Exception):
    """The whole question is refused; the message is the error's name and the cluster's words."""


def held(ask: Ask, wanted: AclFilter) -> tuple[Acl, ...]:
    """Give the rules that a filter finds. Raises RefusedByClusterError."""
    answer = ask(ApiKey.DESCRIBE_ACLS, DescribeAclsRequest(*wanted))
    if answer.error_code:
        raise RefusedByClusterError(_said(answer))
    return tuple([
        acl_of(AclCreation(one.resource_type, one.resource_name, one.pattern_type, *acl))
        for one in answer.resources
        for acl in one.acls
    ])  # fmt: skip


def created(ask: Ask, acls: Sequence[Acl]) -> dict[Acl, str]:
    """Let rules hold; give those that were refused, each with the reason."""
    answer = ask(ApiKey.CREATE_ACLS, CreateAclsRequest(tuple([AclCreation(*acl) for acl in acls])))
    return {acl: _said(told) for acl, told in zip(acls, answer.results, strict=True) if told.error_code}


def deleted(ask: Ask, acls: Sequence[Acl]) -> tuple[Acl, ...]:
    """Let rules hold no longer, exactly these; give those that did. Raises RefusedByClusterError."""
    answer = ask(ApiKey.DELETE_ACLS, DeleteAclsRequest(tuple([DeleteAclsFilter(*acl) for acl in acls])))
    for told in answer.filter_results:
        if told.error_code:
            raise RefusedByClusterError(_said(told))
    return tuple([acl for acl, told in zip(acls, answer.filter_results, strict=True) if told.matching_acls])


def _said(told: Any) -> str:
    name = error_code(told.error_code).name
    return f"{name}: {told.error_message}" if told.error_message else name
