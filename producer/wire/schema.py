"""How a message is declared: a NamedTuple whose annotations say what each field is on the wire, and since when.

    class Coordinator(NamedTuple):
        key: String = ""
        node_id: Int32 = 0

    class FindCoordinatorResponse(NamedTuple):
        throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
        error_code: Annotated[Int16, until(3)] = 0
        coordinators: Annotated[tuple[Coordinator, ...], since(4)] = ()

The type is the wire form: `Int32` is an int that takes four bytes, `String | None` a string that may be null,
`tuple[X, ...]` an array, another NamedTuple a structure. Lengths are compact in flexible versions by themselves
(KIP-482). Fields stand in the order of the wire, each with the default that a version without the field implies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin, get_type_hints

# -- what a declaration is written with ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value of a fixed size."""

    code: str
    """Its letter in a format of `struct`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A length and UTF-8."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A length and bytes."""


Boolean = Annotated[bool, Fixed("?")]
Int8 = Annotated[int, Fixed("b")]
Int16 = Annotated[int, Fixed("h")]
Uint16 = Annotated[int, Fixed("H")]
Int32 = Annotated[int, Fixed("i")]
Int64 = Annotated[int, Fixed("q")]
Float64 = Annotated[float, Fixed("d")]
Uuid = Annotated[bytes, Fixed("16s")]
"""16 raw bytes; `ZERO_ID` stands for none."""
String = Annotated[str, Text()]
Bytes = Annotated[bytes, Blob()]
Records = Annotated[bytes, Blob()]
"""Whole record batches; on the wire the same as `Bytes`."""

ZERO_ID = bytes(16)
"""The id that stands for "none"."""

NUMBERS = "bhHiq"
"""The letters of whole numbers: an array of them is read and written in one go."""

LAST = 1 << 15
"""Above every version."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that have the field, both ends included."""

    first: int = 0
    last: int = LAST

    def __contains__(self, version: int) -> bool:
        """Whether `version` has it."""
        return self.first <= version <= self.last


@dataclass(frozen=True, slots=True)
class NullableSince:
    """From which version on null may be sent; before it the field's type says more than the wire can."""

    version: int


@dataclass(frozen=True, slots=True)
class Tag:
    """The field's number among the tagged ones: sent only where it differs from the default."""

    number: int


@dataclass(frozen=True, slots=True)
class Ignorable:
    """See IGNORABLE."""


def since(version: int) -> Versions:
    """Give the mark of a field that came with `version`."""
    return Versions(first=version)


def until(version: int) -> Versions:
    """Give the mark of a field that `version` is the last to have."""
    return Versions(last=version)


def versions(first: int, last: int) -> Versions:
    """Give the mark of a field that came and went."""
    return Versions(first, last)


nullable_since = NullableSince
tag = Tag
IGNORABLE = Ignorable()
"""A version without the field drops the value. Without this mark, a value other than the default is refused there."""

# -- what the compiler reads -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Array:
    """A length and elements."""

    element: Wire


@dataclass(frozen=True, slots=True)
class Struct:
    """Fields, one after the other; tagged ones behind them."""

    value: type[Any]
    """The NamedTuple that a reader gets."""
    fields: tuple[Field, ...]
    default: Any = field(compare=False)
    """The value whose fields are all at their defaults."""

    def tagged(self, version: int) -> list[Field]:
        """Give the tagged fields of a version, as they are sorted on the wire."""
        present = [one for one in self.fields if one.tag is not None and version in one.versions]
        return sorted(present, key=lambda one: one.tag or 0)


Wire: TypeAlias = Fixed | Text | Blob | Array | Struct
"""The form of a value on the wire."""


@dataclass(frozen=True, slots=True)
class Field:
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
        is_ignorable=IGNORABLE in marks,
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
