"""Source of a function that reads a message: a position in bytes, and fields of a fixed size by one `unpack`."""

from __future__ import annotations

from struct import calcsize
from typing import Any

from producer.wire.compiler.source import Source
from producer.wire.compiler.structure import Array, Field, Struct, Wire, struct_of
from producer.wire.schema import NUMBERS, Blob, Fixed, Text


def write_decoder(message: type[Any], version: int, *, is_flexible: bool, title: str) -> Source:
    """Write `decode(data)`; `title` names the message in errors."""
    decoder = _Decoder(version, is_flexible=is_flexible, title=title)
    decoder.write_message(struct_of(message))
    return decoder.source


class _Decoder:
    def __init__(self, version: int, *, is_flexible: bool, title: str) -> None:
        self.version = version
        self.is_flexible = is_flexible
        self.title = title
        self.source = Source("def decode(data):")
        self.codes = ""
        """The format of the fields that wait to be unpacked together."""
        self.targets: list[str] = []
        """Their variables."""
        # A compact length is one more than it means, so that 0 is null (KIP-482).
        self.length = "n - 1" if is_flexible else "n"
        self.is_present = "n" if is_flexible else "n >= 0"

    def write_message(self, struct: Struct) -> None:
        source = self.source
        source.line("at = 0")
        with source.block("try:"):
            source.line(f"value = {self.read_struct(struct)}")
        with source.block(f"except {source.runtime('UNREADABLE')} as error:"):
            source.line(f"raise {source.runtime('malformed')}({self.title!r}, data, at, error) from error")
        # Slices and skips beyond the end raise nothing: whoever went there has left `at` behind the end.
        with source.block("if at > len(data):"):
            source.line(f"raise {source.runtime('cut_off')}({self.title!r}, data, at)")
        source.line("return value")

    # -- values: each function gives the expression of what it read ----------------------------------------------------

    def read_struct(self, struct: Struct) -> str:
        values = {}
        for field in struct.fields:
            if self.version not in field.versions:
                values[field.name] = self.default(field)
            elif field.tag is None:
                is_nullable = field.is_nullable(self.version)
                values[field.name] = self.read_value(field.wire, field.name, is_nullable=is_nullable)
        if self.is_flexible:
            self.unpack_now("B")
            values |= self.read_tags(struct)
        self.flush()
        self.source.constant("new", tuple.__new__)
        made = self.source.constant(struct.value.__name__, struct.value)
        listed = ", ".join([values[field.name] for field in struct.fields])
        return f"new({made}, ({listed}{',' if len(values) == 1 else ''}))"

    def read_value(self, wire: Wire, wanted: str, *, is_nullable: bool) -> str:
        match wire:
            case Fixed():
                return self.unpack(wire.code, wanted)
            case Text():
                self.read_length("h", "compact_string_length", is_nullable=is_nullable)
                return self.slice(wanted, f"{self.source.runtime('TEXTS')}[data[at:end]]", is_nullable=is_nullable)
            case Blob():
                self.read_length("i", "compact_length", is_nullable=is_nullable)
                return self.slice(wanted, "data[at:end]", is_nullable=is_nullable)
            case Array(Fixed(code)) if code in NUMBERS:
                return self.read_numbers(code, wanted, is_nullable=is_nullable)
            case Array():
                return self.read_array(wire.element, wanted, is_nullable=is_nullable)
            case Struct() if is_nullable:
                return self.read_struct_or_null(wire, wanted, present="n >= 0")
            case Struct():
                return self.read_struct(wire)

    def read_length(self, code: str, compact: str, *, is_nullable: bool) -> None:
        """Read a length into `n`; `code` is its legacy form, `compact` the function for the rare long ones."""
        line = self.source.line
        if self.is_flexible:
            self.unpack_now("B")
            longer, function = ("n > 127", compact) if is_nullable else ("not 0 < n < 128", f"{compact}_not_null")
            line(f"if {longer}:")
            line(f"    n, at = {self.source.runtime(function)}(data, at, n)")
        else:
            self.unpack_now(code)
            if not is_nullable:
                line("if n < 0:")
                line(f"    raise {self.source.runtime('null_at')}(at)")

    def slice(self, wanted: str, expression: str, *, is_nullable: bool) -> str:
        """Read `n` bytes by an expression over `data[at:end]`."""
        name = self.source.local(wanted)
        lines = [f"end = at + {self.length}", f"{name} = {expression}", "at = end"]
        self.or_null(name, lines, is_nullable=is_nullable)
        return name

    def or_null(self, name: str, lines: list[str], *, is_nullable: bool) -> None:
        """Write the lines; where null is allowed, for a length that is not null."""
        if not is_nullable:
            for line in lines:
                self.source.line(line)
            return
        with self.source.block(f"if {self.is_present}:"):
            for line in lines:
                self.source.line(line)
        with self.source.block("else:"):
            self.source.line(f"{name} = None")

    def read_numbers(self, code: str, wanted: str, *, is_nullable: bool) -> str:
        """Read an array of numbers; short ones by a function that is ready."""
        source = self.source
        name = source.local(wanted)
        self.unpack_now("B" if self.is_flexible else "i")
        size = calcsize(f">{code}")
        shift = self.length if size == 1 else f"{size} * ({self.length})" if self.is_flexible else f"{size} * n"
        with source.block(f"if 0 {'<' if self.is_flexible else '<='} n < 17:"):
            source.line(f"{name} = {source.unpackers(code)}[{self.length}](data, at)")
            source.line(f"at += {shift}")
        function = f"{'compact_' if self.is_flexible else ''}array{'_or_null' if is_nullable else ''}"
        with source.block("else:"):
            source.line(f"{name}, at = {source.runtime(function)}(data, at, n, {code!r})")
        return name

    def read_array(self, element: Wire, wanted: str, *, is_nullable: bool) -> str:
        source = self.source
        if self.is_flexible:
            self.read_length("i", "compact_length", is_nullable=is_nullable)
        else:
            self.unpack_now("i")
            within = "n <= len(data) - at" if is_nullable else "0 <= n <= len(data) - at"
            with source.block(f"if not {within}:"):
                source.line(f"raise {source.runtime('impossible')}(data, at, n)")
        name = source.local(wanted)
        if not is_nullable:
            return self.read_elements(element, name)
        with source.block(f"if {self.is_present}:"):
            read = self.read_elements(element, name)
            if read != name:
                source.line(f"{name} = {read}")
        with source.block("else:"):
            source.line(f"{name} = None")
        return name

    def read_elements(self, element: Wire, name: str) -> str:
        """Read `n` elements."""
        source = self.source
        codes = self.only_numbers(element)
        if codes and isinstance(element, Struct):
            each = source.each_unpacker(codes)
            source.constant("new", tuple.__new__)
            made = source.constant(element.value.__name__, element.value)
            source.line(f"end = at + {calcsize(f'>{codes}')} * n")
            source.line(f"{name} = tuple([new({made}, one) for one in {each}(data[at:end])])")
            source.line("at = end")
            return name
        source.line(f"{name} = []")
        with source.block(f"for _ in range({self.length}):"):
            one = self.read_value(element, "element", is_nullable=False)
            self.flush()
            source.line(f"{name}.append({one})")
        return f"tuple({name})"

    def only_numbers(self, wire: Wire) -> str:
        """Give the format of a structure whose size is the same each time; empty for another."""
        codes = ""
        if self.is_flexible or not isinstance(wire, Struct):
            return ""
        for field in wire.fields:
            if not isinstance(field.wire, Fixed) or field.tag is not None or self.version not in field.versions:
                return ""
            codes += field.wire.code
        return codes

    def read_struct_or_null(self, struct: Struct, wanted: str, *, present: str) -> str:
        source = self.source
        self.unpack_now("b")
        name = source.local(wanted)
        with source.block(f"if {present}:"):
            source.line(f"{name} = {self.read_struct(struct)}")
        with source.block("else:"):
            source.line(f"{name} = None")
        return name

    def read_tags(self, struct: Struct) -> dict[str, str]:
        """Read the tagged fields, whose number is in `n`; give the expression of each."""
        source = self.source
        present = struct.tagged(self.version)
        foreign = tuple(sorted(one.tag for one in struct.fields if one.tag is not None and one not in present))
        others = f", {foreign!r}" if foreign else ""
        if not present:
            source.line("if n:")
            source.line(f"    at = {source.runtime('skip_all')}(data, at, n{others})")
            return {}
        names = {field.name: source.local(field.name) for field in present}
        for field in present:
            source.line(f"{names[field.name]} = {self.default(field)}")
        with source.block("if n:"):
            source.line("if n > 127:")
            source.line(f"    n, at = {source.runtime('unsigned')}(data, at, n)")
            with source.block("for _ in range(n):"):
                source.line(f"tag, size, at = {source.runtime('tagged')}(data, at)")
                for index, field in enumerate(present):
                    with source.block(f"{'elif' if index else 'if'} tag == {field.tag}:"):
                        name, is_nullable = names[field.name], field.is_nullable(self.version)
                        if isinstance(field.wire, Struct) and is_nullable:
                            # Null is -1 where a structure has its place, and 0 in a tagged field.
                            value = self.read_struct_or_null(field.wire, field.name, present="n > 0")
                        else:
                            value = self.read_value(field.wire, field.name, is_nullable=is_nullable)
                        self.flush()
                        source.line(f"{name} = {value}")
                source.line("else:")
                source.line(f"    at = {source.runtime('skip')}(data, at, tag, size{others})")
        return names

    def default(self, field: Field) -> str:
        if isinstance(field.wire, Struct) and field.default is not None:
            return self.source.constant(f"NO_{field.name.upper()}", field.default)
        if isinstance(field.wire, Fixed) and isinstance(field.default, bytes):
            return self.source.constant("ZERO_ID", field.default)
        return repr(field.default)

    # -- fields of a fixed size ----------------------------------------------------------------------------------------

    def unpack(self, code: str, wanted: str) -> str:
        """Read one together with its neighbours, when `flush` is called; give its variable."""
        name = self.source.local(wanted)
        self.codes += code
        self.targets.append(name)
        return name

    def unpack_now(self, code: str) -> None:
        """Read a number that decides what follows into `n`, together with what waits."""
        self.codes += code
        self.targets.append("n")
        self.flush()

    def flush(self) -> None:
        """Read what waits."""
        if not self.codes:
            return
        if self.codes == "B":
            self.source.line("n = data[at]")
        else:
            targets = ", ".join(self.targets) if len(self.targets) > 1 else f"({self.targets[0]},)"
            self.source.line(f"{targets} = {self.source.unpacker(self.codes)}(data, at)")
        self.source.line(f"at += {calcsize(f'>{self.codes}')}")
        self.codes, self.targets = "", []
