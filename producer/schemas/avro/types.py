"""The types of Avro. One that has a name stands in `Definitions`, once; where it is used stands `Named`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


class Primitive(NamedTuple):
    """One of PRIMITIVES. What a logical type says about it is not looked at: it changes no byte."""

    kind: str


class Array(NamedTuple):
    """Any number of items of one type."""

    items: Type


class Map(NamedTuple):
    """Any number of values of one type, by strings."""

    values: Type


class Union(NamedTuple):
    """One of several types; which one, a record says by the branch's number."""

    branches: tuple[Type, ...]


class Named(NamedTuple):
    """A record, enum or fixed, by its full name."""

    full_name: str


Type = Primitive | Array | Map | Union | Named


class Field(NamedTuple):
    """One field of a record."""

    name: str
    type: Type
    has_default: bool
    default: object
    """As in JSON; None also where there is none."""
    aliases: tuple[str, ...]


class Record(NamedTuple):
    """Fields in the order of their bytes."""

    full_name: str
    aliases: tuple[str, ...]
    """Full names that it goes by as well, when it reads."""
    fields: tuple[Field, ...]


class Enum(NamedTuple):
    """One of several symbols."""

    full_name: str
    aliases: tuple[str, ...]
    symbols: tuple[str, ...]
    default: str | None
    """What a reader takes a symbol for that it does not know."""


class Fixed(NamedTuple):
    """So many bytes."""

    full_name: str
    aliases: tuple[str, ...]
    size: int


Definition = Record | Enum | Fixed
Definitions = Mapping[str, Definition]


def kind(one: Type, definitions: Definitions) -> str:
    """Give the word by which a schema names this kind of type; of a union `union`."""
    if isinstance(one, Primitive):
        return one.kind
    if isinstance(one, Named):
        return type(definitions[one.full_name]).__name__.lower()
    return type(one).__name__.lower()


def simple_name(full_name: str) -> str:
    """Give the last part of a name: two names are told apart by it where a reader meets a writer."""
    return full_name.rpartition(".")[2]
