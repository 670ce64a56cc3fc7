"""How a record says which schema its bytes are of: Confluent's wire format, in front of them or in a header.

Before the payload stand a zero byte and the id, four bytes, big-endian. In the headers `__key_schema_id` and `__value_schema_id`
stand a byte 1 and the schema's GUID, sixteen bytes, and the payload is bare. Behind either Protobuf has the way to its message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID  # noqa: TID251 - the type: none is drawn here

from producer.errors import MalformedError, SerializationError
from producer.wire.varint import decode_zigzag, encode_zigzag

if TYPE_CHECKING:
    from producer.serialization.serializer import HeaderList, Role

ID_MAGIC = 0
GUID_MAGIC = 1
ID_BYTES = 5
"""With the magic byte."""
GUID_BYTES = 17
INDEXES_MAX = 100
"""Messages within messages; schemas are refused at the same depth."""

SchemaKey = int | str
"""By what a schema is asked for: an id of one registry, or a GUID."""


class Framed(NamedTuple):
    """A payload, and what is said of it."""

    name: bytes
    """The bytes that name its schema, as they stand there."""
    payload: bytes
    """Of Protobuf with the indexes before it, unless they stand in the header."""
    header_rest: bytes | None
    """What stands behind the GUID in the header; None without one."""

    @property
    def key(self) -> SchemaKey:
        """What names its schema."""
        return schema_key(self.name)


def header_name(role: Role) -> str:
    """Name the header that has a schema's GUID."""
    return f"__{role.value}_schema_id"


def id_prefix(schema_id: int) -> bytes:
    """Give what stands before a payload of this schema."""
    return bytes((ID_MAGIC,)) + schema_id.to_bytes(4)


def guid_header(guid: str) -> bytes:
    """Give what stands in the header of a payload of this schema."""
    return bytes((GUID_MAGIC,)) + UUID(guid).bytes


def unframe(role: Role, headers: HeaderList, data: bytes) -> Framed:
    """Find the schema of a payload: its header is looked at first, the last one of that name. Raises SerializationError."""
    if headers:
        name = header_name(role)
        told = next((value for header, value in reversed(headers) if header == name), None)
        if told is not None:
            size = _name_bytes(told, f"header {name}")
            return Framed(told[:size], data, told[size:])
    size = _name_bytes(data, "it")
    return Framed(data[:size], data[size:], None)


def schema_key(name: bytes) -> SchemaKey:
    """Read what names a schema."""
    return int.from_bytes(name[1:]) if name[0] == ID_MAGIC else str(UUID(bytes=name[1:]))


def key_bytes(key: SchemaKey) -> bytes:
    """Write what names a schema: an id as it stands before a payload, a GUID as in a header."""
    return id_prefix(key) if isinstance(key, int) else guid_header(key)


def index_bytes(indexes: tuple[int, ...]) -> bytes:
    """Write the way to a Protobuf message: how many indexes, then each; the file's first message is one zero byte."""
    if indexes == (0,):
        return b"\0"
    return b"".join(encode_zigzag(number) for number in (len(indexes), *indexes))


def read_indexes(data: bytes) -> tuple[tuple[int, ...], bytes]:
    """Read the way to a message; give what stands behind it. Raises SerializationError."""
    at = 0

    def next_number(what: str) -> int:
        nonlocal at
        try:
            number, at = decode_zigzag(data, at)
        except MalformedError as error:
            raise SerializationError(f"{what} of the message's indexes: {error}", value=data) from error
        if number < 0:
            raise SerializationError(f"{what} of the message's indexes is {number}, must not be negative", value=data)
        return number

    count = next_number("the count")
    if count > INDEXES_MAX:
        raise SerializationError(f"{count} indexes to the message, must be at most {INDEXES_MAX}", value=data)
    return (tuple(next_number("one") for _ in range(count)) or (0,)), data[at:]


def _name_bytes(data: bytes, what: str) -> int:
    """Count the bytes in front that name a schema."""
    magic = data[0] if data else None
    if magic == ID_MAGIC and len(data) >= ID_BYTES:
        return ID_BYTES
    if magic == GUID_MAGIC and len(data) >= GUID_BYTES:
        return GUID_BYTES
    if magic in {ID_MAGIC, GUID_MAGIC}:
        raise SerializationError(f"{what} has {len(data)} bytes, too few for a schema's id", value=data)
    begins = "is empty" if magic is None else f"begins with byte {magic}"
    raise SerializationError(f"{what} {begins}, must begin with 0 or 1: it was not written with a schema", value=data)
