"""Schemas in files, and what they refer to in a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from producer.schemas.schema import Reference, Schema, SchemaType

ENDINGS = {".avsc": "AVRO", ".avro": "AVRO", ".proto": "PROTOBUF", ".json": "JSON"}


def schema_in(file: Path, given: str | None, references: list[str]) -> Schema:
    """Read a schema from a file; `references` are words as NAME=SUBJECT:VERSION. Raises CommandError."""
    from producer.schemas.schema import Schema

    return Schema(type_of(file, given), text_of(file), tuple([_reference(one) for one in references]))


def type_of(file: Path, given: str | None) -> SchemaType:
    """Say what a file is: as it is given, or else by its ending. Raises CommandError."""
    from producer.schemas.schema import SchemaType

    word = (given or ENDINGS.get(file.suffix.lower(), "")).upper()
    if word not in list(SchemaType):
        if given is not None:
            raise CommandError(f"--type {given!r}: expected {', '.join(SchemaType)}")
        raise CommandError(f"{file}: the ending does not say what it is ({', '.join(ENDINGS)}); --type does")
    return SchemaType(word)


def text_of(file: Path) -> str:
    """Read a file. Raises CommandError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: no UTF-8 at byte {error.start}") from error


def _reference(word: str) -> Reference:
    from producer.schemas.schema import Reference

    name, equals, place = word.partition("=")
    subject, colon, version = place.rpartition(":")
    if not (equals and colon and name and subject and version.isascii() and version.isdigit()):
        raise CommandError(f"--reference {word!r}: expected NAME=SUBJECT:VERSION, such as Order=orders-value:1")
    return Reference(name, subject, int(version))
