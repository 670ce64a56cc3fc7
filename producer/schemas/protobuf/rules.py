"""What protoc refuses in a file whose grammar is right: numbers used twice, reserved names, enums without a zero."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from producer.schemas.protobuf.ranges import FIRST_OF_THE_LIBRARY, LAST_OF_THE_LIBRARY
from producer.schemas.protobuf.symbols import messages, within
from producer.schemas.schema import InvalidSchemaError

OPTIONS_OF_PROTOC = "google.protobuf."
"""What proto3 may extend: custom options are extensions of these messages."""


def check(file: FileDescriptorProto) -> None:
    """Look at every message and enum of a linked file. Raises InvalidSchemaError, which names message and field."""
    is_proto3 = file.syntax == "proto3"
    for full_name, message in messages(file):
        _check_numbers(full_name, message)
        _check_json_names(full_name, message, is_proto3=is_proto3)
        for enum in message.enum_type:
            _check_enum(within(full_name, enum.name), enum, is_proto3=is_proto3)
        _check_extensions(full_name, list(message.extension), is_proto3=is_proto3)
    for enum in file.enum_type:
        _check_enum(within(file.package, enum.name), enum, is_proto3=is_proto3)
    _check_extensions(file.package, list(file.extension), is_proto3=is_proto3)


def _check_numbers(full_name: str, message: DescriptorProto) -> None:
    reserved = [(one.start, one.end - 1, "reserved") for one in message.reserved_range]
    reserved += [(one.start, one.end - 1, "left to extensions") for one in message.extension_range]
    _check_overlaps(full_name, reserved)
    _check_reserved_names(full_name, list(message.reserved_name))
    names = set(message.reserved_name)
    used: dict[int, str] = {}
    for field in message.field:
        place = f"{full_name}.{field.name}"
        if field.number in used:
            raise InvalidSchemaError(f"{place}: the number {field.number} is that of {used[field.number]!r} as well")
        used[field.number] = field.name
        if FIRST_OF_THE_LIBRARY <= field.number <= LAST_OF_THE_LIBRARY:
            raise InvalidSchemaError(
                f"{place}: the number {field.number} is kept for Protocol Buffers itself, as all of "
                f"{FIRST_OF_THE_LIBRARY} to {LAST_OF_THE_LIBRARY}"
            )
        if field.name in names:
            raise InvalidSchemaError(f"{place}: the name {field.name!r} is reserved")
    for number, why in _in_ranges(sorted(used), reserved):
        raise InvalidSchemaError(f"{full_name}.{used[number]}: the number {number} is {why}")


def _check_json_names(full_name: str, message: DescriptorProto, *, is_proto3: bool) -> None:
    if not is_proto3:
        return
    used: dict[str, str] = {}
    for field in message.field:
        if field.json_name in used:
            raise InvalidSchemaError(
                f"{full_name}.{field.name}: in JSON its name is {field.json_name!r}, "
                f"and so is that of {used[field.json_name]!r}"
            )
        used[field.json_name] = field.name


def _check_enum(full_name: str, enum: EnumDescriptorProto, *, is_proto3: bool) -> None:
    if is_proto3 and enum.value[0].number != 0:
        raise InvalidSchemaError(
            f"{full_name}.{enum.value[0].name}: the first value of an enum of proto3 must be 0, "
            f"it is {enum.value[0].number}"
        )
    reserved = [(one.start, one.end, "reserved") for one in enum.reserved_range]
    _check_overlaps(full_name, reserved)
    _check_reserved_names(full_name, list(enum.reserved_name))
    names = set(enum.reserved_name)
    used: dict[int, str] = {}
    for value in enum.value:
        place = f"{full_name}.{value.name}"
        if value.number in used and not enum.options.allow_alias:
            raise InvalidSchemaError(
                f"{place}: the number {value.number} is that of {used[value.number]!r} as well, without allow_alias"
            )
        used.setdefault(value.number, value.name)
        if value.name in names:
            raise InvalidSchemaError(f"{place}: the name {value.name!r} is reserved")
    for number, why in _in_ranges(sorted(used), reserved):
        raise InvalidSchemaError(f"{full_name}.{used[number]}: the number {number} is {why}")


def _check_extensions(scope: str, extensions: list[FieldDescriptorProto], *, is_proto3: bool) -> None:
    for field in extensions:
        if is_proto3 and not field.extendee.startswith(f".{OPTIONS_OF_PROTOC}"):
            raise InvalidSchemaError(
                f"{within(scope, field.name)}: proto3 extends nothing but options, not {field.extendee!r}"
            )


def _check_reserved_names(full_name: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidSchemaError(f"{full_name}: the name {name!r} is reserved twice")
        seen.add(name)


def _check_overlaps(full_name: str, ranges: list[tuple[int, int, str]]) -> None:
    ranges.sort()
    for (_, last, _), (first, end, _) in pairwise(ranges):
        if first <= last:
            raise InvalidSchemaError(f"{full_name}: the range {first} to {end} overlaps with one that ends at {last}")


def _in_ranges(numbers: list[int], ranges: list[tuple[int, int, str]]) -> Iterator[tuple[int, str]]:
    """Give the numbers that lie in ranges, both in order, with what the range is."""
    at = 0
    for number in numbers:
        while at < len(ranges) and ranges[at][1] < number:
            at += 1
        if at < len(ranges) and ranges[at][0] <= number:
            yield number, ranges[at][2]
