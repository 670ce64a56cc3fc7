"""Source of a function that writes a message: fields of a fixed size in one `pack`, all pieces joined once."""

from __future__ import annotations

from itertools import starmap
from typing import Any

from producer.wire.compiler.source import Source
from producer.wire.compiler.structure import Array, Field, Struct, Wire, struct_of
from producer.wire.schema import NUMBERS, Blob, Fixed, Text


def write_encoder(message: type[Any], version: int, *, is_flexible: bool, title: str) -> Source:
    """Write `encode(value)`; `title` names the message in errors."""
    encoder = _Encoder(version, is_flexible=is_flexible, title=title)
    encoder.write_message(struct_of(message))
    return encoder.source


class _Encoder:
    def __init__(self, version: int, *, is_flexible: bool, title: str) -> None:
        self.version = version
        self.is_flexible = is_flexible
        self.title = title
        self.source = Source("def encode(value):")
        self.codes = ""
        """The format of the fields that wait to be packed together; x is a byte of zero."""
        self.packed: list[str] = []
        """Their expressions."""
        self.pieces: list[str] = []
        """Expressions of bytes that wait to be put into a list in one line."""
        self.parts = "parts"
        """The list that takes them."""
        self.has_parts = False

    def write_message(self, struct: Struct) -> None:
        source = self.source
        with source.block("try:"):
            names = self.names_of(struct)
            if names:
                source.line(f"{_targets(names)} = value")
            self.write_fields(struct, names, "")
            source.line(f"return {self.joined()}")
        with source.block(f"except {source.runtime('UNWRITABLE')} as error:"):
            source.line(f"raise {source.runtime('unwritable')}({self.title!r}, error) from error")

    def names_of(self, struct: Struct) -> list[str]:
        return [self.source.local(field.name) for field in struct.fields]

    def write_fields(self, struct: Struct, names: list[str], path: str) -> None:
        tagged: dict[str, str] = {}
        for field, name in zip(struct.fields, names, strict=True):
            here = f"{path}{field.name}"
            if self.version not in field.versions:
                if not field.is_ignorable:
                    self.refuse_if(self.differs(field, name), here, name)
            elif field.tag is not None:
                tagged[field.name] = name
            else:
                is_nullable = field.is_nullable(self.version)
                if field.nullable_since is not None and not is_nullable:
                    self.refuse_if(f"{name} is None", here, name)
                self.write_value(field.wire, name, here, is_nullable=is_nullable)
        if tagged:
            fields = [(field, tagged[field.name], f"{path}{field.name}") for field in struct.tagged(self.version)]
            self.write_tags(fields)
        elif self.is_flexible:
            self.pack("x")

    def write_value(self, wire: Wire, name: str, path: str, *, is_nullable: bool) -> None:
        match wire:
            case Fixed():
                self.pack(wire.code, name)
            case Text():
                strings = self.source.strings(is_compact=self.is_flexible, is_nullable=is_nullable)
                self.put(f"{strings}[{name}]")
            case Blob():
                self.write_length(name, is_nullable=is_nullable)
                self.put(f'{name} or b""' if is_nullable else name)
            case Array(Fixed(code)) if code in NUMBERS:
                whole = f"{self.source.arrays(code, is_compact=self.is_flexible)}[{name}]"
                null = b"\x00" if self.is_flexible else b"\xff\xff\xff\xff"
                self.put(f"{null!r} if {name} is None else {whole}" if is_nullable else whole)
            case Array():
                self.write_length(name, is_nullable=is_nullable)
                self.write_elements(wire.element, f"{name} or ()" if is_nullable else name, path)
            case Struct() if is_nullable:
                self.write_struct_or_null(wire, name, path, null=b"\xff")
            case Struct():
                self.write_struct(wire, name, path)

    def write_struct_or_null(self, struct: Struct, name: str, path: str, *, null: bytes) -> None:
        self.flush()
        with self.source.block(f"if {name} is None:"):
            self.put(repr(null))
            self.flush()
        with self.source.block("else:"):
            self.put(repr(b"\x01"))
            self.write_struct(struct, name, path)
            self.flush()

    def write_struct(self, struct: Struct, name: str, path: str) -> None:
        names = self.names_of(struct)
        self.source.line(f"{_targets(names)} = {name}")
        self.write_fields(struct, names, f"{path}.")

    def write_length(self, name: str, *, is_nullable: bool) -> None:
        length = f"-1 if {name} is None else len({name})" if is_nullable else f"len({name})"
        if self.is_flexible:
            self.put(f"{self.source.runtime('LENGTHS')}[{length}]")
        else:
            self.pack("i", length)

    def write_elements(self, element: Wire, sequence: str, path: str) -> None:
        self.flush()
        source = self.source
        if isinstance(element, Text):
            strings = source.strings(is_compact=self.is_flexible, is_nullable=False)
            source.line(f"{self.parts} += [{strings}[text] for text in {sequence}]")
        elif isinstance(element, Struct):
            codes = self.only_numbers(element)
            if codes:
                each = source.constant("starmap", starmap)
                source.line(f"{self.parts} += {each}({source.packer(codes)}, {sequence})")
                return
            names = self.names_of(element)
            with source.block(f"for {_targets(names)} in {sequence}:"):
                self.write_fields(element, names, f"{path}.")
                self.flush()
        else:
            name = source.local("element")
            with source.block(f"for {name} in {sequence}:"):
                self.write_value(element, name, path, is_nullable=False)
                self.flush()

    def only_numbers(self, struct: Struct) -> str:
        """Give the format of a structure of which each field has a fixed size and is there; empty for another."""
        codes = ""
        for field in struct.fields:
            if not isinstance(field.wire, Fixed) or field.tag is not None or self.version not in field.versions:
                return ""
            codes += field.wire.code
        return codes + "x" if self.is_flexible else codes

    def write_tags(self, fields: list[tuple[Field, str, str]]) -> None:
        self.flush()
        source = self.source
        differ = [self.differs(field, name) for field, name, _ in fields]
        with source.block(f"if {' or '.join(differ)}:"):
            tags = source.local("tagged_fields")
            source.line(f"{tags} = []")
            for (field, name, path), differs in zip(fields, differ, strict=True):
                if len(fields) == 1:
                    source.line(f"{tags}.append(({field.tag}, {self.content(field, name, path)}))")
                    continue
                with source.block(f"if {differs}:"):
                    source.line(f"{tags}.append(({field.tag}, {self.content(field, name, path)}))")
            source.line(f"{self.parts}.append({source.runtime('encode_tags')}({tags}))")
        with source.block("else:"):
            source.line(f"{self.parts}.append({bytes(1)!r})")

    def content(self, field: Field, name: str, path: str) -> str:
        """Write one tagged field apart from the rest; give the expression of its bytes."""
        outside = self.parts, self.has_parts
        self.parts, self.has_parts = self.source.local("content"), False
        is_nullable = field.is_nullable(self.version)
        if isinstance(field.wire, Struct) and is_nullable:
            # Null is -1 where a structure has its place, and 0 in a tagged field.
            self.write_struct_or_null(field.wire, name, path, null=b"\x00")
        else:
            self.write_value(field.wire, name, path, is_nullable=is_nullable)
        expression = self.joined()
        self.parts, self.has_parts = outside
        return expression

    def differs(self, field: Field, name: str) -> str:
        """Give the expression that is true where a field is not at its default."""
        if field.default is None:
            return f"{name} is not None"
        if isinstance(field.wire, Struct):
            default = self.source.constant(f"NO_{field.name.upper()}", field.default)
            return f"{name} is not {default} and {name} != {default}"
        return f"{name} != {field.default!r}"

    def refuse_if(self, condition: str, path: str, name: str) -> None:
        with self.source.block(f"if {condition}:"):
            self.source.line(f"{self.source.runtime('refuse')}({self.title!r}, {path!r}, {name})")

    # -- pieces --------------------------------------------------------------------------------------------------------

    def pack(self, code: str, *expressions: str) -> None:
        """Add a field of a fixed size."""
        self.codes += code
        self.packed += expressions

    def put(self, expression: str) -> None:
        """Add an expression of bytes."""
        if self.packed:
            self.pieces.append(f"{self.source.packer(self.codes)}({', '.join(self.packed)})")
        elif self.codes:
            self.pieces.append(repr(bytes(len(self.codes))))
        self.codes, self.packed = "", []
        if expression:
            self.pieces.append(expression)

    def flush(self) -> None:
        """Put what waits into the list, which exists from then on."""
        self.put("")
        if not self.has_parts:
            self.source.line(f"{self.parts} = [{', '.join(self.pieces)}]")
            self.has_parts = True
        elif len(self.pieces) == 1:
            self.source.line(f"{self.parts}.append({self.pieces[0]})")
        elif self.pieces:
            self.source.line(f"{self.parts} += ({', '.join(self.pieces)})")
        self.pieces = []

    def joined(self) -> str:
        """Give the expression of all bytes."""
        if self.has_parts:
            self.flush()
            return f'b"".join({self.parts})'
        self.put("")
        pieces, self.pieces = self.pieces, []
        if len(pieces) > 1:
            return f'b"".join(({", ".join(pieces)}))'
        return pieces[0] if pieces else 'b""'


def _targets(names: list[str]) -> str:
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"
