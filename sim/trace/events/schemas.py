"""What is said in schemas: which version of its code somebody runs, what a registry told it, what became of each value.

`registry` is the registry's URL, as the client has it among its properties. Ids are a registry's own: the same number means
another schema elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple


class VersionDeployed(NamedTuple):
    """A life of an application, or a reader, runs this version of its code from now on."""

    at_us: int
    client: str
    version: int
    """Of the code, from 1; a schema's versions are counted by its registry."""
    topic: str
    """What it reads; empty for one that writes."""
    registry: str
    """Empty for one whose serializer asks none."""
    schema_type: str
    """`AVRO`, `PROTOBUF` or `JSON`; empty where the code has no schema of its own."""
    schema: str
    """The schema's text: by which it writes, or what it wants to be given."""


class SchemaRegistered(NamedTuple):
    """A registry has taken a schema for a client, or had it already: it is there under that subject."""

    at_us: int
    client: str
    registry: str
    subject: str
    version: int
    """0 where the registry has not said it."""
    schema_id: int
    schema_type: str
    schema: str


class SchemaFound(NamedTuple):
    """A registry has given a client the schema that it asked for: by its id, or of a subject."""

    at_us: int
    client: str
    registry: str
    subject: str
    """Empty where an id or a GUID was asked for."""
    version: int
    """0 where an id or a GUID was asked for."""
    schema: str
    """The text that the client holds from now on."""
    schema_type: str
    schema_key: str
    """The id in digits, or the GUID, by which records name it."""


class SchemaRefused(NamedTuple):
    """A registry has refused what a client asked, knows it not, or has not answered at all."""

    at_us: int
    client: str
    registry: str
    asked: str
    """Method and path."""
    status: int
    """HTTP's; 0 where nobody answered."""
    code: int
    """The registry's own: 409, 40403, 42201 …; 0 for none."""
    why: str


class RecordSerialized(NamedTuple):
    """A value was made bytes of, and is sent next under that number."""

    at_us: int
    client: str
    record: int
    topic: str
    subject: str
    """Empty for a serializer that asks no registry, as the version and the key of the schema are."""
    version: int
    """Of the schema under its subject; 0 where nobody said it."""
    schema_key: str
    """The id in digits, or the GUID, as the record names it."""
    value: str
    """The value as JSON."""


class RecordNotSerialized(NamedTuple):
    """An application was told that no bytes can be made of its value: nothing of that record was sent or queued."""

    at_us: int
    client: str
    record: int
    topic: str
    field: str
    """The path to what does not fit; empty for all of it, or where the registry is why."""
    why: str


class RecordDecoded(NamedTuple):
    """A reader has made a value of a record that it was given."""

    at_us: int
    client: str
    topic: str
    partition: int
    offset: int
    version: int
    """Of the reader's code."""
    schema_key: str
    """The id in digits, or the GUID, that the record names."""
    name: str
    """Of the record or message; of JSON Schema the title."""
    value: str
    """The value as JSON."""


class RecordUnreadable(NamedTuple):
    """A reader can make no value of a record."""

    at_us: int
    client: str
    topic: str
    partition: int
    offset: int
    version: int
    """Of the reader's code."""
    schema_key: str
    """The id in digits, or the GUID, that the record names; empty if it names none."""
    why: str
    then: str
    """`stop`, `skip` or `dead`: what the reader does about it."""
