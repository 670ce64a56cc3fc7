"""What a declaration says, as the compiler reads it: structures, their fields, the form of each."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints

from producer.wire.schema import Blob, Fixed, Ignorable, NullableSince, Tag, Text, Versions


class Array(NamedTuple):
    """A length and elements."""

    element: Wire


class Struct(NamedTuple):
    """Fields, one after the other; tagged ones behind them."""

    value: type[Any]
    """The NamedTuple that a reader gets."""
    fields: tuple[Field, ...]
    default: Any
    """The value whose fields are all at their defaults."""

    def tagged(self, version: int) -> list[Field]:
        """Give the tagged fields of a version, as they are sorted on the wire."""
        present = [one for one in self.fields if one.tag is not None and version in one.versions]
        return sorted(present, key=lambda one: one.tag or 0)


Wire: TypeAlias = Fixed | Text | Blob | Array | Struct
"""The form of a value on the wire."""


class Field(NamedTuple):
    """One field of a structure, in all the versions of its message."""

    name: str
    wire: Wire
    default: Any
    versions: Versions
    nullable_since: int | None
    """None where no version knows null."""
    tag: int | None
    is_ignorable: bool

    def is_nullable(self, version: int) -> bool:
        """Whether null can be sent in this version."""
        return self.nullable_since is not None and version >= self.nullable_since


def struct_of(declared: type[Any]) -> Struct:
    """Read a declaration. Raises TypeError where a field's annotation says nothing about the wire."""
    known = _STRUCTS.get(declared)
    if known is None:
        known = _STRUCTS[declared] = _read(declared)
    return known


_STRUCTS: dict[type[Any], Struct] = {}


def _read(declared: type[Any]) -> Struct:
    hints = get_type_hints(declared, include_extras=True)
    defaults: dict[str, Any] = declared._field_defaults
    missing = [name for name in hints if name not in defaults]
    if missing:
        raise TypeError(f"{declared.__name__}: no default for {', '.join(missing)}")
    fields = tuple([_field(f"{declared.__name__}.{name}", name, hints[name], defaults[name]) for name in hints])
    return Struct(declared, fields, declared())


def _field(path: str, name: str, hint: Any, default: Any) -> Field:
    marks: list[Any] = []
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
    inner, is_optional = _without_null(hint)
    wire = _wire(path, inner, marks)
    nullable = _mark(marks, NullableSince)
    if nullable is not None and not is_optional:
        raise TypeError(f"{path}: null is allowed since {nullable.version}, the type has no None")
    tagged = _mark(marks, Tag)
    return Field(
        name=name,
        wire=wire,
        default=default,
        versions=_mark(marks, Versions) or Versions(),
        nullable_since=(nullable.version if nullable else 0) if is_optional else None,
        tag=tagged.number if tagged else None,
        is_ignorable=_mark(marks, Ignorable) is not None,
    )


def _without_null(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in {Union, UnionType}:
        return hint, False
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0], len(kinds) < len(get_args(hint))


def _wire(path: str, hint: Any, marks: Iterable[Any] = ()) -> Wire:
    if get_origin(hint) is Annotated:
        hint, *own = get_args(hint)
        marks = [*own, *marks]
    for mark in marks:
        if isinstance(mark, Fixed | Text | Blob):
            return mark
    if get_origin(hint) is tuple:
        return Array(_wire(path, get_args(hint)[0]))
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        return struct_of(hint)
    raise TypeError(f"{path}: {hint} is no form on the wire")


def _mark(marks: Iterable[Any], kind: type[Any]) -> Any:
    return next((mark for mark in marks if isinstance(mark, kind)), None)
