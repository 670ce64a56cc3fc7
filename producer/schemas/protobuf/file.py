"""A whole .proto file, from its text to a FileDescriptorProto whose types are still names."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from producer.schemas.protobuf.cursor import Cursor
from producer.schemas.protobuf.messages import read_enum, read_extend, read_message, read_option_line, read_service
from producer.schemas.protobuf.tokens import Token

SYNTAXES = ("proto2", "proto3")


def read_file(tokens: list[Token], name: str) -> FileDescriptorProto:
    """Read a file. Without a `syntax` it is proto2. Raises InvalidSchemaError, which names line and column."""
    cursor = Cursor(tokens)
    imported: set[str] = set()
    file = FileDescriptorProto(name=name)
    _read_syntax(cursor, file)
    while cursor.token.text:
        if cursor.accept(";"):
            continue
        word = cursor.expect("import", "package", "option", "message", "enum", "service", "extend")
        if word == "import":
            _read_import(cursor, file, imported)
        elif word == "package":
            if file.HasField("package"):
                cursor.refuse("a second package")
            file.package = cursor.dotted_name("a package")
            cursor.expect(";")
        elif word == "option":
            read_option_line(cursor, file.options)
        elif word == "message":
            read_message(cursor, file.message_type.add())
        elif word == "enum":
            read_enum(cursor, file.enum_type.add())
        elif word == "service":
            read_service(cursor, file.service.add())
        else:
            read_extend(cursor, file)
    return file


def _read_syntax(cursor: Cursor, file: FileDescriptorProto) -> None:
    if cursor.is_at("edition"):
        cursor.refuse("editions are not read, only proto2 and proto3")
    if not cursor.accept("syntax"):
        return
    cursor.expect("=")
    token = cursor.token
    syntax = cursor.string("the syntax")
    if syntax not in SYNTAXES:
        cursor.refuse(f"the syntax is {syntax!r}, must be {' or '.join(SYNTAXES)}", token)
    cursor.expect(";")
    cursor.is_proto3 = syntax == "proto3"
    if cursor.is_proto3:
        # A descriptor of proto2 says nothing of it.
        file.syntax = syntax


def _read_import(cursor: Cursor, file: FileDescriptorProto, imported: set[str]) -> None:
    token = cursor.token
    index = len(file.dependency)
    if cursor.accept("public"):
        file.public_dependency.append(index)
    elif cursor.accept("weak"):
        file.weak_dependency.append(index)
    path = cursor.string("the path of an import")
    cursor.expect(";")
    if path in imported:
        cursor.refuse(f"{path!r} is imported twice", token)
    imported.add(path)
    file.dependency.append(path)
