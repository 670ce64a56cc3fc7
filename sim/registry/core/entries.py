"""What the registry keeps: a version of a subject, and settings of a subject, of a context or of all."""

from __future__ import annotations

from enum import StrEnum
from hashlib import md5
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.schemas.schema import Schema


class Mode(StrEnum):
    """What may be done to a subject."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    """Kept for old clients; as READONLY."""
    IMPORT = "IMPORT"
    """Ids and versions are said by whoever registers, and nothing is checked."""
    FORWARD = "FORWARD"

    @property
    def is_read_only(self) -> bool:
        return self in (Mode.READONLY, Mode.READONLY_OVERRIDE)

    @property
    def takes_ids(self) -> bool:
        """Whether whoever registers says the id, and nothing is checked."""
        return self in (Mode.IMPORT, Mode.FORWARD)


class Entry(NamedTuple):
    """One version of one subject."""

    subject: str
    version: int
    """From 1."""
    id: int
    """The same for one schema in all subjects of a context."""
    schema: Schema
    """In its canonical form."""
    extras: tuple[tuple[str, str], ...] = ()
    """`metadata` and `ruleSet` as JSON; this registry keeps them, and acts on neither."""
    is_deleted: bool = False
    """Softly: whoever has its id still reads it."""

    @property
    def guid(self) -> str:
        """The schema's own name, the same in any registry that was given this text and these references."""
        return guid_of(self.schema, self.extras)


class Config(NamedTuple):
    """What holds for a subject, or for what is in a context; None where nothing is said."""

    level: str | None = None
    """`compatibilityLevel`."""
    normalize: bool | None = None
    alias: str | None = None
    """Another subject, which is meant where this one is named."""

    def over(self, general: Config) -> Config:
        """Give this one where it says something, and the general one elsewhere; an alias is nobody else's."""
        return Config(
            general.level if self.level is None else self.level,
            general.normalize if self.normalize is None else self.normalize,
            self.alias,
        )


def guid_of(schema: Schema, extras: tuple[tuple[str, str], ...] = ()) -> str:
    """Give the MD5 of a schema's text and references, written as a UUID (Confluent's MD5.ofSchema).

    With metadata or rules it is one of this registry's own: Confluent hashes their parts in the order of its maps.
    """
    digest = md5(schema.text.encode(), usedforsecurity=False)
    for name, subject, version in schema.references:
        digest.update(name.encode())
        digest.update(subject.encode())
        digest.update(version.to_bytes(4, "big", signed=True))
    for _, text in extras:
        digest.update(b"\x01")
        digest.update(text.encode())
    return written_guid(digest.hexdigest())


def written_guid(hexed: str) -> str:
    """Write 32 hex digits as a UUID."""
    return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"


def schema_json(schema: Schema, extras: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    """Give a schema as JSON has it: nothing is said of its type if it is Avro's, nor of what it lacks."""
    from json import loads

    from producer.schemas.schema import SchemaType

    found: dict[str, Any] = {}
    if schema.type is not SchemaType.AVRO:
        found["schemaType"] = str(schema.type)
    if schema.references:
        found["references"] = [one._asdict() for one in schema.references]
    found.update((name, loads(text)) for name, text in extras)
    found["schema"] = schema.text
    return found


def config_json(config: Config, *, level_key: str = "compatibilityLevel") -> dict[str, Any]:
    """Give settings as JSON has them; what nobody has said is left out."""
    said: Mapping[str, Any] = {"alias": config.alias, "normalize": config.normalize, level_key: config.level}
    return {name: value for name, value in said.items() if value is not None}
