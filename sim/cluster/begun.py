"""What a new cluster says of who may do what, and how much; nothing where it has neither an authorizer nor quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.quotas.quota import limit_text
from sim.cluster.quotas.states import initial_quotas
from sim.trace.events import AuthorizerBegan, QuotaBegan

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.security.acls.acl import Acl
    from sim.trace.trace import Trace


def tell_begun(trace: Trace, config: ClusterConfig, now_us: int) -> None:
    """Tell it."""
    authorizer = config.authorizer
    if authorizer is not None:
        rules = tuple([acl_fields(acl) for acl in authorizer.acls])
        is_open = authorizer.allow_everyone_if_no_acl_found
        trace.emit(AuthorizerBegan(now_us, authorizer.super_users, is_open, rules))
    for entity, quota in initial_quotas(config).items():
        for limit, value in quota.limits:
            trace.emit(QuotaBegan(now_us, str(entity), limit, limit_text(value)))


def acl_fields(acl: Acl) -> tuple[str, str, str, str, str, str, str]:
    """Give a rule as the trace has it: the fields of `AclCreated` behind its time."""
    kind, name, pattern, principal, host, operation, permission = acl
    return kind.name, name, pattern.name, principal, host, operation.name, permission.name
