"""How schemas get to a registry, and how records name them: the properties of Confluent's serializers as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.serialization.subjects import by_topic

if TYPE_CHECKING:
    from producer.serialization.subjects import Strategy

KNOWN_MAX = 1_000
"""Schemas that one serializer remembers; then it forgets all, and asks again (`max.schemas.per.subject`)."""


class SchemaSettings(NamedTuple):
    """What a schema serializer is told (`AbstractKafkaSchemaSerDeConfig`)."""

    auto_register: bool = True
    """Whether a schema that the registry does not know is registered, or is an error."""
    use_latest_version: bool = False
    """Whether values are written by the latest version of their subject, whatever schema they came with."""
    latest_with: tuple[tuple[str, str], ...] = ()
    """Metadata that the latest version must have by which values are written; empty for any version (`use.latest.with.metadata`)."""
    latest_ttl_us: int | None = None
    """How long the latest version is taken for that, before it is asked for again; None for ever (`latest.cache.ttl.sec`)."""
    latest_strict: bool = True
    """Whether the latest version must read what is written by the schema that values came with (`latest.compatibility.strict`)."""
    latest_max: int = KNOWN_MAX
    """Latest versions that are remembered, one a topic; one more, and the first of them is asked for again (`latest.cache.size`)."""
    use_schema_id: int | None = None
    """The id by whose schema values are written; None for none."""
    normalize: bool = False
    """Whether the registry takes schemas for one that differ in the order of things only."""
    is_id_in_header: bool = False
    """Whether the schema's GUID goes into a header, and the payload is bare; or its id before the payload."""
    subject_name: Strategy = by_topic
