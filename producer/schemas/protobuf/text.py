"""A .proto file as text again: as its tokens were, or by its descriptor in one order for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
    UninterpretedOption,
)
from google.protobuf.message import Message

from producer.schemas.protobuf.fields import LABELS, SCALARS, escaped, json_name
from producer.schemas.protobuf.ranges import ENUM_HIGHEST, FIELD_NUMBER_MAX
from producer.schemas.protobuf.tokens import Kind, Token

_SCALAR_WORDS = {number: word for word, number in SCALARS.items()}
_LABEL_WORDS = {number: word for word, number in LABELS.items()}
_NO_BLANK_BEFORE = frozenset(";,.)]>")
_NO_BLANK_BEHIND = frozenset("(.[<")
_LINE_BEHIND = frozenset("{};")


def joined(tokens: Sequence[Token]) -> str:
    """Write tokens with one blank between those that need it, and a line for each statement."""
    parts: list[str] = []
    before = ""
    for token in tokens:
        if token.kind is Kind.END:
            break
        if before in _LINE_BEHIND:
            parts.append("\n")
        elif before and token.text not in _NO_BLANK_BEFORE and before not in _NO_BLANK_BEHIND:
            parts.append(" ")
        parts.append(token.text)
        before = token.text
    return "".join(parts) + "\n"


def file_text(file: FileDescriptorProto) -> str:
    """Write a linked file. What has no order has one here: imports, fields, options, reserved numbers."""
    return "\n".join(_Writer(file).lines()) + "\n"


class _Writer:
    def __init__(self, file: FileDescriptorProto) -> None:
        self._file = file
        self._is_proto3 = file.syntax == "proto3"

    def lines(self) -> list[str]:
        file = self._file
        lines = [f'syntax = "{file.syntax or "proto2"}";']
        if file.package:
            lines.append(f"package {file.package};")
        kinds = dict.fromkeys(file.public_dependency, "public ") | dict.fromkeys(file.weak_dependency, "weak ")
        lines += sorted(f"import {kinds.get(index, '')}{_quoted(path)};" for index, path in enumerate(file.dependency))
        lines += _option_lines(file.options)
        brought = _brought(file.extension)
        for message in file.message_type:
            full_name = _scope(f".{file.package}", message.name)
            if full_name in brought:
                lines += self._extension_lines(brought[full_name], {full_name: message})
            else:
                lines += self._message_lines(message, full_name)
        for enum in file.enum_type:
            lines += _enum_lines(enum)
        for field in file.extension:
            if field.type_name not in brought:
                lines += self._extension_lines(field, {})
        for service in file.service:
            lines += _service_lines(service)
        return lines

    def _message_lines(self, message: DescriptorProto, full_name: str) -> Iterator[str]:
        yield f"message {message.name} {{"
        yield from _indented(self._body(message, full_name))
        yield "}"

    def _body(self, message: DescriptorProto, full_name: str) -> Iterator[str]:
        yield from _option_lines(message.options)
        nested = {_scope(full_name, one.name): one for one in message.nested_type}
        maps = {name for name, one in nested.items() if one.options.map_entry}
        brought = _brought(message.extension)
        fields = {field.type_name: field for field in message.field if field.type_name in maps} | _brought(
            message.field
        )
        written: set[int] = set()
        waiting = [one.oneof_index for one in fields.values() if one.HasField("oneof_index")]
        for field in sorted(message.field, key=lambda one: one.number):
            if field.type_name not in fields and not (field.HasField("oneof_index") and field.oneof_index in waiting):
                yield from self._member_lines(message, field, nested, written)
        # Whatever brings a message along stands where that is among its neighbours: bytes name them by their numbers.
        for name, one in nested.items():
            if name in fields:
                yield from self._member_lines(message, fields[name], nested, written)
            elif name in brought:
                yield from self._extension_lines(brought[name], nested)
            else:
                yield from self._message_lines(one, name)
        for enum in message.enum_type:
            yield from _enum_lines(enum)
        for extensions in sorted(message.extension_range, key=lambda one: one.start):
            options = _inline_options(_options(extensions.options))
            yield f"extensions {_range(extensions.start, extensions.end - 1, FIELD_NUMBER_MAX)}{options};"
        for field in message.extension:
            if field.type_name not in brought:
                yield from self._extension_lines(field, nested)
        for reserved in sorted(message.reserved_range, key=lambda one: one.start):
            yield f"reserved {_range(reserved.start, reserved.end - 1, FIELD_NUMBER_MAX)};"
        yield from (f"reserved {_quoted(name)};" for name in sorted(message.reserved_name))

    def _member_lines(
        self,
        message: DescriptorProto,
        field: FieldDescriptorProto,
        nested: dict[str, DescriptorProto],
        written: set[int],
    ) -> Iterator[str]:
        """Write a field; one of a oneof with all of that, once. `written` has the oneofs that are."""
        if not field.HasField("oneof_index") or field.proto3_optional:
            yield from self._field_lines(field, nested)
        elif field.oneof_index not in written:
            written.add(field.oneof_index)
            yield from self._oneof_lines(message, field.oneof_index, nested)

    def _oneof_lines(self, message: DescriptorProto, index: int, nested: dict[str, DescriptorProto]) -> Iterator[str]:
        yield f"oneof {message.oneof_decl[index].name} {{"
        yield from _indented(_option_lines(message.oneof_decl[index].options))
        for field in sorted(message.field, key=lambda one: one.number):
            if field.HasField("oneof_index") and field.oneof_index == index:
                yield from _indented(self._field_lines(field, nested, has_label=False))
        yield "}"

    def _field_lines(
        self,
        field: FieldDescriptorProto,
        nested: dict[str, DescriptorProto],
        *,
        has_label: bool = True,
    ) -> Iterator[str]:
        said = _options(field.options)
        if field.HasField("default_value"):
            said.append(f"default = {_default(field)}")
        if field.json_name != json_name(field.name):
            said.append(f"json_name = {_quoted(field.json_name)}")
        options = _inline_options(sorted(said))
        message = nested.get(field.type_name)
        if message is not None and message.options.map_entry:
            key, value = message.field
            yield f"map<{_type(key)}, {_type(value)}> {field.name} = {field.number}{options};"
            return
        label = f"{_LABEL_WORDS[field.label]} " if has_label and not self._is_plain(field) else ""
        if message is not None and field.type == FieldDescriptorProto.TYPE_GROUP:
            yield f"{label}group {message.name} = {field.number}{options} {{"
            yield from _indented(self._body(message, field.type_name))
            yield "}"
            return
        yield f"{label}{_type(field)} {field.name} = {field.number}{options};"

    def _is_plain(self, field: FieldDescriptorProto) -> bool:
        """Whether it is a field of proto3 without a label, which the descriptor calls optional as well."""
        return self._is_proto3 and field.label == FieldDescriptorProto.LABEL_OPTIONAL and not field.proto3_optional

    def _extension_lines(self, field: FieldDescriptorProto, nested: dict[str, DescriptorProto]) -> Iterator[str]:
        yield f"extend {field.extendee} {{"
        yield from _indented(self._field_lines(field, nested))
        yield "}"


def _scope(scope: str, name: str) -> str:
    return f".{name}" if scope == "." else f"{scope}.{name}"


def _brought(fields: Iterable[FieldDescriptorProto]) -> dict[str, FieldDescriptorProto]:
    """Full name -> field, of the messages that fields define themselves: groups."""
    return {field.type_name: field for field in fields if field.type == FieldDescriptorProto.TYPE_GROUP}


def _type(field: FieldDescriptorProto) -> str:
    return field.type_name or _SCALAR_WORDS[field.type]


def _default(field: FieldDescriptorProto) -> str:
    if field.type == FieldDescriptorProto.TYPE_STRING:
        return _quoted(field.default_value)
    if field.type == FieldDescriptorProto.TYPE_BYTES:
        return f'"{field.default_value}"'
    return field.default_value


def _enum_lines(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    yield from _indented(_option_lines(enum.options))
    for value in enum.value:
        yield f"  {value.name} = {value.number}{_inline_options(_options(value.options))};"
    for reserved in sorted(enum.reserved_range, key=lambda one: one.start):
        yield f"  reserved {_range(reserved.start, reserved.end, ENUM_HIGHEST)};"
    yield from (f"  reserved {_quoted(name)};" for name in sorted(enum.reserved_name))
    yield "}"


def _service_lines(service: ServiceDescriptorProto) -> Iterator[str]:
    yield f"service {service.name} {{"
    yield from _indented(_option_lines(service.options))
    for method in service.method:
        takes = f"{'stream ' if method.client_streaming else ''}{method.input_type}"
        returns = f"{'stream ' if method.server_streaming else ''}{method.output_type}"
        options = _option_lines(method.options)
        yield f"  rpc {method.name} ({takes}) returns ({returns}){' {' if options else ';'}"
        yield from _indented(_indented(options))
        yield from ["  }"] if options else []
    yield "}"


def _option_lines(options: Message) -> list[str]:
    return [f"option {one};" for one in _options(options)]


def _inline_options(said: list[str]) -> str:
    return f" [{', '.join(said)}]" if said else ""


def _options(options: Message) -> list[str]:
    """Give `name = value` of each option, in the order of names."""
    said = []
    for field, value in options.ListFields():
        if field.name == "uninterpreted_option":
            said += [_uninterpreted(one) for one in value]
        else:
            values = value if field.is_repeated else [value]
            said += [f"{field.name} = {_option_value(field, one)}" for one in values]
    return sorted(said)


def _option_value(field: FieldDescriptor, value: object) -> str:
    if field.enum_type is not None:
        assert isinstance(value, int), f"{field.name} is an enum"
        return str(field.enum_type.values_by_number[value].name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else str(value)


def _uninterpreted(option: UninterpretedOption) -> str:
    name = ".".join(f"({one.name_part})" if one.is_extension else one.name_part for one in option.name)
    if option.HasField("string_value"):
        value = f'"{escaped(option.string_value)}"'
    elif option.HasField("aggregate_value"):
        value = f"{{ {option.aggregate_value} }}"
    else:
        ((_, one),) = [(field, value) for field, value in option.ListFields() if field.name != "name"]
        value = str(one)
    return f"{name} = {value}"


def _range(first: int, last: int, highest: int) -> str:
    if first == last:
        return str(first)
    return f"{first} to {'max' if last == highest else last}"


def _quoted(text: str) -> str:
    return f'"{escaped(text.encode())}"'


def _indented(lines: Iterable[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines)
