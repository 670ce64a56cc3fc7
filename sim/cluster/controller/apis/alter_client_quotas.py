"""AlterClientQuotas at the controller: each entity for itself, all of its changes or none (KIP-546, ClientQuotaControlManager)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    EntityData,
    QuotaAlteration,
    QuotaAlterationResult,
)
from sim.cluster.envelope import Refusal, RefusedError
from sim.cluster.quotas.altering import altered_limits, duplicate_entity
from sim.cluster.quotas.entity import QuotaEntity, entity_of

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: AlterClientQuotasRequest) -> AlterClientQuotasResponse:
    """Alter what can be, unless it is only to be validated; of an entity that is named twice the first counts."""
    results: dict[QuotaEntity, Refusal | None] = {}
    for entry in wanted.entries:
        entity = entity_of(dict(entry.entity))
        if entity in results:
            results[entity] = duplicate_entity(entity).refusal
        else:
            results[entity] = _altered(decisions, entity, entry, is_real=not wanted.validate_only)
    decisions.metadata.commit()
    return AlterClientQuotasResponse(entries=tuple([_result(*result) for result in results.items()]))


def _result(entity: QuotaEntity, refusal: Refusal | None) -> QuotaAlterationResult:
    code, message = refusal or (0, None)
    return QuotaAlterationResult(code, message, tuple([EntityData(kind, name) for kind, name in entity.parts]))


def _altered(decisions: Decisions, entity: QuotaEntity, entry: QuotaAlteration, *, is_real: bool) -> Refusal | None:
    before = decisions.metadata.limits_of(entity)
    try:
        after = altered_limits(entity, before, entry.ops)
    except RefusedError as error:
        return error.refusal
    if is_real:
        decisions.put_quota(entity, after)
    return None
