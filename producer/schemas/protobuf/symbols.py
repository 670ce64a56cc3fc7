"""The names of a file and of what it imports, and what a name in it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from producer.schemas.schema import InvalidSchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Symbol(Enum):
    """What a full name names."""

    PACKAGE = "package"
    MESSAGE = "message"
    ENUM = "enum"
    OTHER = "field, value, oneof or service"

    @property
    def has_names_within(self) -> bool:
        """Whether `name.more` may be looked for in it."""
        return self is not Symbol.OTHER

    @property
    def is_type(self) -> bool:
        """Whether a field may be of it."""
        return self in {Symbol.MESSAGE, Symbol.ENUM}


class Symbols:
    """Every name that can be seen from one file."""

    def __init__(self) -> None:
        self._known: dict[str, Symbol] = {}

    def add_file(self, file: FileDescriptorProto) -> None:
        """Add what a file defines. Raises InvalidSchemaError for a name that is taken."""
        parts = file.package.split(".") if file.package else []
        for number in range(1, len(parts) + 1):
            package = ".".join(parts[:number])
            if self._known.setdefault(package, Symbol.PACKAGE) is not Symbol.PACKAGE:
                raise InvalidSchemaError(f"package {package!r}: the name is taken by a {self._known[package].value}")
        for name, symbol in _defined(file):
            if name in self._known:
                raise InvalidSchemaError(f"{name!r} is defined twice")
            self._known[name] = symbol

    def type_named(self, name: str, scope: str, place: str) -> tuple[str, Symbol]:
        """Give the full name and the kind of the type that `name` stands for within a scope. Raises InvalidSchemaError.

        The innermost scope that knows the first part decides (language guide, "Packages and name resolution").
        """
        if name.startswith("."):
            found = self._known.get(name[1:])
            if found is None or not found.is_type:
                raise InvalidSchemaError(f"{place}: there is no type {name!r}")
            return name[1:], found
        first, _, rest = name.partition(".")
        around = scope
        while True:
            begins = f"{around}.{first}" if around else first
            symbol = self._known.get(begins)
            if symbol is not None and rest and symbol.has_names_within:
                full_name = f"{begins}.{rest}"
                found = self._known.get(full_name)
                if found is None or not found.is_type:
                    raise InvalidSchemaError(
                        f"{place}: {name!r} stands for {full_name!r} here, and there is no such type"
                        f" (a dot before it makes it a full name)"
                    )
                return full_name, found
            if symbol is not None and not rest and symbol.is_type:
                return begins, symbol
            if not around:
                raise InvalidSchemaError(f"{place}: there is no type {name!r}")
            around = around.rpartition(".")[0]


def visible(file: FileDescriptorProto, files: Mapping[str, FileDescriptorProto]) -> list[FileDescriptorProto]:
    """Give the files whose names a file can use: its imports, and what these import publicly."""
    found: dict[str, FileDescriptorProto] = {}
    left = list(file.dependency)
    while left:
        path = left.pop()
        if path in found:
            continue
        one = found[path] = files[path]
        left.extend(one.dependency[index] for index in one.public_dependency)
    return list(found.values())


def messages(file: FileDescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    """Give (full name, descriptor) of every message of a file, those within others behind them."""
    return _messages(file.message_type, file.package)


def within(scope: str, name: str) -> str:
    """Give the full name of what is defined within a scope."""
    return f"{scope}.{name}" if scope else name


def _messages(of: Iterable[DescriptorProto], scope: str) -> Iterator[tuple[str, DescriptorProto]]:
    left = [(within(scope, one.name), one) for one in reversed(list(of))]
    while left:
        full_name, message = left.pop()
        yield full_name, message
        left.extend((within(full_name, one.name), one) for one in reversed(message.nested_type))


def _defined(file: FileDescriptorProto) -> Iterator[tuple[str, Symbol]]:
    for full_name, message in messages(file):
        yield full_name, Symbol.MESSAGE
        yield from ((within(full_name, one.name), Symbol.OTHER) for one in (*message.field, *message.extension))
        yield from ((within(full_name, one.name), Symbol.OTHER) for one in message.oneof_decl)
        for enum in message.enum_type:
            yield within(full_name, enum.name), Symbol.ENUM
            # Values stand beside their enum, not in it, as in C++.
            yield from ((within(full_name, value.name), Symbol.OTHER) for value in enum.value)
    for enum in file.enum_type:
        yield within(file.package, enum.name), Symbol.ENUM
        yield from ((within(file.package, value.name), Symbol.OTHER) for value in enum.value)
    yield from ((within(file.package, one.name), Symbol.OTHER) for one in file.extension)
    for service in file.service:
        name = within(file.package, service.name)
        yield name, Symbol.OTHER
        yield from ((within(name, method.name), Symbol.OTHER) for method in service.method)
