"""`acklab schema evolve`: a history of one schema under every level."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson
from sim.cli.registry_at import REGISTRY, Url, asked
from sim.cli.schema_files import schema_in

if TYPE_CHECKING:
    from producer.drivers.thread_registry import SchemaRegistry
    from producer.schemas.schema import Schema
    from sim.registry.core.entries import Entry
    from sim.registry.evolution import Step

__all__ = ["evolve"]

Histories = Annotated[
    list[str], typer.Argument(metavar="SUBJECT | FILE…", help="A subject of the registry; or files, the oldest first.")
]


@ends
def evolve(history: Histories, at: Url = REGISTRY, as_json: AsJson = False) -> None:
    """Show which level would have taken each version of a history, and what stands against the others."""
    from sim.registry.core.errors import RegistryError
    from sim.registry.evolution import evolve as evolved

    files = [Path(one) for one in history]
    try:
        if len(files) == 1 and not files[0].is_file():
            steps = evolved(history[0], *asked(at, lambda registry: _history(registry, history[0])))
        else:
            told = [(number, schema_in(path, None, [])) for number, path in enumerate(files, start=1)]
            steps = evolved("history", told)
    except RegistryError as error:
        raise CommandError(error.message) from error
    if as_json:
        rows = [{"version": step.version, "objections": step.objections} for step in steps]
        print(json.dumps({"format": "acklab-evolution-1", "versions": rows}))
    else:
        _tell(steps)


def _tell(steps: list[Step]) -> None:
    from sim.cli.screen import say
    from sim.registry.evolution import LEVELS

    say("version  " + "  ".join(LEVELS))
    for step in steps:
        cells = [("no" if step.objections[level] else "yes").center(len(level)) for level in LEVELS]
        say(f"{step.version:7}  " + "  ".join(cells))
    for step in steps:
        told = dict.fromkeys(one for level in LEVELS for one in step.objections[level])
        for one in told:
            say(f"  {step.version}: {one}")


def _history(registry: SchemaRegistry, subject: str) -> tuple[list[tuple[int, Schema]], list[Entry]]:
    """Give the versions of a subject, and everything that they refer to."""
    from producer.serialization.registry import calls
    from sim.registry.core.entries import Entry
    from sim.registry.core.records import schema_of

    versions = registry.ask(calls.versions(subject))
    found = [(number, schema_of(registry.ask(calls.version_of(subject, number)))) for number in versions]
    needed: dict[tuple[str, int], Entry] = {}
    left = [reference for _, schema in found for reference in schema.references]
    while left:
        one = left.pop()
        if (one.subject, one.version) in needed or (one.subject == subject and one.version in versions):
            continue
        told = registry.ask(calls.version_of(one.subject, one.version, deleted=True))
        schema = schema_of(told)
        needed[one.subject, one.version] = Entry(one.subject, one.version, told["id"], schema)
        left += schema.references
    return found, list(needed.values())
