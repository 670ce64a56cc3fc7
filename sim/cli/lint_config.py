"""`acklab lint config`: what a producer's configuration loses, doubles, reorders or hangs on, and the run that shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson, key_values
from sim.cli.schema_files import text_of

if TYPE_CHECKING:
    from producer.governance.lint.rule import Finding

__all__ = ["config"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="Properties as Java has them, or a JSON object.")]
Whose = Annotated[
    str | None,
    typer.Option("--dialect", metavar="CLIENT", help="java or librdkafka; else the names in FILE say it."),
]
OfTopic = Annotated[
    list[str],
    typer.Option(
        "--topic", metavar="NAME=VALUE", help="A property of the topic, as min.insync.replicas=2; repeatable."
    ),
]


@ends
def config(
    file: File,
    dialect: Whose = None,
    topic: OfTopic = [],  # noqa: B006 - Typer reads it, nobody changes it
    as_json: AsJson = False,
) -> int:
    """Find what is wrong with a producer's configuration. Exits with 1 if anything is."""
    from producer.errors import ConfigError
    from producer.governance.lint.configuration import OF_TOPICS
    from producer.governance.lint.dialect import Dialect
    from producer.governance.lint.lint import lint
    from producer.governance.lint.reading import configuration_from

    if dialect is not None and dialect not in list(Dialect):
        raise CommandError(f"--dialect {dialect!r}: expected {' or '.join(Dialect)}")
    beside = key_values(topic, option="--topic")
    if unknown := next((name for name in beside if name not in OF_TOPICS), None):
        raise CommandError(f"--topic {unknown!r}: expected one of {', '.join(OF_TOPICS)}")
    try:
        read = configuration_from(text_of(file), dialect=Dialect(dialect) if dialect else None, beside=beside)
    except ConfigError as error:
        raise CommandError(f"{file}: {error}") from error
    found = lint(read)
    if as_json:
        told = [one._asdict() | {"shown_by": _command(one)} for one in found]
        print(json.dumps({"format": "acklab-lint-1", "dialect": read.dialect, "findings": told}))
    else:
        _tell(file, found)
    return Exit.VIOLATED if found else Exit.HOLDS


def _command(finding: Finding) -> str | None:
    return f"acklab run {finding.shown_by}" if finding.shown_by else None


def _tell(file: Path, found: list[Finding]) -> None:
    from sim.cli.screen import labelled, say

    for one in found:
        where = f"{file}:{one.line}" if one.line else str(file)
        say(f"{where}: {one.effect}: {', '.join(one.settings)}  ({one.rule})")
        for line in labelled("", one.why, label_width=4):
            say(line)
        if command := _command(one):
            say(f"    to see it: {command}")
    say(f"{file}: {len(found)} found" if found else f"{file}: nothing found")
