"""`acklab schema get`: the text of a schema that is registered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import ends
from sim.cli.options import AsJson
from sim.cli.registry_at import REGISTRY, Deleted, Url, asked

if TYPE_CHECKING:
    from producer.drivers.thread_registry import SchemaRegistry

__all__ = ["get"]

ID_DIGITS_MAX = 10

Version = Annotated[str, typer.Argument(metavar="[VERSION]", help="A number, or `latest`.")]


@ends
def get(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT | ID", help="A subject; or, alone, a schema's id.")],
    version: Version = "latest",
    deleted: Deleted = False,
    at: Url = REGISTRY,
    as_json: AsJson = False,
) -> None:
    """Print a schema's text: a version of a subject, or whatever has an id."""
    from producer.serialization.registry import calls

    is_id = subject.isascii() and subject.isdigit() and len(subject) <= ID_DIGITS_MAX and version == "latest"

    def ask(registry: SchemaRegistry) -> Any:
        if is_id and subject not in registry.ask(calls.subjects(subject)):
            return {"id": int(subject), **registry.ask(calls.by_id(int(subject)))}
        return registry.ask(calls.version_of(subject, version, deleted=deleted))

    told = asked(at, ask)
    print(json.dumps({"format": "acklab-schema-1", **told}) if as_json else told["schema"])
