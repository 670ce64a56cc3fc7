"""One Avro schema: its types, its text for comparing, and what fastavro writes and reads records by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import TYPE_CHECKING, Any

import fastavro

from producer.schemas.avro.reader import Reader
from producer.schemas.avro.text import JsonType, Writer
from producer.schemas.avro.types import Definitions, Named, Type, kind
from producer.schemas.json_text import read_json, write_json
from producer.schemas.references import in_order
from producer.schemas.schema import InvalidSchemaError, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, eq=False)
class AvroSchema:
    """What an Avro schema says."""

    schema: Schema
    type: Type
    definitions: Definitions
    """By full name; of what it refers to as well."""
    value: object
    """The schema's own JSON."""
    elsewhere: Mapping[str, tuple[object, str]]
    """Full name -> JSON of every named type that a reference defines, and the namespace around it."""

    @property
    def name(self) -> str:
        """The full name of the record, enum or fixed; of any other type its kind, such as `string` or `union`."""
        return self.type.full_name if isinstance(self.type, Named) else kind(self.type, self.definitions)

    @cached_property
    def canonical(self) -> str:
        """As Avro's own library prints it: `doc`, aliases and properties stay, and so does their order."""
        return write_json(Writer().type(self.value))

    @cached_property
    def normalized(self) -> str:
        """As `canonical`, with properties in the order of their names."""
        return write_json(Writer(sort_properties=True).type(self.value))

    @cached_property
    def parsed(self) -> JsonType:
        """What fastavro's functions take as a schema: it has all that is referred to within."""
        try:
            return _with_names_once(
                fastavro.parse_schema(Writer(self.elsewhere).type(self.value), _ignore_default_error=True)
            )
        except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType, TypeError, ValueError) as error:
            raise InvalidSchemaError(f"{self.name}: {error}") from error


def parse_avro(schema: Schema, referenced: Mapping[str, Schema]) -> AvroSchema:
    """Read an Avro schema. Raises InvalidSchemaError."""
    reader = Reader()
    for name, one in in_order(schema, referenced):
        try:
            reader.read(read_json(one.text))
        except InvalidSchemaError as error:
            raise InvalidSchemaError(f"reference {name!r}: {error}") from error
    elsewhere = dict(reader.values)
    value = read_json(schema.text)
    found = AvroSchema(schema, reader.read(value), reader.definitions, value, elsewhere)
    # What fastavro would refuse later, when a record comes, is refused now.
    _ = found.parsed
    return found


def _with_names_once(parsed: JsonType) -> JsonType:
    """Let every name in it be the one string of that text that Python keeps: an application's dicts have the same one, and what is
    the same object is found without comparing characters, which is a tenth of fastavro's time.
    """
    whole: list[Any] = [parsed]
    left: list[Any] = [whole]
    seen = set()
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for at, inner in list(one.items() if isinstance(one, dict) else enumerate(one)):
            if isinstance(inner, str):
                one[at] = intern(inner)
            elif isinstance(inner, dict | list) and at != "default":
                left.append(inner)
    once: JsonType = whole[0]
    return once
