"""What a request makes of quotas: which change, and why others do not (Kafka's ClientQuotaControlManager)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.envelope import RefusedError
from sim.cluster.quotas.entity import QuotaEntity
from sim.cluster.quotas.limits import check_entity, check_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from producer.wire.messages.alter_client_quotas import OpData


def altered_limits(entity: QuotaEntity, before: Mapping[str, float], changes: Sequence[OpData]) -> dict[str, float]:
    """Give the limits that an entity has behind all of these changes. Raises RefusedError, and then none of them is made."""
    if len({change.key for change in changes}) < len(changes):
        raise duplicate_entity(entity)
    allowed = check_entity(entity)
    after = dict(before)
    for key, value, is_removed in changes:
        if is_removed:
            after.pop(key, None)
        else:
            check_limit(allowed, key, value)
            after[key] = value
    return after


def duplicate_entity(entity: QuotaEntity) -> RefusedError:
    """Refuse what comes twice: an entity, or a limit of one, which Kafka says in the same words."""
    parts = ", ".join(f"{kind}={'null' if name is None else name}" for kind, name in entity.parts)
    return RefusedError(Code.INVALID_REQUEST, f"Ignoring duplicate entity ClientQuotaEntity(entries={{{parts}}})")
