"""AlterClientQuotas: what clients are allowed changes (KIP-546)."""

from typing import NamedTuple

from producer.wire.schema import Boolean, Float64, Int16, Int32, String


class EntityData(NamedTuple):
    """One part of an entity."""

    entity_type: String = ""
    """user, client-id or ip."""
    entity_name: String | None = ""
    """Null for the default."""


class OpData(NamedTuple):
    """One change of a quota."""

    key: String = ""
    value: Float64 = 0.0
    remove: Boolean = False
    """The quota goes, whatever the value says."""


class QuotaAlteration(NamedTuple):
    """The changes for one entity."""

    entity: tuple[EntityData, ...] = ()
    ops: tuple[OpData, ...] = ()


class AlterClientQuotasRequest(NamedTuple):
    """Change these."""

    entries: tuple[QuotaAlteration, ...] = ()
    validate_only: Boolean = False
    """Say what would happen, and change nothing."""


class QuotaAlterationResult(NamedTuple):
    """What became of one entity."""

    error_code: Int16 = 0
    error_message: String | None = ""
    entity: tuple[EntityData, ...] = ()


class AlterClientQuotasResponse(NamedTuple):
    """What became of each entity."""

    throttle_time_ms: Int32 = 0
    entries: tuple[QuotaAlterationResult, ...] = ()
