"""Quotas asked of a cluster, and changed, by whoever may: the two requests, and what their answers say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from producer.errors import error_code
from producer.wire.api import ApiKey
from producer.wire.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    EntityData,
    OpData,
    QuotaAlteration,
)
from producer.wire.messages.describe_client_quotas import ComponentData, DescribeClientQuotasRequest
from sim.cluster.quotas.entity import QuotaEntity, entity_of
from sim.cluster.quotas.filtering import DEFAULT, EXACT
from sim.cluster.security.acls.admin import RefusedByClusterError

Ask = Callable[[ApiKey, tuple[Any, ...]], Any]
"""Asks, and gives the answer."""


def held(ask: Ask, wanted: QuotaEntity, *, is_strict: bool) -> dict[QuotaEntity, dict[str, float]]:
    """Give the quotas of entities that have these parts, and no others if that is `is_strict`. Raises RefusedByClusterError."""
    components = tuple([ComponentData(kind, DEFAULT if name is None else EXACT, name) for kind, name in wanted.parts])
    answer = ask(ApiKey.DESCRIBE_CLIENT_QUOTAS, DescribeClientQuotasRequest(components, is_strict))
    if answer.error_code:
        raise RefusedByClusterError(_said(answer))
    return {entity_of(dict(entry.entity)): dict(sorted(entry.values)) for entry in answer.entries or ()}


def altered(ask: Ask, entity: QuotaEntity, limits: Mapping[str, float | None], *, is_real: bool) -> None:
    """Set limits of one entity, remove those that are None; all of them or none. Raises RefusedByClusterError."""
    ops = tuple([OpData(name, 0.0 if value is None else value, value is None) for name, value in limits.items()])
    entry = QuotaAlteration(tuple([EntityData(kind, name) for kind, name in entity.parts]), ops)
    answer = ask(ApiKey.ALTER_CLIENT_QUOTAS, AlterClientQuotasRequest((entry,), not is_real))
    for told in answer.entries:
        if told.error_code:
            raise RefusedByClusterError(f"{entity}: {_said(told)}")


def _said(told: Any) -> str:
    name = error_code(told.error_code).name
    return f"{name}: {told.error_message}" if told.error_message else name
