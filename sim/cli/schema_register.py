"""`acklab schema register`: a schema from a file becomes the next version of a subject, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import ends
from sim.cli.options import AsJson
from sim.cli.registry_at import REGISTRY, Url, asked
from sim.cli.schema_files import schema_in

if TYPE_CHECKING:
    from producer.drivers.thread_registry import SchemaRegistry
    from producer.serialization.registry.answers import Registered

__all__ = ["register"]

Subject = Annotated[str, typer.Argument(metavar="SUBJECT")]
SchemaFile = Annotated[Path, typer.Argument(metavar="FILE", help="The schema.")]
Type = Annotated[
    str | None,
    typer.Option("--type", metavar="TYPE", help="AVRO, PROTOBUF or JSON, where FILE's name does not say it."),
]
References = Annotated[
    list[str],
    typer.Option("--reference", metavar="NAME=SUBJECT:VERSION", help="What the schema refers to by name; repeatable."),
]
Normalize = Annotated[bool, typer.Option("--normalize", help="What only the order of things says is no difference.")]


@ends
def register(
    subject: Subject,
    file: SchemaFile,
    type_: Type = None,
    references: References = [],  # noqa: B006 - Typer reads it, nobody changes it
    normalize: Normalize = False,
    at: Url = REGISTRY,
    as_json: AsJson = False,
) -> None:
    """Register a schema. Exits with 1 if the subject's level refuses it, and says why."""
    from producer.serialization.registry import answers, calls

    schema = schema_in(file, type_, references)

    def ask(registry: SchemaRegistry) -> Registered:
        call = calls.register(subject, schema, normalize=normalize)
        place = answers.registered(call, registry.ask(call))
        # Older registries answer the id alone.
        find = calls.lookup(subject, schema, normalize=normalize)
        return place if place.version else answers.registered(find, registry.ask(find))

    place = asked(at, ask)
    if as_json:
        told = {"subject": subject, "id": place.schema_id, "version": place.version}
        print(json.dumps({"format": "acklab-registered-1", **told}))
    else:
        print(f"{subject} version {place.version}, id {place.schema_id}")
