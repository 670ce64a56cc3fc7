"""Schemas on the command line: which one records are written by, and records read back by theirs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, Exit

if TYPE_CHECKING:
    from producer import SchemaRegistry

SUFFIXES = {".avsc": "AVRO", ".proto": "PROTOBUF", ".json": "JSON"}
"""What a schema's file is of."""
DECODED = ("value", "key", "both")

Registry = Annotated[
    str | None,
    typer.Option("--schema-registry", metavar="URL", help="The schema registry, as -X schema.registry.url says, too."),
]
ValueSchema = Annotated[
    str | None,
    typer.Option(
        "--value-schema",
        metavar="FILE|ID",
        help="The schema of values: .avsc, .proto or .json, or a registry's id. Values are JSON then.",
    ),
]
KeySchema = Annotated[
    str | None, typer.Option("--key-schema", metavar="FILE|ID", help="The schema of keys, which are JSON then.")
]


def schema_properties(role: str, given: str | None, registry: SchemaRegistry | None) -> dict[str, Any]:
    """Give the properties by which a producer writes keys or values by a schema. Raises CommandError, SchemaRegistryError."""
    if given is None:
        return {}
    option = f"--{role}-schema {given!r}"
    if registry is None:
        raise CommandError(f"{option} needs --schema-registry URL")
    from producer import Schema, SchemaRegistryError, SchemaSerializer, SchemaType
    from producer.serialization.registry import answers, calls
    from producer.serialization.schema_settings import SchemaSettings

    if given.isdecimal():
        call = calls.by_id(int(given))
        try:
            kind = answers.schema(call, registry.ask(call)).type
        except SchemaRegistryError as error:
            raise CommandError(f"{option}: {error}", Exit.VIOLATED) from error
        settings = SchemaSettings(auto_register=False, use_schema_id=int(given))
        return {f"{role}.serializer": SchemaSerializer(schema_type=kind, settings=settings)}
    path = Path(given)
    kind_name = SUFFIXES.get(path.suffix)
    if kind_name is None:
        raise CommandError(f"{option}: expected a file that ends in {', '.join(SUFFIXES)}, or an id")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{option} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return {f"{role}.serializer": SchemaSerializer(Schema(SchemaType(kind_name), text))}


def json_of(role: str, data: bytes | None) -> Any:
    """Read a key or a value of a line. Raises CommandError."""
    if data is None:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"the {role} {data[:80]!r} is no JSON, as its schema needs it: {error}") from error


class Decoding:
    """Makes of keys and values what their schemas say, as JSON has it."""

    def __init__(self, url: str, decoded: str) -> None:
        """Raises CommandError, ConfigError."""
        from producer import SchemaDeserializer, SchemaRegistry
        from producer.serialization.serializer import Role

        if decoded not in DECODED:
            raise CommandError(f"--decode {decoded!r}: expected {', '.join(DECODED)}")
        roles = [role for role in Role if decoded in {role.value, "both"}]
        self._deserializers = {role.value: SchemaDeserializer(role=role) for role in roles}
        self._registry = SchemaRegistry(url)

    def told(self, record: Any) -> dict[str, Any]:
        """Give the decoded parts of a record by name, and `key_schema` and `value_schema` beside them. Raises as a reader does."""
        from producer.serialization.shown import shown

        found: dict[str, Any] = {}
        for role, deserializer in self._deserializers.items():
            data = record.key if role == "key" else record.value
            if data is None:
                continue
            decoded = self._registry.known(partial(deserializer.decode, record.topic, list(record.headers), data))
            found[role] = shown(decoded.value)
            found[f"{role}_schema"] = {"id": decoded.schema, "name": decoded.name}
        return found

    def close(self) -> None:
        """End the connection to the registry."""
        self._registry.close()
