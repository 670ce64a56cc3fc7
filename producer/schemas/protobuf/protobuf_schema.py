"""One Protobuf schema: a file's descriptor, those of what it imports, and what makes its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules

import google.protobuf
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from producer.schemas.protobuf.file import read_file
from producer.schemas.protobuf.linking import link
from producer.schemas.protobuf.rules import check
from producer.schemas.protobuf.symbols import messages
from producer.schemas.protobuf.text import file_text, joined
from producer.schemas.protobuf.tokens import Token, tokens
from producer.schemas.references import in_order
from producer.schemas.schema import InvalidSchemaError, Schema

OWN_NAME = "schema.proto"
"""The path of the file itself, which no registry is told; one in front where a reference has it."""


@dataclass(frozen=True, eq=False)
class ProtobufSchema:
    """What a .proto file says."""

    schema: Schema
    file: FileDescriptorProto
    """Types are full names. Options that protoc does not know by itself are `uninterpreted_option`."""
    files: Mapping[str, FileDescriptorProto]
    """By path: what the file imports, and what that needs, each behind all that it needs itself."""
    tokens: tuple[Token, ...]

    @property
    def name(self) -> str:
        """Full name of the first message; empty if there is none."""
        return next((full_name for full_name, _ in messages(self.file)), "")

    @cached_property
    def canonical(self) -> str:
        """The file without comments and without its layout."""
        return joined(self.tokens)

    @cached_property
    def normalized(self) -> str:
        """The file with full names of types; imports, fields, options and reserved numbers in order.

        Messages stay in their order: it is what the bytes of a record name them by.
        """
        return file_text(self.file)

    @cached_property
    def pool(self) -> DescriptorPool:
        """Gives descriptors by full name, and with google.protobuf.message_factory the classes of messages."""
        pool = DescriptorPool()
        for file in [*self.files.values(), self.file]:
            _add(pool, file)
        return pool

    @cached_property
    def messages(self) -> Mapping[str, DescriptorProto]:
        """Every message of the file, by full name."""
        return dict(messages(self.file))


def parse_protobuf(schema: Schema, referenced: Mapping[str, Schema]) -> ProtobufSchema:
    """Read a .proto file; its imports are references by their paths, or come with protobuf. Raises InvalidSchemaError."""
    files: dict[str, FileDescriptorProto] = {}
    for name, one in in_order(schema, referenced):
        try:
            files[name] = _file(tokens(one.text), name, files)
        except InvalidSchemaError as error:
            raise InvalidSchemaError(f"reference {name!r}: {error}") from error
    name = OWN_NAME
    while name in files:
        name = f"_{name}"
    cut = tokens(schema.text)
    if len(cut) == 1:
        raise InvalidSchemaError("the schema is empty")
    found = ProtobufSchema(schema, _file(cut, name, files), files, tuple(cut))
    # What protobuf itself would refuse later, when a record comes, is refused now.
    _ = found.pool
    return found


def _file(cut: list[Token], name: str, files: dict[str, FileDescriptorProto]) -> FileDescriptorProto:
    file = read_file(cut, name)
    for path in file.dependency:
        _bring(path, files)
    link(file, files)
    check(file)
    return file


def _bring(path: str, files: dict[str, FileDescriptorProto]) -> None:
    """Add one of the files that come with protobuf, and what it needs, if the path is that of one."""
    if path in files or path not in BROUGHT:
        return
    module = import_module(BROUGHT[path])
    file = FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(file)
    for one in file.dependency:
        _bring(one, files)
    files[path] = file


def _brought() -> dict[str, str]:
    """Path -> module, of the files that come with protobuf."""
    return {
        f"google/protobuf/{one.name.removesuffix('_pb2')}.proto": f"google.protobuf.{one.name}"
        for one in iter_modules(google.protobuf.__path__)
        if one.name.endswith("_pb2")
    }


BROUGHT = _brought()


def _add(pool: DescriptorPool, file: FileDescriptorProto) -> None:
    try:
        pool.AddSerializedFile(file.SerializeToString())
    except (TypeError, ValueError) as error:
        raise InvalidSchemaError(f"{file.name}: {error}") from error
