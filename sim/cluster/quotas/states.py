"""Quotas as the metadata has them: by entity, and those that a cluster begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.metadata_states import QuotaState
from sim.cluster.quotas.quota import parse_quota

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.quotas.entity import QuotaEntity


def initial_quotas(config: ClusterConfig) -> dict[QuotaEntity, QuotaState]:
    """Give what a new cluster has."""
    limits: dict[QuotaEntity, dict[str, float]] = {}
    for quota in map(parse_quota, config.quotas):
        limits.setdefault(quota.entity, {})[quota.limit] = quota.value
    return {entity: QuotaState(entity, tuple(sorted(found.items()))) for entity, found in limits.items()}


def put_quota(quotas: dict[QuotaEntity, QuotaState], quota: QuotaState) -> None:
    """Let an entity have these limits and no others; one that has none is not there."""
    if quota.limits:
        quotas[quota.entity] = quota
    else:
        quotas.pop(quota.entity, None)
