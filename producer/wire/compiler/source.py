"""Python source as it is written: lines, names that do not clash, and the values that the names stand for."""

from __future__ import annotations

import builtins
import keyword
import linecache
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import Struct
from typing import Any

from producer.wire.compiler import runtime

_INDENT = "    "
_BUILT_IN = frozenset((*keyword.kwlist, *vars(builtins)))
_OURS = ("pack_", "unpack_", "compact_", "string", "array_")
"""How the names begin that are given here."""


class Source:
    """One function in the making. `run` ends it."""

    def __init__(self, head: str) -> None:
        """Begin with the line `head`."""
        self.lines = [head]
        self.depth = 1
        self.globals: dict[str, Any] = {}
        self._taken = {
            "data",
            "at",
            "n",
            "end",
            "value",
            "parts",
            "tags",
            "tag",
            "size",
            "error",
            "_",
            "new",
            "one",
            "text",
        }

    def line(self, text: str) -> None:
        """Write one line."""
        self.lines.append(f"{_INDENT * self.depth}{text}")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent what is written inside."""
        self.line(head)
        self.depth += 1
        yield
        self.depth -= 1

    def local(self, wanted: str) -> str:
        """Give a name for a local variable: the one that is wanted, or the next that is free."""
        if wanted.startswith(_OURS):
            wanted = f"field_{wanted}"
        name, number = wanted, 1
        while name in self._taken or name in _BUILT_IN or hasattr(runtime, name):
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name

    def constant(self, name: str, value: Any) -> str:
        """Give a name by which the source knows a value; the same value keeps the name it has."""
        wanted, number = name, 1
        while self.globals.setdefault(name, value) is not value:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def packer(self, codes: str) -> str:
        """Name the function that packs fields of a fixed size."""
        name = f"pack_{_letters(codes)}"
        if name not in self.globals:
            self.globals[name] = Struct(f">{codes}").pack
        return name

    def unpacker(self, codes: str) -> str:
        """Name the function that unpacks fields of a fixed size."""
        name = f"unpack_{_letters(codes)}"
        if name not in self.globals:
            self.globals[name] = Struct(f">{codes}").unpack_from
        return name

    def each_unpacker(self, codes: str) -> str:
        """Name the function that unpacks structures of a fixed size, one after the other."""
        name = f"unpack_each_{_letters(codes)}"
        if name not in self.globals:
            self.globals[name] = Struct(f">{codes}").iter_unpack
        return name

    def strings(self, *, is_compact: bool, is_nullable: bool) -> str:
        """Name the cache of encoded strings."""
        name = f"{'compact_' if is_compact else ''}string{'_or_null' if is_nullable else ''}"
        self.globals[name] = runtime.STRINGS[name]
        return name

    def arrays(self, code: str, *, is_compact: bool) -> str:
        """Name the cache of encoded arrays of numbers."""
        name = f"{'compact_' if is_compact else ''}array_{_letters(code)}"
        if name not in runtime.ARRAYS:
            runtime.ARRAYS[name] = runtime.Arrays(code, is_compact=is_compact)
        self.globals[name] = runtime.ARRAYS[name]
        return name

    def unpackers(self, code: str) -> str:
        """Name the functions that read short arrays of numbers."""
        name = f"unpack_array_{_letters(code)}"
        if name not in runtime.UNPACKERS:
            runtime.UNPACKERS[name] = runtime.Unpackers(code)
        self.globals[name] = runtime.UNPACKERS[name]
        return name

    def runtime(self, name: str) -> str:
        """Name something of the runtime."""
        self.globals[name] = getattr(runtime, name)
        return name

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines) + "\n"

    def run(self, name: str, title: str) -> Callable[..., Any]:
        """Execute it and give the function. Tracebacks show its lines, under the file name `<title>`."""
        text, file_name = self.text, f"<{title}>"
        linecache.cache[file_name] = (len(text), None, text.splitlines(keepends=True), file_name)
        exec(compile(text, file_name, "exec"), self.globals)  # noqa: S102 - our own text, from our own declarations
        function: Callable[..., Any] = self.globals[name]
        return function


def _letters(codes: str) -> str:
    # "16s" and "?" are no part of a name.
    return codes.replace("16s", "u").replace("?", "t")
