"""`acklab schema check`: whether a schema may follow others, said as a registry would say it, without one."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson
from sim.cli.schema_files import text_of, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.schemas.schema import ParsedSchema, Schema, SchemaType

__all__ = ["check"]

Files = Annotated[
    list[Path],
    typer.Argument(metavar="OLD… NEW", help="Files: the versions before, the oldest first, then the new one."),
]
LevelName = Annotated[
    str, typer.Option("--level", metavar="LEVEL", help="NONE, or BACKWARD, FORWARD, FULL, each also with _TRANSITIVE.")
]
TypeName = Annotated[
    str | None,
    typer.Option(
        "--type", metavar="TYPE", help="AVRO, PROTOBUF or JSON; else the name's ending says it (.avsc, .proto, .json)."
    ),
]
RulesName = Annotated[
    str, typer.Option("--rules", metavar="RULES", help="For Protobuf: confluent, or apicurio, which is stricter.")
]
References = Annotated[
    list[str], typer.Option("--reference", metavar="NAME=FILE", help="What the schemas refer to, by the name they use; repeatable.")
]  # fmt: skip


@ends
def check(
    files: Files,
    level: LevelName = "BACKWARD",
    schema_type: TypeName = None,
    rules: RulesName = "confluent",
    references: References = [],  # noqa: B006 - Typer reads it, nobody changes it
    as_json: AsJson = False,
) -> int:
    """Say whether NEW may follow OLD at a level. Exits with 1, and says which field and which rule, where it may not."""
    from producer.schemas.compatibility import CompatibilityLevel, Rules
    from producer.schemas.compatibility import check as checked

    if len(files) < 2:
        raise CommandError(f"{files[0]}: expected a new schema behind it, or old ones before it")
    asked = CompatibilityLevel(_one_of(CompatibilityLevel, level.upper(), "--level"))
    whose = Rules(_one_of(Rules, rules.lower(), "--rules"))
    words = [type_of(file, schema_type) for file in files]
    referenced = _referenced(references, words[-1])
    *olds, new = (_parsed(file, word, referenced) for file, word in zip(files, words, strict=True))
    breaches = checked(asked, new, olds, whose)
    if as_json:
        told = [one._asdict() | {"version": str(files[one.version])} for one in breaches]
        said = {"format": "acklab-schema-check-1", "level": asked, "is_compatible": not breaches, "breaches": told}
        print(json.dumps(said))
    for one in () if as_json else breaches:
        old = files[one.version]
        who = (
            f"{files[-1]} cannot read what {old} wrote"
            if one.new_reads
            else f"{old} cannot read what {files[-1]} writes"
        )
        print(f"{who}: {one.path}: {one.message} ({one.rule})")
    return Exit.VIOLATED if breaches else Exit.HOLDS


def _one_of(choices: type[StrEnum], word: str, option: str) -> StrEnum:
    try:
        return choices(word)
    except ValueError as error:
        raise CommandError(f"{option} {word!r}: expected {', '.join(choices)}") from error


def _referenced(given: list[str], schema_type: SchemaType) -> Mapping[str, Schema]:
    """Read what may be referred to; each may refer to those before it."""
    from producer.schemas.schema import Schema

    found = {}
    for one in given:
        name, _, file = one.partition("=")
        if not name or not file:
            raise CommandError(f"--reference {one!r}: expected NAME=FILE")
        found[name] = Schema(schema_type, text_of(Path(file)))
    return found


def _parsed(file: Path, schema_type: SchemaType, referenced: Mapping[str, Schema]) -> ParsedSchema:
    from producer.schemas.parse import parse
    from producer.schemas.schema import FormatNotInstalledError, InvalidSchemaError, Reference, Schema

    references = tuple(Reference(name, name, 1) for name in referenced)
    try:
        return parse(Schema(schema_type, text_of(file), references), referenced)
    except (InvalidSchemaError, FormatNotInstalledError) as error:
        raise CommandError(f"{file}: {error}") from error
