"""Avro: whether the specification's resolution ("Schema Resolution") gives a value for all that the writer writes."""

from __future__ import annotations

from producer.schemas.avro.avro_schema import AvroSchema
from producer.schemas.avro.types import (
    Array,
    Definition,
    Definitions,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Primitive,
    Record,
    Type,
    Union,
    kind,
    simple_name,
)
from producer.schemas.compatibility.incompatibility import Incompatibility

PROMOTIONS = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
"""What else may read a writer's primitive type. Bytes that are no UTF-8 are no string all the same."""

Found = tuple[Incompatibility, ...]


def incompatibilities(reader: AvroSchema, writer: AvroSchema) -> Found:
    """Give every reason why `reader` cannot read what `writer` wrote; none if it can."""
    return _Resolution(reader.definitions, writer.definitions).of(reader.type, writer.type, reader.name)


class _Resolution:
    def __init__(self, reader: Definitions, writer: Definitions) -> None:
        self._reader = reader
        self._writer = writer
        self._branches_by_name: dict[int, dict[str, list[Type]]] = {}
        """By the id of the reader's union."""
        self._known: dict[tuple[str, str], Found] = {}
        """(reader's name, writer's name) -> what was found. What is being looked at counts as compatible: types may recur."""

    def of(self, reader: Type, writer: Type, path: str) -> Found:
        if isinstance(writer, Union):
            return self._branches(reader, writer, path)
        if isinstance(reader, Union):
            return self._into_union(reader, writer, path)
        if isinstance(reader, Named) and isinstance(writer, Named):
            return self._named(reader, writer, path)
        if isinstance(reader, Array) and isinstance(writer, Array):
            return self.of(reader.items, writer.items, f"{path}[]")
        if isinstance(reader, Map) and isinstance(writer, Map):
            return self.of(reader.values, writer.values, f"{path}{{}}")
        if isinstance(reader, Primitive) and isinstance(writer, Primitive) and _promotes(reader.kind, writer.kind):
            return ()
        return self._mismatch(reader, writer, path)

    def _branches(self, reader: Type, writer: Union, path: str) -> Found:
        """A record may be of any branch of the writer's union, so the reader must have a type for each."""
        found: list[Incompatibility] = []
        for branch in writer.branches:
            reasons = self.of(reader, branch, path)
            if reasons and isinstance(reader, Union):
                word = self._word(branch, self._writer)
                found.append(
                    Incompatibility(
                        path, "MISSING_UNION_BRANCH", f"the writer's union has {word}, the reader's has nothing for it"
                    )
                )
            found += reasons if not isinstance(reader, Union) else [one for one in reasons if one.path != path]
        return tuple(found)

    def _into_union(self, reader: Union, writer: Type, path: str) -> Found:
        nearest: Found = ()
        for branch in self._candidates(reader, writer):
            reasons = self.of(branch, writer, path)
            if not reasons:
                return ()
            if kind(branch, self._reader) == kind(writer, self._writer):
                nearest = reasons
        word = self._word(writer, self._writer)
        said = f"the writer has {word}, the reader's union has nothing for it"
        return (Incompatibility(path, "MISSING_UNION_BRANCH", said), *nearest)

    def _candidates(self, reader: Union, writer: Type) -> list[Type]:
        """Give the branches that are not ruled out by kind or name: there may be thousands."""
        index = self._branches_by_name.get(id(reader))
        if index is None:
            index = self._branches_by_name[id(reader)] = {}
            for branch in reader.branches:
                for name in self._names(branch):
                    index.setdefault(name, []).append(branch)
        if not isinstance(writer, Named):
            return index.get("", [])
        found = [*index.get(simple_name(writer.full_name), ()), *index.get(f".{writer.full_name}", ())]
        return list(dict.fromkeys(found))

    def _names(self, branch: Type) -> list[str]:
        """Give what a branch may be found by: its simple name, its aliases behind a dot, nothing if it has no name."""
        if not isinstance(branch, Named):
            return [""]
        return [simple_name(branch.full_name), *(f".{alias}" for alias in self._reader[branch.full_name].aliases)]

    def _named(self, reader: Named, writer: Named, path: str) -> Found:
        pair = (reader.full_name, writer.full_name)
        if pair in self._known:
            return self._known[pair]
        self._known[pair] = ()
        ours, theirs = self._reader[reader.full_name], self._writer[writer.full_name]
        self._known[pair] = found = self._defined(ours, theirs, path)
        return found

    def _defined(self, reader: Definition, writer: Definition, path: str) -> Found:
        if type(reader) is not type(writer):
            return self._mismatch(Named(reader.full_name), Named(writer.full_name), path)
        if not _is_named(reader, writer.full_name):
            said = f"the reader's is called {reader.full_name!r}, the writer's {writer.full_name!r}"
            return (Incompatibility(path, "NAME_MISMATCH", said),)
        if isinstance(reader, Record) and isinstance(writer, Record):
            return self._fields(reader, writer)
        if isinstance(reader, Enum) and isinstance(writer, Enum):
            return _symbols(reader, writer, path)
        if isinstance(reader, Fixed) and isinstance(writer, Fixed) and reader.size != writer.size:
            said = f"the reader has {reader.size} bytes, the writer {writer.size}"
            return (Incompatibility(path, "FIXED_SIZE_MISMATCH", said),)
        return ()

    def _fields(self, reader: Record, writer: Record) -> Found:
        written = {field.name: field for field in writer.fields}
        found: list[Incompatibility] = []
        for field in reader.fields:
            path = f"{reader.full_name}.{field.name}"
            theirs = _written(field, written)
            if theirs is not None:
                found += self.of(field.type, theirs.type, path)
            elif not field.has_default:
                said = "the reader wants it, the writer does not write it, and it has no default"
                found.append(Incompatibility(path, "READER_FIELD_MISSING_DEFAULT_VALUE", said))
        return tuple(found)

    def _mismatch(self, reader: Type, writer: Type, path: str) -> Found:
        said = f"the reader has {self._word(reader, self._reader)}, the writer {self._word(writer, self._writer)}"
        return (Incompatibility(path, "TYPE_MISMATCH", said),)

    def _word(self, one: Type, definitions: Definitions) -> str:
        word = kind(one, definitions)
        return f"{word} {one.full_name}" if isinstance(one, Named) else word


def _promotes(reader: str, writer: str) -> bool:
    return reader == writer or reader in PROMOTIONS.get(writer, ())


def _is_named(reader: Definition, writer: str) -> bool:
    """Names are the same if their last parts are, whatever the namespace; the reader's aliases count as names."""
    return simple_name(reader.full_name) == simple_name(writer) or writer in reader.aliases


def _written(field: Field, written: dict[str, Field]) -> Field | None:
    for name in (field.name, *field.aliases):
        if name in written:
            return written[name]
    return None


def _symbols(reader: Enum, writer: Enum, path: str) -> Found:
    known = set(reader.symbols)
    missing = [symbol for symbol in writer.symbols if symbol not in known]
    if not missing or reader.default is not None:
        return ()
    said = f"the writer has the symbols {', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}, the reader has neither them nor a default"
    return (Incompatibility(path, "MISSING_ENUM_SYMBOLS", said),)
