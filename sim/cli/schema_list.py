"""`acklab schema list`: the subjects of a registry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import ends
from sim.cli.options import AsJson
from sim.cli.registry_at import REGISTRY, Deleted, Url, asked

if TYPE_CHECKING:
    from producer.drivers.thread_registry import SchemaRegistry

__all__ = ["list_subjects"]

Prefix = Annotated[str, typer.Argument(metavar="[PREFIX]", help="Only subjects that begin so.")]


@ends
def list_subjects(prefix: Prefix = "", deleted: Deleted = False, at: Url = REGISTRY, as_json: AsJson = False) -> None:
    """List subjects: their versions, the latest id and format, the level that holds."""
    from producer.serialization.registry import calls

    def ask(registry: SchemaRegistry) -> list[dict[str, Any]]:
        found = []
        for subject in registry.ask(calls.subjects(prefix, deleted=deleted)):
            versions = registry.ask(calls.versions(subject, deleted=deleted))
            last = registry.ask(calls.version_of(subject, versions[-1], deleted=deleted))
            level = registry.ask(calls.level(subject, or_global=True))["compatibilityLevel"]
            kind = last.get("schemaType", "AVRO")
            found.append({"subject": subject, "versions": versions, "id": last["id"], "type": kind, "level": level})
        return found

    rows = asked(at, ask)
    if as_json:
        print(json.dumps({"format": "acklab-subjects-1", "subjects": rows}))
        return
    width = max((len(row["subject"]) for row in rows), default=0)
    for row in rows:
        versions = ",".join(map(str, row["versions"]))
        print(f"{row['subject']:{width}}  {row['type']:8}  id {row['id']}  {row['level']}  versions {versions}")
