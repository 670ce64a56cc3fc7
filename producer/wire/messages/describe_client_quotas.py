"""DescribeClientQuotas: what clients are allowed, by user, client id and address (KIP-546)."""

from typing import NamedTuple

from producer.wire.schema import Boolean, Float64, Int8, Int16, Int32, String


class ComponentData(NamedTuple):
    """What one part of an entity must be like."""

    entity_type: String = ""
    match_type: Int8 = 0
    """0 has this name, 1 is the default, 2 has any name."""
    match: String | None = ""
    """The name; null but for type 0."""


class DescribeClientQuotasRequest(NamedTuple):
    """List the quotas that match."""

    components: tuple[ComponentData, ...] = ()
    strict: Boolean = False
    """Leave out entities with parts that were not asked for."""


class EntityData(NamedTuple):
    """One part of an entity."""

    entity_type: String = ""
    """user, client-id or ip."""
    entity_name: String | None = ""
    """Null for the default."""


class ValueData(NamedTuple):
    """One quota."""

    key: String = ""
    value: Float64 = 0.0


class EntryData(NamedTuple):
    """The quotas of one entity."""

    entity: tuple[EntityData, ...] = ()
    values: tuple[ValueData, ...] = ()


class DescribeClientQuotasResponse(NamedTuple):
    """The quotas."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""
    entries: tuple[EntryData, ...] | None = ()
    """Null with an error."""
