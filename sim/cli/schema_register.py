"""`acklab schema register`: a schema from a file becomes the next version of a subject, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import ends
from sim.cli.options import AsJson
from sim.cli.registry_at import REGISTRY, Url, asked
from sim.cli.schema_files import schema_in

if TYPE_CHECKING:
    from sim.registry.client import RegistryAt

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
    schema = schema_in(file, type_, references)
    body = {
        "schemaType": str(schema.type),
        "schema": schema.text,
        "references": [one._asdict() for one in schema.references],
    }

    def ask(registry: RegistryAt) -> Any:
        told = registry.post("subjects", subject, "versions", body=body, normalize=normalize)
        # Older registries answer the id alone.
        found = told if "version" in told else registry.post("subjects", subject, body=body, normalize=normalize)
        return {"id": told["id"], "version": found["version"]}

    told = asked(at, ask)
    if as_json:
        print(json.dumps({"format": "acklab-registered-1", "subject": subject, **told}))
    else:
        print(f"{subject} version {told['version']}, id {told['id']}")
