"""Histories of three versions, for the levels that are about all of them: some written by hand, and some that the table of pairs makes."""

import json
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from producer.schemas.parse import parse
from producer.schemas.schema import ParsedSchema, Schema, SchemaType
from tests.registry.cases import FOLDER, FORMATS, cases, text_of


class History(NamedTuple):
    """Versions of one subject, the oldest first; what is asked is whether the last may follow the others."""

    format: str
    name: str
    versions: tuple[str, ...]
    holds: frozenset[str] | None
    """The levels at which it may; None where nobody wrote it down."""

    @property
    def schema_type(self) -> SchemaType:
        return FORMATS[self.format]

    @property
    def key(self) -> str:
        """How other files name it."""
        return f"{self.format}: {self.name}"

    def parsed(self) -> list[ParsedSchema]:
        """All versions."""
        return [parse(Schema(self.schema_type, text)) for text in self.versions]


@cache
def histories() -> tuple[History, ...]:
    """Give all of them."""
    return (*written(), *made())


@cache
def written() -> tuple[History, ...]:
    """Give those whose ends somebody has thought about."""
    rows = json.loads((FOLDER / "histories.json").read_text(encoding="utf-8"))
    return tuple(
        History(row["format"], row["name"], tuple(map(text_of, row["versions"])), frozenset(row["holds"]))
        for row in rows
    )


@cache
def made() -> tuple[History, ...]:
    """Give, of each two neighbours in the table, the old one, the new one, and the new one of the next.

    What is registered again is not asked about: no registry checks it.
    """
    return tuple(
        History(of, f"{one.name}, then {other.name}", (one.old, one.new, other.new), None)
        for of in FORMATS
        for one, other in pairwise(cases(of))
        if other.new not in {one.old, one.new}
    )
