"""What those who read by schemas held: which version of their code ran when, and which schema they held for which key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from producer.schemas.schema import Schema, SchemaType
from sim.judges.record_id import RecordId

if TYPE_CHECKING:
    from sim.trace.events import (
        RecordNotSerialized,
        RecordSerialized,
        RecordUnreadable,
        SchemaFound,
        SchemaRefused,
        VersionDeployed,
    )

NEVER = 1 << 62
"""Behind every event of a trace."""


@dataclass(slots=True)
class Deployment:
    """One version of a reader's code, as long as it ran."""

    client: str
    version: int
    topic: str
    registry: str
    schema: Schema | None
    """What it wanted to be given; None: whatever was written."""
    begun: int
    """Sequence number of the event by which it was deployed."""
    ended: int = NEVER
    """Of the one by which the next version was."""

    def __str__(self) -> str:
        return f"{self.client} version {self.version}"


class Unreadable(NamedTuple):
    """A reader said that it can make no value of a record."""

    client: str
    topic: str
    partition: int
    offset: int
    why: str
    event: int


class Serialized(NamedTuple):
    """By which schema a record was written, as its application's serializer had it."""

    subject: str
    version: int
    key: str
    event: int

    def __str__(self) -> str:
        if not self.key:
            return "written without a schema"
        version = f" version {self.version}" if self.version else ""
        return f"written by schema {self.key}{f', {self.subject}{version}' if self.subject else ''}"


@dataclass(slots=True)
class SchemaHistory:
    """Schemas in one run."""

    deployments: list[Deployment] = field(default_factory=list)
    """Of readers, in the order of the trace."""
    held: dict[tuple[str, str, str], Schema] = field(default_factory=dict)
    """(reader, registry, key) -> the schema that it was given for it, and decoded with."""
    missed: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(reader, registry, key) -> why it was given none."""
    unreadable: list[Unreadable] = field(default_factory=list)
    serialized: dict[RecordId, Serialized] = field(default_factory=dict)
    not_serialized: dict[RecordId, str] = field(default_factory=dict)
    """Why an application's value has no bytes."""

    def note_deployed(self, number: int, event: VersionDeployed) -> None:
        """Take that a version runs from now on; `number` is the event's sequence number in the trace."""
        if not event.topic:
            return
        for deployment in self.deployments:
            if deployment.client == event.client and deployment.ended == NEVER:
                deployment.ended = number
        schema = Schema(SchemaType(event.schema_type), event.schema) if event.schema_type else None
        self.deployments.append(Deployment(event.client, event.version, event.topic, event.registry, schema, number))

    def note_found(self, _: int, event: SchemaFound) -> None:
        """Take which schema somebody holds."""
        if not event.subject:
            schema = Schema(SchemaType(event.schema_type), event.schema)
            self.held[event.client, event.registry, event.schema_key] = schema

    def note_refused(self, _: int, event: SchemaRefused) -> None:
        """Take which schema somebody asked for in vain."""
        path = event.asked.partition(" ")[2]
        if path.startswith(BY_KEY):
            self.missed[event.client, event.registry, path.rpartition("/")[2]] = event.why

    def note_serialized(self, number: int, event: RecordSerialized) -> None:
        """Take by which schema a record is written; `number` is the event's sequence number in the trace."""
        told = Serialized(event.subject, event.version, event.schema_key, number)
        self.serialized[RecordId(event.client, event.record)] = told

    def note_not_serialized(self, _: int, event: RecordNotSerialized) -> None:
        """Take that a value has no bytes."""
        self.not_serialized[RecordId(event.client, event.record)] = event.why

    def note_unreadable(self, number: int, event: RecordUnreadable) -> None:
        """Take what a reader says of a record; `number` is the event's sequence number in the trace."""
        self.unreadable.append(Unreadable(event.client, event.topic, event.partition, event.offset, event.why, number))


BY_KEY = "/schemas/"
"""What the path begins with by which a schema is asked for by its id or its GUID."""
