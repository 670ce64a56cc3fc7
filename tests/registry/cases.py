"""The table of pairs: what was registered, what is to follow, and what each level says of it."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from producer.schemas.parse import parse
from producer.schemas.schema import ParsedSchema, Schema, SchemaType

FOLDER = Path(__file__).parent / "compatibility_cases"
FORMATS = {"avro": SchemaType.AVRO, "protobuf": SchemaType.PROTOBUF, "json_schema": SchemaType.JSON}


class Case(NamedTuple):
    """One pair."""

    format: str
    """The file that it stands in."""
    name: str
    old: str
    new: str
    backward: bool
    """Whether readers of the new one can read what was written by the old one."""
    forward: bool
    """The other way round."""

    @property
    def schema_type(self) -> SchemaType:
        return FORMATS[self.format]

    @property
    def key(self) -> str:
        """How other files name it."""
        return f"{self.format}: {self.name}"

    def parsed(self) -> tuple[ParsedSchema, ParsedSchema]:
        """Old and new."""
        return parse(Schema(self.schema_type, self.old)), parse(Schema(self.schema_type, self.new))


@cache
def cases(of: str | None = None) -> tuple[Case, ...]:
    """Give all pairs, or those of one format."""
    return tuple(
        Case(name, row["name"], text_of(row["old"]), text_of(row["new"]), row["backward"], row["forward"])
        for name in FORMATS
        if of in {None, name}
        for row in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    )


def text_of(value: object) -> str:
    """Give the text of a schema as a file of cases has it: that of a .proto file, or JSON."""
    return value if isinstance(value, str) and value.startswith("syntax = ") else json.dumps(value)
