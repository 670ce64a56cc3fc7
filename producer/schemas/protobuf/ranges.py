"""Which numbers fields and enum values may have, and the ranges that are reserved or left to extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

from producer.schemas.protobuf.options import read_option
from producer.schemas.protobuf.tokens import Kind

if TYPE_CHECKING:
    from producer.schemas.protobuf.cursor import Cursor

FIELD_NUMBER_MAX = 2**29 - 1
FIRST_OF_THE_LIBRARY, LAST_OF_THE_LIBRARY = 19_000, 19_999
"""Numbers that Protocol Buffers keeps for itself."""
ENUM_LOWEST, ENUM_HIGHEST = -(2**31), 2**31 - 1


def read_range(cursor: Cursor, lowest: int, highest: int) -> tuple[int, int]:
    """Take `N`, `N to M` or `N to max`; both ends are included."""
    begin = cursor.token
    first = cursor.integer("a number of a range", lowest, highest)
    last = first
    if cursor.accept("to"):
        last = highest if cursor.accept("max") else cursor.integer("a number of a range", lowest, highest)
    if last < first:
        cursor.refuse(f"the range {first} to {last} ends before it begins", begin)
    return first, last


def read_reserved(cursor: Cursor, into: descriptor_pb2.DescriptorProto | descriptor_pb2.EnumDescriptorProto) -> None:
    """Read what follows the word `reserved`: names, or ranges. An enum's include their last number, a message's do not."""
    if cursor.token.kind is Kind.STRING:
        while True:
            into.reserved_name.append(cursor.string("a reserved name"))
            if not cursor.accept(","):
                break
    else:
        while True:
            if isinstance(into, descriptor_pb2.EnumDescriptorProto):
                first, last = read_range(cursor, ENUM_LOWEST, ENUM_HIGHEST)
                into.reserved_range.add(start=first, end=last)
            else:
                first, last = read_range(cursor, 1, FIELD_NUMBER_MAX)
                into.reserved_range.add(start=first, end=last + 1)
            if not cursor.accept(","):
                break
    cursor.expect(";")


def read_extension_ranges(cursor: Cursor, message: descriptor_pb2.DescriptorProto) -> None:
    """Read what follows the word `extensions`."""
    begin = len(message.extension_range)
    while True:
        first, last = read_range(cursor, 1, FIELD_NUMBER_MAX)
        message.extension_range.add(start=first, end=last + 1)
        if not cursor.accept(","):
            break
    if cursor.accept("["):
        options = descriptor_pb2.ExtensionRangeOptions()
        while True:
            read_option(cursor, options)
            if not cursor.accept(","):
                break
        cursor.expect("]")
        for one in message.extension_range[begin:]:
            one.options.CopyFrom(options)
    cursor.expect(";")
