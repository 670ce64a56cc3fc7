"""Names of types become full names: what a field is of, what an extension extends, what an rpc takes and returns."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from producer.schemas.protobuf.symbols import Symbol, Symbols, messages, visible, within
from producer.schemas.schema import InvalidSchemaError


def link(file: FileDescriptorProto, files: Mapping[str, FileDescriptorProto]) -> None:
    """Look up every name of a type in a file. `files` has, by path, what it imports. Raises InvalidSchemaError."""
    for path in file.dependency:
        if path not in files:
            raise InvalidSchemaError(f"import {path!r}: no reference has this name, and protobuf brings no such file")
    symbols = Symbols()
    for one in visible(file, files):
        symbols.add_file(one)
    symbols.add_file(file)
    for full_name, message in messages(file):
        for field in message.field:
            _link_field(field, full_name, symbols)
        for field in message.extension:
            _link_extension(field, full_name, symbols)
    for field in file.extension:
        _link_extension(field, file.package, symbols)
    for service in file.service:
        scope = within(file.package, service.name)
        for method in service.method:
            place = within(scope, method.name)
            method.input_type = _message(method.input_type, scope, symbols, place)
            method.output_type = _message(method.output_type, scope, symbols, place)


def _link_field(field: FieldDescriptorProto, scope: str, symbols: Symbols) -> None:
    if not field.type_name:
        return
    place = within(scope, field.name)
    full_name, symbol = symbols.type_named(field.type_name, scope, place)
    field.type_name = f".{full_name}"
    if not field.HasField("type"):
        is_message = symbol is Symbol.MESSAGE
        field.type = FieldDescriptorProto.TYPE_MESSAGE if is_message else FieldDescriptorProto.TYPE_ENUM
        if is_message and field.HasField("default_value"):
            raise InvalidSchemaError(f"{place}: a field of a message has no default")


def _link_extension(field: FieldDescriptorProto, scope: str, symbols: Symbols) -> None:
    field.extendee = _message(field.extendee, scope, symbols, within(scope, field.name))
    _link_field(field, scope, symbols)


def _message(name: str, scope: str, symbols: Symbols, place: str) -> str:
    full_name, symbol = symbols.type_named(name, scope, place)
    if symbol is not Symbol.MESSAGE:
        raise InvalidSchemaError(f"{place}: {name!r} is an enum, must be a message")
    return f".{full_name}"
