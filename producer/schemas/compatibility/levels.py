"""The seven levels: which versions a new one is held against, and who of the two must be able to read whom."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.schemas.schema import ParsedSchema


class CompatibilityLevel(StrEnum):
    """What a subject promises of its versions, by the registry's words."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        """Whether it is about all versions, not the last one alone."""
        return self.name.endswith("_TRANSITIVE")

    @property
    def new_reads_old(self) -> bool:
        """Whether readers of the new version must read what was written before it."""
        return self.name.startswith(("BACKWARD", "FULL"))

    @property
    def old_reads_new(self) -> bool:
        """Whether readers of the versions before must read what the new one writes."""
        return self.name.startswith(("FORWARD", "FULL"))


class Rules(StrEnum):
    """Whose rules decide where registries differ, which is in Protobuf alone."""

    CONFLUENT = "confluent"
    APICURIO = "apicurio"


class Breach(NamedTuple):
    """One reason why a level does not hold."""

    version: int
    """Which of the versions before it is about, from 0."""
    new_reads: bool
    """Whether the new version is the one that cannot read; else the one before is."""
    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        """As one line."""
        who = "the new schema cannot read the old" if self.new_reads else "the old schema cannot read the new"
        return f"{who}: {Incompatibility(self.path, self.rule, self.message)}"


def check(
    level: CompatibilityLevel, new: ParsedSchema, olds: Sequence[ParsedSchema], rules: Rules = Rules.CONFLUENT
) -> tuple[Breach, ...]:
    """Hold a new version against those before it, the oldest first. Gives every reason why the level would not hold."""
    asked = list(enumerate(olds))
    found: list[Breach] = []
    for version, old in asked if level.is_transitive else asked[-1:]:
        if level.new_reads_old:
            found += (Breach(version, True, *one) for one in incompatibilities(new, old, rules))
        if level.old_reads_new:
            found += (Breach(version, False, *one) for one in incompatibilities(old, new, rules))
    return tuple(found)


CHECKERS = {
    (SchemaType.AVRO, Rules.CONFLUENT): "producer.schemas.compatibility.avro",
    (SchemaType.AVRO, Rules.APICURIO): "producer.schemas.compatibility.avro",
    (SchemaType.PROTOBUF, Rules.CONFLUENT): "producer.schemas.compatibility.protobuf",
    (SchemaType.PROTOBUF, Rules.APICURIO): "producer.schemas.compatibility.protobuf_strict",
    (SchemaType.JSON, Rules.CONFLUENT): "producer.schemas.compatibility.json_schema",
    (SchemaType.JSON, Rules.APICURIO): "producer.schemas.compatibility.json_schema",
}
"""The module whose `incompatibilities` knows a format; it is loaded with the first schemas of that."""


def incompatibilities(
    reader: ParsedSchema, writer: ParsedSchema, rules: Rules = Rules.CONFLUENT
) -> tuple[Incompatibility, ...]:
    """Give every reason why `reader` cannot read all that `writer` writes."""
    if reader.schema.type is not writer.schema.type:
        said = f"the reader's schema is {reader.schema.type}, the writer's {writer.schema.type}"
        return (Incompatibility("#", "SCHEMA_TYPE_CHANGED", said),)
    module = import_module(CHECKERS[reader.schema.type, rules])
    of_format = cast("Callable[[ParsedSchema, ParsedSchema], tuple[Incompatibility, ...]]", module.incompatibilities)
    return of_format(reader, writer)
